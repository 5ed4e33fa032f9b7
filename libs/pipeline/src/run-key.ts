import { scopeKey, type Principal } from '@certfolio/core';
import type { Caller, ReadyOperation } from './types.ts';

/**
 * A text that is equal for two runs exactly when their answers are interchangeable: the same document, operation and
 * variables, the same account, scope, rights to fields and row cap, the same freshness. An operation that looks at the key
 * itself adds the key, and one that is passed through shares with nobody. As long as the variables: who keeps it for long keeps
 * its hash.
 */
export function runKey(
  { principal, prepared, operationName, isKeyless }: ReadyOperation,
  variables: Readonly<Record<string, unknown>>,
  caller: Caller,
): string {
  const own = [
    operationName,
    canonical(variables),
    caller.maxAgeMs,
    isKeyless ? null : principal.keyId,
    principal.upstreamKey?.id ?? null,
  ];
  return `${prepared.hash} ${rightsOf(principal)} ${JSON.stringify(own)}`;
}

/** A principal serves many requests, for as long as its key is remembered. */
const knownRights = new WeakMap<Principal, string>();

/** Equal for principals who see the same rows and fields. JSON, so that it cannot run into what stands beside it. */
function rightsOf(principal: Principal): string {
  const known = knownRights.get(principal);
  if (known !== undefined) return known;
  const { account, scope, fields, limits } = principal;
  const rights = JSON.stringify([account, scopeKey(scope), fields === 'all' ? 'all' : [...fields].sort(), limits.rows]);
  knownRights.set(principal, rights);
  return rights;
}

/** Equal for equal values, whatever the order of members. */
export function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const members = Object.entries(value);
  if (members.length > 1) members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]));
}
