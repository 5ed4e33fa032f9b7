import type { Selectable } from 'kysely';
import { z } from 'zod';
import { defaultCostPerMinute, keyLevels, keyScopes, restRights, type KeyLimits } from '@certfolio/core';
import type { KeyPolicy } from './key-policy.ts';
import type { Key, KeyOrigin } from './key-store.ts';

export interface ApiKeys {
  id: string;
  name: string;
  owner: string;
  origin: KeyOrigin;
  level: string;
  templates: unknown;
  limits: unknown;
  scopes: string[];
  containers: number[] | null;
  fields: string[] | null;
  account: string;
  variables: unknown;
  in_url: boolean;
  rest: string | null;
  is_adopted: boolean;
  tier: string | null;
  managed_by: string | null;
  created_at: Date;
  created_by: string;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export interface KeySecrets {
  sha256: Buffer;
  key_id: string;
  kind: 'native' | 'adopted';
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
}

export interface KeyTables {
  api_keys: ApiKeys;
  key_secrets: KeySecrets;
}

const storedPolicy = z.object({
  level: z.enum(keyLevels),
  templates: z.union([z.literal('all'), z.object({ names: z.array(z.string()), tags: z.array(z.string()) })]),
  limits: z.object({
    requestsPerMinute: z.number(),
    burst: z.number(),
    // Keys that were made before there was such a limit get that of new ones.
    costPerMinute: z.number().default(defaultCostPerMinute),
    rows: z.number(),
    concurrent: z.number(),
    mode: z.enum(['enforce', 'shadow']),
  }),
  scopes: z.array(z.enum(keyScopes)),
  rest: z.enum(restRights).nullable(),
  fields: z.array(z.enum(['csr', 'cost', 'email', 'customFields'])).nullable(),
  variables: z
    .array(z.object({ name: z.string(), values: z.array(z.string()) }))
    .transform((list) => new Map(list.map(({ name, values }) => [name, values]))),
});

/** What a policy is in the table. */
export function policyColumns(policy: KeyPolicy) {
  const { name, owner, level, templates, limits, scopes, containers, fields, account, expiresAt, ...more } = policy;
  return {
    name,
    owner,
    level,
    templates: JSON.stringify(templates),
    limits: JSON.stringify(limits),
    scopes: [...scopes],
    containers: containers === null ? null : [...containers],
    fields: fields === null ? null : [...fields],
    account,
    expires_at: expiresAt,
    variables: JSON.stringify([...more.variables].map(([variable, values]) => ({ name: variable, values }))),
    in_url: more.inUrl,
    rest: more.rest,
    tier: more.tier,
    managed_by: more.managedBy,
  };
}

/** A tier that is not configured any more leaves the limits it gave when the key was last written. */
export function parseKeyRow(row: Selectable<ApiKeys>, tiers: ReadonlyMap<string, KeyLimits>): Key {
  const stored = storedPolicy.parse(row);
  return {
    ...stored,
    limits: (row.tier === null ? undefined : tiers.get(row.tier)) ?? stored.limits,
    id: row.id,
    name: row.name,
    owner: row.owner,
    origin: row.origin,
    containers: row.containers,
    account: row.account,
    inUrl: row.in_url,
    isAdopted: row.is_adopted,
    tier: row.tier,
    managedBy: row.managed_by,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
