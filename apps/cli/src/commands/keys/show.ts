import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import {
  grantText,
  keyFields,
  limitsText,
  minute,
  plainKey,
  spelled,
  stateOf,
  type KeyAnswer,
  type SecretAnswer,
} from './key-fields.ts';

const query = `query Key($id: ID!) { key(id: $id) { ${keyFields} secrets { kind createdAt expiresAt lastUsedAt } } }`;

type ShownKey = KeyAnswer & { readonly secrets: readonly SecretAnswer[] };

/** Shows one key whole; its secret is not among what is kept. */
export async function showKey(id: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { key } = await client.query<{ key: ShownKey | null }>(query, { id }, { signal });
  if (key === null)
    throw new CliError('NOT_FOUND', `There is no key "${printable(id)}"; "certfolio keys list" shows all.`);
  const secrets = key.secrets.map((secret) => ({ ...secret, kind: spelled(secret.kind) }));
  const plain = { ...plainKey(key), secrets };
  if (json) {
    terminal.line(JSON.stringify(plain, null, 2));
    return exitCodes.ok;
  }
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
    ['limits', limitsText(plain)],
    ['REST façade', plain.restAsSet === null ? `${plain.rest} (not set)` : plain.rest],
    ...(plain.inUrl ? [['in URL', 'yes']] : []),
    ...plain.variables.map(({ name, values }) => ['fixed', `${name}=${values.join(',')}`]),
    ...(plain.managedBy === null ? [] : [['applied from', plain.managedBy]]),
    ['made', plain.createdAt],
    ['last used', plain.lastUsedAt ?? 'never'],
    ['state', stateOf(plain, session.nowMs())],
  ];
  terminal.line(`${renderTable(['WHAT', 'KEY'], facts, terminal)}\n`);
  const nowMs = session.nowMs();
  const rows = secrets.map((secret) => [
    secret.kind,
    minute(secret.createdAt) ?? '',
    minute(secret.lastUsedAt) ?? 'never',
    stateOf({ ...secret, revokedAt: plain.revokedAt }, nowMs),
  ]);
  terminal.line(renderTable(['SECRET', 'MADE', 'LAST USED', 'STATE'], rows, terminal));
  return exitCodes.ok;
}
