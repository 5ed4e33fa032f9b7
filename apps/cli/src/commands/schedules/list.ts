import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { scheduleFields, stateText, type ScheduleAnswer } from './schedule-fields.ts';

export async function listSchedules(session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { schedules } = await client.query<{ schedules: readonly ScheduleAnswer[] }>(
    `{ schedules { ${scheduleFields(1, 1)} } }`,
    {},
    { signal },
  );
  if (json) {
    terminal.line(JSON.stringify(schedules, null, 2));
    return exitCodes.ok;
  }
  const rows = schedules.map((each) => [
    each.name,
    each.owner,
    each.template,
    `${each.cron} ${each.zone}`,
    stateText(each),
    each.nextSlots[0]?.local ?? '',
    each.runs[0] === undefined ? 'never' : each.runs[0].state.toLowerCase().replaceAll('_', ' '),
  ]);
  if (rows.length > 0)
    terminal.line(
      `${renderTable(['NAME', 'OWNER', 'TEMPLATE', 'WHEN', 'STATE', 'NEXT', 'LAST RUN'], rows, terminal)}\n`,
    );
  terminal.line(counted(rows.length, 'schedule'));
  return exitCodes.ok;
}
