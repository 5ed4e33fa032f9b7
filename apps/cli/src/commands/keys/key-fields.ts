/** A key as the control graph tells it. */
export interface KeyAnswer {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly level: string;
  readonly scopes: readonly string[];
  readonly templates: { readonly all: boolean; readonly names: readonly string[]; readonly tags: readonly string[] };
  readonly containers: readonly number[] | null;
  readonly fields: readonly string[] | null;
  readonly limits: {
    readonly requestsPerMinute: number;
    readonly burst: number;
    readonly costPerMinute: number;
    readonly rows: number;
    readonly concurrent: number;
    readonly mode: string;
  };
  readonly account: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly tier: string | null;
  readonly managedBy: string | null;
  readonly variables: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly inUrl: boolean;
  readonly rest: string;
  /** Null: it follows from the rest of the key. */
  readonly restAsSet: string | null;
}

/** A secret of a key, of which nothing is told but this. */
export interface SecretAnswer {
  readonly kind: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

/** A new secret, told once. */
export interface CreatedAnswer {
  readonly secret: string;
  /** The address that a key for URLs opens. */
  readonly url: string | null;
  readonly key: KeyAnswer;
}

export const keyFields = `id name owner level scopes templates { all names tags } containers fields
  limits { requestsPerMinute burst costPerMinute rows concurrent mode } account createdAt expiresAt revokedAt lastUsedAt
  tier managedBy variables { name values } inUrl rest restAsSet`;
export const createdFields = `secret url key { ${keyFields} }`;

/** The key with our spelling of enum values, as `--json` shows it: `id-only`, not `ID_ONLY`. */
export function plainKey(key: KeyAnswer) {
  const { level, limits, rest, restAsSet } = key;
  return {
    ...key,
    level: spelled(level),
    limits: { ...limits, mode: spelled(limits.mode) },
    rest: spelled(rest),
    restAsSet: restAsSet === null ? null : spelled(restAsSet),
  };
}

/** `a, tag:b`, as `--templates` takes it. */
export function grantText({ all, names, tags }: KeyAnswer['templates']): string {
  return all ? 'all' : [...names, ...tags.map((tag) => `tag:${tag}`)].join(',') || 'none';
}

/** `60/min, burst 60, 1000 rows, 2 at once, enforce`, with the tier that says so. */
export function limitsText({ limits, tier }: Pick<KeyAnswer, 'limits' | 'tier'>): string {
  const { requestsPerMinute, burst, rows, concurrent, mode } = limits;
  const text = `${requestsPerMinute}/min, burst ${burst}, ${rows} rows, ${concurrent} at once, ${spelled(mode)}`;
  return tier === null ? text : `${tier}: ${text}`;
}

export const spelled = (enumName: string): string => enumName.toLowerCase().replaceAll('_', '-');

/** `valid until 2027-01-31 00:00`; every key is in one state. */
export function stateOf({ revokedAt, expiresAt }: Pick<KeyAnswer, 'revokedAt' | 'expiresAt'>, nowMs: number): string {
  if (revokedAt !== null) return `revoked ${minute(revokedAt)}`;
  if (expiresAt === null) return 'valid';
  return Date.parse(expiresAt) <= nowMs ? `expired ${minute(expiresAt)}` : `valid until ${minute(expiresAt)}`;
}

/** `2027-01-31 00:00`, in UTC. */
export const minute = (instant: string | null) => instant?.slice(0, 16).replace('T', ' ') ?? null;
