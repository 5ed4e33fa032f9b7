/** A secret that opens a key; nothing of the secret itself is told. */
export interface KeySecret {
  readonly kind: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface KeyLimits {
  readonly requestsPerMinute: number;
  readonly burst: number;
  readonly costPerMinute: number;
  readonly rows: number;
  readonly concurrent: number;
  readonly mode: string;
}

export interface TemplateGrant {
  readonly all: boolean;
  readonly names: readonly string[];
  readonly tags: readonly string[];
}

export interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly level: string;
  readonly scopes: readonly string[];
  readonly templates: TemplateGrant;
  readonly containers: readonly number[] | null;
  readonly fields: readonly string[] | null;
  readonly limits: KeyLimits;
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
  readonly restAsSet: string | null;
  readonly secrets: readonly KeySecret[];
  readonly schedules: readonly string[];
}

export const keysQueryKey = ['keys'] as const;

export const keysText = `query Keys {
  keys {
    id name owner level scopes
    templates { all names tags }
    containers fields
    limits { requestsPerMinute burst costPerMinute rows concurrent mode }
    account createdAt expiresAt revokedAt lastUsedAt tier managedBy
    variables { name values }
    inUrl rest restAsSet
    secrets { kind createdAt expiresAt lastUsedAt }
    schedules
  }
}`;
