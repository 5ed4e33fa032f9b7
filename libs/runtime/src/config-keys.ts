import { z } from 'zod';
import {
  defaultCostPerMinute,
  keyLevels,
  restRights,
  type KeyLevel,
  type KeyLimits,
  type RestRight,
  type SensitiveGroup,
} from '@certfolio/core';
import { defaultAccount } from './config-accounts.ts';
import type { ConfigReader } from './config-members.ts';

/** What CertCentral keys that are passed through may do. */
export interface PassThroughConfiguration {
  readonly level: KeyLevel;
  /** Names, and tags as `tag:daily`. */
  readonly templates: 'all' | { readonly names: readonly string[]; readonly tags: readonly string[] };
  /** Division ids. */
  readonly containers: 'all' | readonly number[];
  readonly fields: 'all' | readonly SensitiveGroup[];
  /** Whose service they are proved at and read. */
  readonly account: string;
  readonly limits: KeyLimits;
  /** Unknown keys that are proved in a minute. */
  readonly proofsPerMinute: number;
  /** At the REST façade, within what CertCentral lets the key do. */
  readonly rest: RestRight;
}

/** Named limits, by name. */
export type Tiers = ReadonlyMap<string, KeyLimits>;

const count = (most: number) => {
  const must = `must be a whole number, 1 to ${most}`;
  return z.int(must).min(1, must).max(most, must);
};
const modeMust = 'must be "enforce" or "shadow"';

/** As a key policy spells limits. */
const limits = {
  rate: count(1_000_000).default(600),
  burst: count(1_000_000).optional(),
  rows: count(1_000_000_000).default(100_000),
  concurrent: count(10_000).default(20),
  /** Cost points a minute. */
  cost: count(1_000_000_000).default(defaultCostPerMinute),
  mode: z.enum(['enforce', 'shadow'], modeMust).default('enforce'),
};
type LimitsInput = z.output<z.ZodObject<typeof limits>>;

const limitsOf = ({ rate, burst, rows, concurrent, cost, mode }: LimitsInput): KeyLimits => ({
  requestsPerMinute: rate,
  burst: burst ?? rate,
  rows,
  concurrent,
  mode,
  costPerMinute: cost,
});

const templatesMust = 'must be "all", or a list of names and "tag:…"';
const listOf = <T extends z.ZodType>(member: T, must: string) => z.union([z.literal('all'), z.array(member)], must);
const passThrough = {
  ...limits,
  rate: count(1_000_000).default(60),
  level: z.enum(keyLevels, `must be one of ${keyLevels.join(', ')}`).default('listed'),
  templates: listOf(z.string().min(1).max(100), templatesMust).default('all'),
  containers: listOf(z.int().min(1).max(2_147_483_647), 'must be "all", or a list of division ids').default('all'),
  fields: listOf(
    z.enum(['csr', 'cost', 'email', 'customFields']),
    'must be "all", or a list of csr, cost, email, customFields',
  ).default('all'),
  account: z.string('must be the name of an account').min(1).default(defaultAccount),
  proofsPerMinute: count(600).default(30),
  rest: z.enum(restRights, `must be one of ${restRights.join(', ')}`).default('write'),
};

export const defaultPassThrough: PassThroughConfiguration = passThroughOf(z.object(passThrough).parse({}));

/** The section `passthrough`; undefined when something in it is wrong. */
export function readPassThrough(value: unknown, reader: ConfigReader): PassThroughConfiguration | undefined {
  const said = reader.object(value, passThrough, ['passthrough']);
  return said && passThroughOf(said);
}

function passThroughOf(said: z.output<z.ZodObject<typeof passThrough>>): PassThroughConfiguration {
  const { level, templates, containers, fields, account, proofsPerMinute, rest } = said;
  const isTag = (name: string) => name.startsWith('tag:');
  const grant =
    templates === 'all'
      ? templates
      : {
          names: templates.filter((name) => !isTag(name)),
          tags: templates.filter(isTag).map((name) => name.slice('tag:'.length)),
        };
  return { level, templates: grant, containers, fields, account, proofsPerMinute, rest, limits: limitsOf(said) };
}

const tierName = /^[a-z][a-z0-9-]{0,63}$/;

/** The section `tiers`: limits by name. What is wrong is left out, and is a problem of the reader. */
export function readTiers(value: unknown, reader: ConfigReader): Tiers {
  const tiers = new Map<string, KeyLimits>();
  for (const [name, given] of reader.membersOf(value, ['tiers']) ?? []) {
    const path = ['tiers', name];
    if (!tierName.test(name) || name === 'none') {
      reader.problem(path, 'is no name of a tier: small letters, digits and "-", a letter first, and not "none"');
      continue;
    }
    const said = reader.object(given, limits, path);
    if (said !== undefined) tiers.set(name, limitsOf(said));
  }
  return tiers;
}
