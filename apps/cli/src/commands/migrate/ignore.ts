import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { readExpiry } from '../keys/create-options.ts';
import { day, ruleFields, type RuleAnswer } from './migration-fields.ts';

export interface AddRuleFlags {
  readonly route?: string;
  readonly reason: string;
  readonly until: string;
}

export async function addRule(field: string, flags: AddRuleFlags, session: Session): Promise<ExitCode> {
  const expiresAt = readExpiry(flags.until, session.nowMs(), '--until').toISOString();
  const client = await session.client();
  const { rule } = await client.query<{ rule: RuleAnswer }>(
    `mutation ($route: String, $field: String!, $reason: String!, $expiresAt: DateTime!) {
       rule: addIgnoreRule(route: $route, field: $field, reason: $reason, expiresAt: $expiresAt) { ${ruleFields} } }`,
    { route: flags.route ?? null, field, reason: flags.reason, expiresAt },
    { signal: session.signal },
  );
  session.terminal.line(
    session.json
      ? JSON.stringify(rule, null, 2)
      : `${rule.id}: differences of ${printable(rule.field)} on ${rule.route ?? 'all routes'} do not count until ${day(rule.expiresAt)}`,
  );
  return exitCodes.ok;
}

export async function listRules({ client: connect, terminal, json, signal }: Session): Promise<ExitCode> {
  const client = await connect();
  const { migration } = await client.query<{ migration: { readonly rules: readonly RuleAnswer[] } }>(
    `{ migration { rules { ${ruleFields} } } }`,
    {},
    { signal },
  );
  if (json) {
    terminal.line(JSON.stringify(migration.rules, null, 2));
    return exitCodes.ok;
  }
  const rows = migration.rules.map(({ id, route, field, reason, expiresAt, isExpired, createdBy }) => [
    ...[id, route ?? 'all', field, isExpired ? `${day(expiresAt)} (expired: it counts)` : day(expiresAt), createdBy],
    reason,
  ]);
  if (rows.length > 0)
    terminal.line(`${renderTable(['ID', 'ROUTE', 'FIELD', 'UNTIL', 'BY KEY', 'REASON'], rows, terminal)}\n`);
  terminal.line(counted(rows.length, 'rule'));
  return exitCodes.ok;
}

export async function removeRule(id: string, { client: connect, terminal, json, signal }: Session): Promise<ExitCode> {
  const client = await connect();
  const { removed } = await client.query<{ removed: boolean }>(
    'mutation ($id: ID!) { removed: removeIgnoreRule(id: $id) }',
    { id },
    { signal },
  );
  if (!removed)
    throw new CliError('NOT_FOUND', `There is no rule "${printable(id)}"; "certfolio migrate ignore list" shows all.`);
  terminal.line(json ? JSON.stringify({ id, outcome: 'removed' }) : `${id}: removed`);
  return exitCodes.ok;
}
