import { exitCodes, type ExitCode } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { rowsText, runFields, type RunAnswer } from './run-fields.ts';

export async function listRuns(
  { schedule, limit }: { readonly schedule?: string; readonly limit: string },
  session: Session,
): Promise<ExitCode> {
  const first = Number(limit);
  if (!Number.isInteger(first) || first < 1)
    throw new UsageError(`--limit takes a whole number from 1; "${limit}" is none.`);
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { runs } = await client.query<{ runs: readonly RunAnswer[] }>(
    `query ($schedule: String, $first: Int) { runs(schedule: $schedule, first: $first) { ${runFields} } }`,
    { schedule: schedule ?? null, first },
    { signal },
  );
  if (json) {
    terminal.line(JSON.stringify(runs, null, 2));
    return exitCodes.ok;
  }
  const rows = runs.map((run) => [
    run.id,
    run.schedule,
    run.slot,
    run.trigger,
    run.state.toLowerCase().replaceAll('_', ' '),
    rowsText(run),
    run.reason ?? '',
  ]);
  if (rows.length > 0)
    terminal.line(`${renderTable(['RUN', 'SCHEDULE', 'SLOT', 'WHY', 'STATE', 'ROWS', 'REASON'], rows, terminal)}\n`);
  terminal.line(counted(rows.length, 'run'));
  return exitCodes.ok;
}
