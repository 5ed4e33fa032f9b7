import { z } from 'zod';
import {
  BadUserInput,
  defaultCostPerMinute,
  keyLevels,
  keyScopes,
  restRights,
  type KeyLevel,
  type KeyLimits,
  type FixedVariables,
  type KeyScope,
  type RestRight,
  type SensitiveGroup,
} from '@certfolio/core';

/** What a key may do, as it is stored. */
export interface KeyPolicy {
  readonly name: string;
  readonly owner: string;
  readonly level: KeyLevel;
  readonly templates: 'all' | { readonly names: readonly string[]; readonly tags: readonly string[] };
  readonly limits: KeyLimits;
  readonly scopes: readonly KeyScope[];
  /** Division ids; null is all. */
  readonly containers: readonly number[] | null;
  /** Sensitive fields it may select; null is all. */
  readonly fields: readonly SensitiveGroup[] | null;
  /** Name of the upstream account. */
  readonly account: string;
  readonly expiresAt: Date | null;
  /** Name of the limits of the configuration that hold in place of `limits`; null: its own hold. */
  readonly tier: string | null;
  /** Label of the file that it is applied from; null: made by hand. */
  readonly managedBy: string | null;
  /** Variables of its one template that are fixed, with their values as a URL has them. */
  readonly variables: FixedVariables;
  /** May be sent in the URL of a report. */
  readonly inUrl: boolean;
  /** What it may do at the REST façade; null: what `restRightOf` makes of the rest. */
  readonly rest: RestRight | null;
}

const sensitiveGroups = ['csr', 'cost', 'email', 'customFields'] as const satisfies readonly SensitiveGroup[];
const label = z.string().trim().min(1).max(100);
/** https://spec.graphql.org/October2021/#Name */
const variableName = z.string().regex(/^[_A-Za-z][_0-9A-Za-z]{0,99}$/, 'must be the name of a variable');
/** Of one key; a URL with more would not pass every proxy. */
const maxVariables = 50;
const fixedVariables = z
  .array(z.strictObject({ name: variableName, values: z.array(z.string().max(1_000)).min(1).max(100) }))
  .max(maxVariables)
  .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'names a variable twice')
  .transform((list): FixedVariables => new Map(list.map(({ name, values }) => [name, values])));
const count = z.int().min(1).max(1_000_000_000);

/** As `keys create` and `keys apply` say it; what is absent gets the default. */
const limitsInput = z
  .strictObject({
    /** Requests per minute. */
    rate: count.max(1_000_000).default(600),
    /** Requests that may come at one instant; by default as many as `rate`. */
    burst: count.max(1_000_000).optional(),
    /** Points of cost per minute. */
    cost: count.default(defaultCostPerMinute),
    rows: count.default(100_000),
    concurrent: count.max(10_000).default(20),
    mode: z.enum(['enforce', 'shadow']).default('enforce'),
  })
  .transform(({ rate, burst, cost, ...rest }): KeyLimits => ({
    requestsPerMinute: rate,
    burst: burst ?? rate,
    costPerMinute: cost,
    ...rest,
  }));

export const policyInput = z.strictObject({
  name: label,
  owner: label,
  level: z.enum(keyLevels).default('listed'),
  templates: z
    .union(
      [z.literal('all'), z.strictObject({ names: z.array(label).default([]), tags: z.array(label).default([]) })],
      {
        error: 'must be "all" or {names: [...], tags: [...]}',
      },
    )
    .default('all'),
  limits: limitsInput.prefault({}),
  scopes: z.array(z.enum(keyScopes)).default(['templates:run']),
  containers: z.array(z.int().min(1).max(2_147_483_647)).nullable().default(null),
  fields: z.array(z.enum(sensitiveGroups)).nullable().default(null),
  account: label.default('default'),
  expires: z
    .union([z.date(), z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'must be a date such as 2027-01-31 or a time such as 2027-01-31T12:00:00Z',
    })
    .transform((value) => new Date(value))
    .nullable()
    .default(null),
  tier: label.nullable().default(null),
  managedBy: label.nullable().default(null),
  variables: fixedVariables.prefault([]),
  inUrl: z.boolean().default(false),
  rest: z.enum(restRights).nullable().default(null),
});

