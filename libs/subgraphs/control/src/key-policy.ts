import { parseKeyPolicy, type KeyPolicy } from '@certfolio/access';
import { keyLevels, type KeyLimits, type Principal } from '@certfolio/core';
import { fromEnumName } from './enum-names.ts';

/** `CreateKeyInput` as GraphQL hands it over: what is absent may be null too. */
export interface CreateKeyInput {
  readonly name: string;
  readonly owner?: string | null;
  readonly level?: string | null;
  readonly templates?: { readonly names: readonly string[]; readonly tags: readonly string[] } | null;
  readonly scopes?: readonly string[] | null;
  readonly containers?: readonly number[] | null;
  readonly fields?: readonly string[] | null;
  readonly limits?:
    | ({ readonly [Name in Exclude<keyof KeyLimits, 'mode'>]?: number | null } & { readonly mode?: string | null })
    | null;
  readonly expiresAt?: string | null;
  readonly account?: string | null;
}

const modes = ['enforce', 'shadow'] as const;

/**
 * The policy that is asked for. Owner and account are the caller's when they are left out, the rest has the defaults of all keys.
 *
 * @throws BadUserInput naming everything that is wrong with it
 */
export function policyOf(input: CreateKeyInput, principal: Principal, nowMs: number): KeyPolicy {
  const { requestsPerMinute: rate, burst, costPerMinute: cost, rows, concurrent, mode } = input.limits ?? {};
  const policy = {
    name: input.name,
    owner: input.owner ?? principal.owner,
    level: input.level == null ? null : fromEnumName(keyLevels, input.level),
    templates: input.templates,
    scopes: input.scopes,
    containers: input.containers,
    fields: input.fields,
    limits: present({ rate, burst, cost, rows, concurrent, mode: mode == null ? null : fromEnumName(modes, mode) }),
    expires: input.expiresAt,
    account: input.account ?? principal.account,
  };
  return parseKeyPolicy(present(policy), nowMs);
}

/** Null and undefined both mean "not said". */
function present(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value != null));
}
