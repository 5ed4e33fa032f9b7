import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { spelled } from '../keys/key-fields.ts';

const query = `query Limits($key: ID) {
  limits(key: $key) { keyId name mode rows concurrent running buckets { policy perMinute burst remaining fullInMs } }
}`;

interface LimitState {
  readonly keyId: string;
  readonly name: string;
  readonly mode: string;
  readonly rows: number;
  readonly concurrent: number;
  readonly running: number;
  readonly buckets: readonly {
    readonly policy: string;
    readonly perMinute: number;
    readonly burst: number;
    readonly remaining: number;
    readonly fullInMs: number;
  }[];
}

/** Shows what a key may spend and what is left. @param key null for the one in use */
export async function showLimits(key: string | null, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { limits } = await client.query<{ limits: LimitState | null }>(query, { key }, { signal });
  if (limits === null)
    throw new CliError('NOT_FOUND', `There is no key "${printable(key ?? '')}"; "certfolio keys list" shows all.`);
  const { name, keyId, mode, rows, concurrent, running, buckets } = limits;
  if (json) {
    terminal.line(JSON.stringify({ ...limits, mode: spelled(mode) }, null, 2));
    return exitCodes.ok;
  }
  const table = [
    ...buckets.map(({ policy, perMinute, burst, remaining, fullInMs }) => [
      policy,
      `${perMinute} per minute, ${burst} at once`,
      String(remaining),
      fullInMs === 0 ? 'now' : `in ${Math.ceil(fullInMs / 1_000)} s`,
    ]),
    ['concurrent', `${concurrent} at once`, String(Math.max(0, concurrent - running)), ''],
    ['rows', `${rows} per run`, '', ''],
  ];
  terminal.line(`${renderTable(['LIMIT', 'ALLOWED', 'LEFT', 'FULL'], table, terminal)}\n`);
  const told = mode === 'SHADOW' ? 'counted, nothing is refused' : 'enforced';
  terminal.line(`Key ${keyId} (${printable(name)}), limits ${told}.`);
  return exitCodes.ok;
}