export type KeyPolicyInput = z.input<typeof policyInput>;

/**
 * @param nowMs an expiry that is not later is a mistake
 * @throws BadUserInput that names every problem, not only the first
 */
export function parseKeyPolicy(input: unknown, nowMs: number): KeyPolicy {
  const parsed = policyInput.safeParse(input);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'policy'}: ${issue.message}`);
  const expires = parsed.data?.expires ?? null;
  if (expires !== null && expires.getTime() <= nowMs) problems.push('expires: is in the past');
  if (parsed.success) problems.push(...togetherProblems(parsed.data, input));
  if (!parsed.success || problems.length > 0) {
    throw new BadUserInput(
      `The key policy has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems.join('; ')}.`,
      { problems },
    );
  }
  const { expires: expiresAt, scopes, ...policy } = parsed.data;
  return { ...policy, scopes: [...new Set(scopes)], expiresAt };
}

/** What is wrong with members that are right by themselves. */
function togetherProblems(policy: z.output<typeof policyInput>, input: unknown): string[] {
  const { tier, templates, level, scopes, variables, inUrl, rest } = policy;
  const isOneTemplate =
    templates !== 'all' && templates.names.length === 1 && templates.tags.length === 0 && level === 'id-only';
  const runsOnly = scopes.every((scope) => scope === 'templates:run');
  return [
    tier !== null && z.object({ limits: z.unknown() }).safeParse(input).data?.limits !== undefined
      ? 'tier: gives the limits; say one of the two'
      : null,
    variables.size > 0 && !isOneTemplate
      ? 'variables: are fixed for one template; that needs the level "id-only" and the name of one template'
      : null,
    inUrl && !isOneTemplate
      ? 'inUrl: a key for URLs has the level "id-only" and the name of the one template that it runs'
      : null,
    inUrl && !runsOnly ? 'inUrl: a key for URLs has no scope but "templates:run"' : null,
    (inUrl || variables.size > 0) && rest !== null && rest !== 'none'
      ? 'rest: a key that runs one template has no right at the REST façade'
      : null,
    variables.size > 0 && !runsOnly ? 'variables: a key that fixes some has no scope but "templates:run"' : null,
  ].filter((problem) => problem !== null);
}

type RestFacts = Pick<KeyPolicy, 'rest' | 'scopes' | 'level' | 'inUrl' | 'variables'>;

/**
 * What a key may do at the REST façade. Unless it says so itself: a script that goes on sending its CertCentral key goes on
 * doing what it did; a key that may ask anything may read; one that is held to templates is held to them here too.
 *
 * @param isAdopted a CertCentral key opens it, or once did
 */
export function restRightOf({ rest, scopes, level, inUrl, variables }: RestFacts, isAdopted: boolean): RestRight {
  if (inUrl || variables.size > 0) return 'none';
  if (rest !== null) return rest;
  if (isAdopted || scopes.includes('admin')) return 'write';
  return level === 'open' || level === 'audit' ? 'read' : 'none';
}

/** The limits of a key for administration: they must never lock an operator out of a busy service. */
export const adminPolicy = {
  level: 'open',
  templates: 'all',
  limits: {
    requestsPerMinute: 6_000,
    burst: 6_000,
    costPerMinute: 10 * defaultCostPerMinute,
    rows: 1_000_000,
    concurrent: 100,
    mode: 'enforce',
  },
  scopes: ['admin'],
  containers: null,
  fields: null,
  account: 'default',
  expiresAt: null,
  tier: null,
  managedBy: null,
  variables: new Map<string, readonly string[]>(),
  inUrl: false,
  rest: null,
} as const satisfies Partial<KeyPolicy>;
