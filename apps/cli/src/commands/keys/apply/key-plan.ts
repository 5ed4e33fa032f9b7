import type { KeyPolicy } from '@certfolio/access';
import type { KeyAnswer } from '../key-fields.ts';
import { spelled } from '../key-fields.ts';

/** One thing to be done; what is as it should be is not among them. */
export type KeyStep =
  | { readonly action: 'create'; readonly name: string; readonly input: Readonly<Record<string, unknown>> }
  | {
      readonly action: 'update';
      readonly name: string;
      readonly id: string;
      readonly input: Readonly<Record<string, unknown>>;
      /** `level: listed → id-only`. */
      readonly changes: readonly string[];
    }
  | { readonly action: 'revoke'; readonly name: string; readonly id: string };

export interface KeyPlan {
  readonly steps: readonly KeyStep[];
  /** Keys that are as the file says. */
  readonly unchanged: number;
  /** Why it cannot be done, all of it. */
  readonly problems: readonly string[];
}

/** A part of a policy as the graph takes it, and as people read it. */
interface Facet {
  readonly name: string;
  readonly wanted: unknown;
  readonly present: unknown;
}

/**
 * What has to be done so that the keys are as the file says. The file says everything: what it leaves out is the default.
 *
 * @param existing all keys, revoked ones included
 * @param prune revoke keys that carry the file's label and are not in it
 */
export function planKeys(
  wanted: readonly KeyPolicy[],
  existing: readonly KeyAnswer[],
  { managedBy, prune, ownId }: { readonly managedBy: string | null; readonly prune: boolean; readonly ownId: string },
): KeyPlan {
  const live = new Map(existing.filter(({ revokedAt }) => revokedAt === null).map((key) => [key.name, key]));
  const steps: KeyStep[] = [];
  const problems: string[] = [];
  let unchanged = 0;
  for (const policy of wanted) {
    const key = live.get(policy.name);
    if (key === undefined) {
      steps.push({ action: 'create', name: policy.name, input: createInput(policy) });
      continue;
    }
    if (key.managedBy !== null && key.managedBy !== policy.managedBy) {
      problems.push(`"${policy.name}" is applied from "${key.managedBy}"; a key has one file`);
      continue;
    }
    if (key.inUrl !== policy.inUrl) {
      problems.push(`"${policy.name}" is ${key.inUrl ? 'a' : 'no'} key for URLs, which cannot change; revoke it first`);
      continue;
    }
    const differing = facetsOf(policy, key).filter((facet) => !isSame(facet.wanted, facet.present));
    if (differing.length === 0) unchanged += 1;
    else
      steps.push({
        action: 'update',
        name: policy.name,
        id: key.id,
        input: Object.fromEntries(differing.map((facet) => [facet.name, facet.wanted])),
        changes: differing.flatMap(changesOf),
      });
  }
  const names = new Set(wanted.map(({ name }) => name));
  const surplus = prune ? [...live.values()].filter((key) => key.managedBy === managedBy && !names.has(key.name)) : [];
  for (const { id, name } of surplus) {
    if (id === ownId) problems.push(`"${name}" is the key in use and is not in the file; it is not revoked by itself`);
    else steps.push({ action: 'revoke', name, id });
  }
  return { steps, unchanged, problems };
}

function createInput(policy: KeyPolicy): Record<string, unknown> {
  const input = facetsOf(policy, null).map(({ name, wanted }) => [name, wanted] as const);
  const all = [...input, ['name', policy.name] as const, ['inUrl', policy.inUrl] as const];
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

/** @param key null for one that is to be made */
function facetsOf(policy: KeyPolicy, key: KeyAnswer | null): readonly Facet[] {
  const { owner, templates, scopes, containers, fields, account, tier, managedBy, expiresAt, variables, rest } = policy;
  const facet = (name: string, wanted: unknown, present: unknown): Facet => ({ name, wanted, present });
  const grant = key?.templates;
  const limits = limitsFacets(policy, key);
  return [
    facet('owner', owner, key?.owner),
    facet('level', enumName(policy.level), key?.level),
    facet(
      'templates',
      templates === 'all' ? null : { names: sorted(templates.names), tags: sorted(templates.tags) },
      grant === undefined || grant.all ? null : { names: sorted(grant.names), tags: sorted(grant.tags) },
    ),
    facet('scopes', sorted(scopes), sorted(key?.scopes ?? [])),
    facet('containers', containers?.toSorted((a, b) => a - b) ?? null, key?.containers ?? null),
    facet('fields', fields === null ? null : sorted(fields), key?.fields == null ? null : sorted(key.fields)),
    facet('account', account, key?.account),
    // A tier ends with the limits that follow it, so that one of the two is said.
    ...(tier === null && limits !== null ? [] : [facet('tier', tier, key?.tier ?? null)]),
    ...(limits === null ? [] : [limits]),
    facet('rest', rest === null ? null : enumName(rest), key?.restAsSet ?? null),
    facet('managedBy', managedBy, key?.managedBy ?? null),
    facet('expiresAt', expiresAt?.toISOString() ?? null, key?.expiresAt ?? null),
    facet(
      'variables',
      [...variables].map(([name, values]) => ({ name, values })),
      key?.variables.map(({ name, values }) => ({ name, values })) ?? [],
    ),
  ];
}

/** Null where a tier says the limits. Only what the gateway tells is compared. */
function limitsFacets({ limits, tier }: KeyPolicy, key: KeyAnswer | null): Facet | null {
  if (tier !== null) return null;
  const wanted = { ...limits, mode: enumName(limits.mode) };
  if (key === null) return { name: 'limits', wanted, present: null };
  const present = new Map(Object.entries(key.limits));
  const told = Object.fromEntries(Object.entries(wanted).filter(([name]) => present.has(name)));
  const now = Object.fromEntries(Object.keys(told).map((name) => [name, present.get(name)]));
  return { name: 'limits', wanted: told, present: key.tier === null ? now : { tier: key.tier } };
}

const enumName = (value: string): string => value.toUpperCase().replaceAll('-', '_');
const sorted = (members: readonly string[]): string[] => [...members].sort();
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Of limits each one that differs by itself: `burst: 60 → 10`. */
function changesOf({ name, wanted, present }: Facet): string[] {
  const change = (what: string, from: unknown, to: unknown) => `${what}: ${shown(from)} → ${shown(to)}`;
  if (name !== 'limits') return [change(name, present, wanted)];
  const before = new Map(Object.entries(present as object));
  return Object.entries(wanted as object)
    .filter(([limit, value]) => before.get(limit) !== value)
    .map(([limit, value]) => change(limit, before.get(limit) ?? before.get('tier'), value));
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'default';
  if (typeof value === 'string') return /^[A-Z_]+$/.test(value) ? spelled(value) : value;
  return JSON.stringify(value);
}
