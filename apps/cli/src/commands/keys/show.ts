import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { grantText, keyFields, plainKey, stateOf, type KeyAnswer } from './key-fields.ts';

const query = `query Key($id: ID!) { key(id: $id) { ${keyFields} } }`;

/** Shows one key whole; its secret is not among what is kept. */
export async function showKey(id: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { key } = await client.query<{ key: KeyAnswer | null }>(query, { id }, { signal });
  if (key === null)
    throw new CliError('NOT_FOUND', `There is no key "${printable(id)}"; "certfolio keys list" shows all.`);
  const plain = plainKey(key);
  if (json) {
    terminal.line(JSON.stringify(plain, null, 2));
    return exitCodes.ok;
  }
  const { requestsPerMinute, burst, costPerMinute, rows, concurrent, mode } = plain.limits;
  const listed = (members: readonly (string | number)[] | null) =>
    members === null ? 'all' : members.join(', ') || 'none';
  const facts = [
    ['id', plain.id],
    ['name', plain.name],
    ['owner', plain.owner],
    ['account', plain.account],
    ['level', plain.level],
    ['templates', grantText(plain.templates)],
    ['scopes', listed(plain.scopes)],
    ['divisions', listed(plain.containers)],
    ['sensitive fields', listed(plain.fields)],
    [
      'limits',
      `${requestsPerMinute}/min, burst ${burst}, ${costPerMinute} points/min, ${rows} rows, ${concurrent} at once, ${mode}`,
    ],
    ['made', plain.createdAt],
    ['last used', plain.lastUsedAt ?? 'never'],
    ['state', stateOf(plain, session.nowMs())],
  ];
  terminal.line(renderTable(['WHAT', 'KEY'], facts, terminal));
  return exitCodes.ok;
}
