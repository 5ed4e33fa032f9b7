import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { grantText, keyFields, minute, plainKey, stateOf, type KeyAnswer } from './key-fields.ts';

/** Lists all keys; no secret is among what it can see. */
export async function listKeys(session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { keys } = await client.query<{ keys: readonly KeyAnswer[] }>(`{ keys { ${keyFields} } }`, {}, { signal });
  const plain = keys.map(plainKey);
  if (json) {
    terminal.line(JSON.stringify(plain, null, 2));
    return exitCodes.ok;
  }
  const rows = plain.map((key) => [
    key.id,
    key.name,
    key.owner,
    key.account,
    key.level,
    grantText(key.templates),
    key.scopes.join(','),
    key.containers === null ? 'all' : key.containers.join(',') || 'none',
    `${key.limits.requestsPerMinute}/min`,
    minute(key.lastUsedAt) ?? 'never',
    stateOf(key, session.nowMs()),
  ]);
  if (rows.length > 0)
    terminal.line(
      `${renderTable(['ID', 'NAME', 'OWNER', 'ACCOUNT', 'LEVEL', 'TEMPLATES', 'SCOPES', 'DIVISIONS', 'RATE', 'LAST USED', 'STATE'], rows, terminal)}\n`,
    );
  terminal.line(counted(rows.length, 'key'));
  return exitCodes.ok;
}
