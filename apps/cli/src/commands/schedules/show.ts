import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { scheduleFields, stateText, type ScheduleAnswer } from './schedule-fields.ts';

const query = `query Schedule($name: String!) { schedule(name: $name) { ${scheduleFields(5, 10)} } }`;

export async function showSchedule(name: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { schedule } = await client.query<{ schedule: ScheduleAnswer | null }>(query, { name }, { signal });
  if (schedule === null)
    throw new CliError('NOT_FOUND', `There is no schedule "${printable(name)}"; "certfolio schedules list" shows all.`);
  if (json) {
    terminal.line(JSON.stringify({ ...schedule, definition: JSON.parse(schedule.definition) }, null, 2));
    return exitCodes.ok;
  }
  const facts = [
    ['name', schedule.name],
    ['owner', schedule.owner],
    ['runs as key', schedule.runAs],
    ['state', stateText(schedule)],
    ...Object.entries(JSON.parse(schedule.definition) as Record<string, unknown>)
      .filter(([member, value]) => member !== 'name' && value !== null)
      .map(([member, value]) => [member, typeof value === 'string' ? value : JSON.stringify(value)]),
    ...schedule.nextSlots.map(({ local }, index) => [index === 0 ? 'next' : '', local]),
  ];
  terminal.line(renderTable(['WHAT', 'SCHEDULE'], facts as string[][], terminal));
  if (schedule.runs.length === 0) return exitCodes.ok;
  const runs = schedule.runs.map(({ id, slot, state, rows, reason }) => [
    id,
    slot,
    state.toLowerCase().replaceAll('_', ' '),
    rows === null ? '' : String(rows),
    reason ?? '',
  ]);
  terminal.line(`\n${renderTable(['RUN', 'SLOT', 'STATE', 'ROWS', 'REASON'], runs, terminal)}`);
  return exitCodes.ok;
}
