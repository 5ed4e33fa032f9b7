import type { SensitiveGroup } from './order-fields.ts';
import type { Lane, ReadScope } from './read.ts';

/**
 * What a key may send: `open` any operation, `audit` any with unlisted ones recorded,
 * `listed` approved templates by id or text, `id-only` approved templates by id.
 */
export const keyLevels = ['open', 'audit', 'listed', 'id-only'] as const;
export type KeyLevel = (typeof keyLevels)[number];

export const keyScopes = [
  'templates:run',
  'templates:publish',
  'schedules:write',
  'keys:write',
  'migration:write',
  'admin',
] as const;
export type KeyScope = (typeof keyScopes)[number];

/** The templates a key may run: all, or those of the names or tags given. */
export type TemplateGrant = 'all' | { readonly names: ReadonlySet<string>; readonly tags: ReadonlySet<string> };

/** Variables that a key fixes, by name, with their values as a URL has them: a list repeats its parameter. */
export type FixedVariables = ReadonlyMap<string, readonly string[]>;

/** A CertCentral key that a caller reads with, in place of the account's own. Lives as long as its request. */
export interface UpstreamKey {
  /** SHA-256 of the key, base64url: names its clients and budgets, and shows nothing of it. */
  readonly id: string;
  /** The key itself, to be asked for when a call is made. A function, so that no log and no JSON has it. */
  readonly text: () => string;
}

/**
 * Points of cost per minute of a key that says nothing: 600 requests, each a full page of 1,000 orders with seven objects each,
 * so that the number of requests is met first.
 */
export const defaultCostPerMinute = 5_000_000;

export interface KeyLimits {
  readonly requestsPerMinute: number;
  /** Requests that may come at one instant. */
  readonly burst: number;
  /** Points of cost; a minute's points may be spent at once. */
  readonly costPerMinute: number;
  /** Rows per run. */
  readonly rows: number;
  readonly concurrent: number;
  /** `shadow` counts what would be refused and refuses nothing. */
  readonly mode: 'enforce' | 'shadow';
}

/** What a key may do at the REST façade: nothing, read, or all that CertCentral's API can. */
export const restRights = ['none', 'read', 'write'] as const;
export type RestRight = (typeof restRights)[number];

/** Who asks and what they may do. Made once per request from the key, then travels with it. */
export interface Principal {
  readonly keyId: string;
  readonly keyName: string;
  /** The application or team that owns the key; runs are made in its name. */
  readonly owner: string;
  readonly level: KeyLevel;
  readonly templates: TemplateGrant;
  readonly scopes: ReadonlySet<KeyScope>;
  readonly scope: ReadScope;
  readonly fields: 'all' | ReadonlySet<SensitiveGroup>;
  readonly limits: KeyLimits;
  /** Name of the upstream account whose data the key reads. */
  readonly account: string;
  readonly lane: Lane;
  /** Of the one template that the key runs; absent for none. */
  readonly fixedVariables?: FixedVariables;
  /** The key is made for URLs: it reads and changes nothing. */
  readonly isUrlKey?: boolean;
  /** At the REST façade; absent for none. */
  readonly rest?: RestRight;
  /** Passed through: everything is read live with this key, and its answers are nobody else's. */
  readonly upstreamKey?: UpstreamKey;
}

export function hasScope(principal: Principal, scope: KeyScope): boolean {
  return principal.scopes.has('admin') || principal.scopes.has(scope);
}

/** Nothing that CertCentral answers has to be kept from it. */
export function seesEverything({ scope, fields }: Pick<Principal, 'scope' | 'fields'>): boolean {
  return scope.containers === 'all' && fields === 'all';
}

export function mayRunTemplate(
  grant: TemplateGrant,
  template: { readonly name: string; readonly tags: readonly string[] },
): boolean {
  return grant === 'all' || grant.names.has(template.name) || template.tags.some((tag) => grant.tags.has(tag));
}

/** Schema introspection shows everything there is, so it needs a level that may ask anything. */
export function mayIntrospect(level: KeyLevel): boolean {
  return level === 'open' || level === 'audit';
}
