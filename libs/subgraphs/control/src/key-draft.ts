import {
  BadUserInput,
  containerId,
  keyLevels,
  keyScopes,
  orderFields,
  type KeyLimits,
  type Principal,
  type SensitiveGroup,
} from '@certfolio/core';
import { fromEnumName } from './enum-names.ts';
import type { KeyDraft } from './ports.ts';

/** `CreateKeyInput` as GraphQL hands it over. */
export interface CreateKeyInput {
  readonly name: string;
  readonly owner?: string | null;
  readonly level: string;
  readonly templates?: { readonly names: readonly string[]; readonly tags: readonly string[] } | null;
  readonly scopes: readonly string[];
  readonly containers?: readonly number[] | null;
  readonly fields?: readonly string[] | null;
  readonly limits?: { readonly [Name in Exclude<keyof KeyLimits, 'mode'>]?: number | null } & {
    readonly mode?: string | null;
  };
  readonly expiresAt?: string | null;
  readonly account?: string | null;
}

const sensitiveGroups = [...new Set([...orderFields.values()].flatMap(({ sensitive }) => sensitive ?? []))];
const modes = ['enforce', 'shadow'] as const;

/**
 * The key that is asked for, with what is left out filled in.
 *
 * @throws BadUserInput naming the value that is none and the ones there are
 */
export function draftOf(input: CreateKeyInput, principal: Principal, nowMs: number): KeyDraft {
  const level = fromEnumName(keyLevels, input.level);
  if (level === undefined) throw new BadUserInput(`"${input.level}" is no level.`);
  const expiresAt = input.expiresAt == null ? null : new Date(input.expiresAt);
  if (expiresAt !== null && expiresAt.getTime() <= nowMs) throw new BadUserInput('The key would have expired already.');
  return {
    name: text(input.name, 'name'),
    owner: text(input.owner ?? principal.owner, 'owner'),
    level,
    templates:
      input.templates == null ? 'all' : { names: new Set(input.templates.names), tags: new Set(input.templates.tags) },
    scopes: new Set(input.scopes.map((scope) => oneOf(keyScopes, scope, 'scope'))),
    containers: input.containers == null ? 'all' : new Set(input.containers.map(containerId)),
    fields:
      input.fields == null
        ? 'all'
        : new Set(input.fields.map((field): SensitiveGroup => oneOf(sensitiveGroups, field, 'sensitive field'))),
    limits: limitsOf(input.limits ?? {}),
    expiresAt,
    account: input.account ?? principal.account,
  };
}

function limitsOf({ mode, ...numbers }: NonNullable<CreateKeyInput['limits']>): Partial<KeyLimits> {
  const given = Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] != null);
  for (const [name, value] of given) if (value < 1) throw new BadUserInput(`The limit "${name}" has to be 1 or more.`);
  const modeValue = mode == null ? undefined : fromEnumName(modes, mode);
  return { ...Object.fromEntries(given), ...(modeValue === undefined ? {} : { mode: modeValue }) };
}

function oneOf<T extends string>(values: readonly T[], value: string, what: string): T {
  const found = values.find((known) => known === value);
  if (found === undefined) throw new BadUserInput(`"${value}" is no ${what}; there are ${values.join(', ')}.`);
  return found;
}

function text(value: string, what: string): string {
  const trimmed = value.trim();
  if (trimmed === '' || trimmed.length > 200) throw new BadUserInput(`The ${what} of a key has 1 to 200 characters.`);
  return trimmed;
}
