import { exitCodes, type ExitCode, type GatewayClient } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { rowsText, runFields, type RunAnswer } from './run-fields.ts';

export async function findRun(id: string, client: GatewayClient, signal: AbortSignal): Promise<RunAnswer> {
  const { run } = await client.query<{ run: RunAnswer | null }>(
    `query ($id: ID!) { run(id: $id) { ${runFields} } }`,
    { id },
    { signal },
  );
  if (run === null)
    throw new CliError('NOT_FOUND', `There is no run "${printable(id)}"; "certfolio runs list" shows the last ones.`);
  return run;
}

export async function showRun(id: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const run = await findRun(id, await session.client(), signal);
  if (json) {
    terminal.line(JSON.stringify(run, null, 2));
    return exitCodes.ok;
  }
  const facts: readonly (readonly [string, string | null])[] = [
    ['run', run.id],
    ['schedule', run.schedule],
    ['owner', run.owner],
    ['state', run.state.toLowerCase().replaceAll('_', ' ')],
    ['reason', run.reason],
    ['slot', run.slot],
    ['why', run.trigger],
    ['attempts', String(run.attempts)],
    ['took', run.durationMs === null ? null : `${run.durationMs} ms`],
    ['template', run.template],
    ['variables', run.variables],
    ['rows', rowsText(run)],
    ['data as of', run.dataAsOf],
    ['rows SHA-256', run.rowsHash],
  ];
  const shown = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null && fact[1] !== '');
  terminal.line(renderTable(['WHAT', 'RUN'], shown, terminal));
  if (run.files.length > 0)
    terminal.line(
      `\n${renderTable(
        ['FILE', 'BYTES', 'SHA-256'],
        run.files.map(({ name, bytes, sha256 }) => [name, String(bytes), sha256]),
        terminal,
      )}`,
    );
  if (run.deliveries.length > 0)
    terminal.line(
      `\n${renderTable(
        ['KIND', 'DESTINATION', 'RECIPIENT', 'STATE', 'REFERENCE OR ERROR'],
        run.deliveries.map((each) => [
          each.kind,
          each.destination,
          each.recipient,
          each.state,
          each.reference ?? each.error ?? '',
        ]),
        terminal,
      )}`,
    );
  return exitCodes.ok;
}
