import { hash } from 'node:crypto';
import { scopeKey } from '@certfolio/core';
import type { Caller, ReadyOperation } from './types.ts';

/**
 * A text that is equal for two runs exactly when their answers are interchangeable: the same document, operation and
 * variables, the same account, scope, rights to fields and row cap, the same freshness. An operation that looks at the key
 * itself adds the key, and one that is passed through shares with nobody.
 */
export function runKey(
  { principal, prepared, operationName, isKeyless }: ReadyOperation,
  variables: Readonly<Record<string, unknown>>,
  caller: Caller,
): string {
  const facts = [
    prepared.hash,
    operationName,
    canonical(variables),
    principal.account,
    scopeKey(principal.scope),
    principal.fields === 'all' ? 'all' : [...principal.fields].sort(),
    principal.limits.rows,
    caller.maxAgeMs,
    isKeyless ? null : principal.keyId,
    principal.upstreamKey?.id ?? null,
  ];
  return hash('sha256', JSON.stringify(facts), 'base64url');
}

/** Equal for equal values, whatever the order of members. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]));
}
