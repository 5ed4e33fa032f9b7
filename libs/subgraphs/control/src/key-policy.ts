import { parseKeyPolicy, type Key, type KeyPolicy } from '@certfolio/access';
import { BadUserInput, keyLevels, restRights, type KeyLimits, type Principal } from '@certfolio/core';
import { fromEnumName } from './enum-names.ts';

/** Variables of mutations that no log and no record may have, as paths below the variables. */
export const secretVariables = ['input.adoptSha256', 'sha256'] as const;

interface FixedVariableInput {
  readonly name: string;
  readonly values: readonly string[];
}

type LimitsInput = { readonly [Name in Exclude<keyof KeyLimits, 'mode'>]?: number | null } & {
  readonly mode?: string | null;
};

/** `CreateKeyInput` as GraphQL hands it over: what is absent may be null too. */
export interface CreateKeyInput {
  readonly name: string;
  readonly owner?: string | null;
  readonly level?: string | null;
  readonly templates?: { readonly names: readonly string[]; readonly tags: readonly string[] } | null;
  readonly scopes?: readonly string[] | null;
  readonly containers?: readonly number[] | null;
  readonly fields?: readonly string[] | null;
  readonly limits?: LimitsInput | null;
  readonly expiresAt?: string | null;
  readonly account?: string | null;
  readonly tier?: string | null;
  readonly managedBy?: string | null;
  readonly variables?: readonly FixedVariableInput[] | null;
  readonly inUrl?: boolean | null;
  readonly rest?: string | null;
  readonly adoptSha256?: string | null;
}

/** `UpdateKeyInput`: what is absent stays, and a null can mean "all" or "never". */
export type UpdateKeyInput = Partial<Omit<CreateKeyInput, 'name' | 'inUrl' | 'adoptSha256'>> & {
  readonly name?: string | null;
};

const modes = ['enforce', 'shadow'] as const;

/**
 * The policy that is asked for. Owner and account are the caller's when they are left out, the rest has the defaults of all keys.
 *
 * @throws BadUserInput naming everything that is wrong with it
 */
export function policyOf(input: CreateKeyInput, principal: Principal, nowMs: number): KeyPolicy {
  const policy = {
    name: input.name,
    owner: input.owner ?? principal.owner,
    level: levelOf(input.level),
    templates: input.templates,
    scopes: input.scopes,
    containers: input.containers,
    fields: input.fields,
    limits: input.limits == null ? null : limitsOf(input.limits),
    expires: input.expiresAt,
    account: input.account ?? principal.account,
    tier: input.tier,
    managedBy: input.managedBy,
    variables: input.variables,
    inUrl: input.inUrl,
    rest: restOf(input.rest),
  };
  return parseKeyPolicy(present(policy), nowMs);
}

/**
 * The policy of a key with what is asked for in place of what it had.
 *
 * @throws BadUserInput naming everything that is wrong with it
 */
export function changedPolicy(key: Key, input: UpdateKeyInput, nowMs: number): KeyPolicy {
  const isSaid = (name: keyof UpdateKeyInput) => input[name] !== undefined;
  const tier = isSaid('tier') ? (input.tier ?? null) : input.limits == null ? key.tier : null;
  const policy = {
    name: input.name ?? key.name,
    owner: input.owner ?? key.owner,
    level: levelOf(input.level) ?? key.level,
    templates: isSaid('templates') ? (input.templates ?? 'all') : key.templates,
    scopes: input.scopes ?? key.scopes,
    containers: isSaid('containers') ? input.containers : key.containers,
    fields: isSaid('fields') ? input.fields : key.fields,
    limits:
      input.limits == null ? null : { ...limitsOf(following(key.limits, input.limits)), ...limitsOf(input.limits) },
    expires: input.expiresAt,
    account: input.account ?? key.account,
    tier,
    managedBy: isSaid('managedBy') ? input.managedBy : key.managedBy,
    variables: input.variables ?? [...key.variables].map(([name, values]) => ({ name, values })),
    inUrl: key.inUrl,
    rest: isSaid('rest') ? restOf(input.rest) : key.rest,
  };
  const parsed = parseKeyPolicy(present(policy), nowMs);
  return {
    ...parsed,
    limits: input.limits == null ? key.limits : parsed.limits,
    expiresAt: isSaid('expiresAt') ? parsed.expiresAt : key.expiresAt,
  };
}

/** A burst that was as large as the rate follows it. */
function following(limits: KeyLimits, input: LimitsInput): LimitsInput {
  const { burst, ...rest } = limits;
  return input.requestsPerMinute != null && burst === limits.requestsPerMinute ? rest : limits;
}

function limitsOf(input: LimitsInput): Record<string, unknown> {
  const { requestsPerMinute: rate, burst, costPerMinute: cost, rows, concurrent, mode } = input;
  const spelled = mode == null ? null : (fromEnumName(modes, mode) ?? mode);
  return present({ rate, burst, cost, rows, concurrent, mode: spelled });
}

const levelOf = (level: string | null | undefined) => (level == null ? null : fromEnumName(keyLevels, level));

const restOf = (rest: string | null | undefined) => (rest == null ? null : fromEnumName(restRights, rest));

/** SHA-256 of a CertCentral key. @throws BadUserInput */
export function readSha256(hex: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, 'hex');
  throw new BadUserInput('A CertCentral key is adopted by its SHA-256, in 64 hex digits; never send the key itself.');
}

/** Null and undefined both mean "not said". */
function present(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value != null));
}
