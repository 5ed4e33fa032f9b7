import type {
  ContainerId,
  KeyLevel,
  KeyLimits,
  KeyScope,
  RequestContext,
  SensitiveGroup,
  TemplateGrant,
} from '@certfolio/core';

/** What a key may do, without its secret. */
export interface KeyPolicy {
  readonly level: KeyLevel;
  readonly templates: TemplateGrant;
  readonly scopes: ReadonlySet<KeyScope>;
  readonly containers: 'all' | ReadonlySet<ContainerId>;
  readonly fields: 'all' | ReadonlySet<SensitiveGroup>;
  /** Name of the upstream account whose data it reads. */
  readonly account: string;
}

export interface KeyRecord extends KeyPolicy {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly limits: KeyLimits;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** A key to be made. What its limits leave open is the store's to fill in. */
export interface KeyDraft extends KeyPolicy {
  readonly name: string;
  readonly owner: string;
  readonly limits: Partial<KeyLimits>;
  readonly expiresAt: Date | null;
}

/** Keys as an administrator sees them. Rights are checked before it is called. */
export interface KeyAdministration {
  /** All keys, revoked ones included, by name. */
  list(): Promise<readonly KeyRecord[]>;
  show(id: string): Promise<KeyRecord | null>;
  /**
   * @param createdBy id of the key that asked for it
   * @returns the record, and the whole key as a caller sends it
   * @throws AppError `BAD_USER_INPUT` for a policy that makes no sense or a name that is taken
   */
  create(draft: KeyDraft, createdBy: string): Promise<{ readonly key: KeyRecord; readonly secret: string }>;
  /** Null for an unknown id. A key that is revoked already stays as it is. */
  revoke(id: string): Promise<KeyRecord | null>;
}

export type TemplateState = 'draft' | 'approved' | 'deprecated' | 'retired';

export interface TemplateVariableRecord {
  readonly name: string;
  /** GraphQL type as printed. */
  readonly type: string;
  readonly required: boolean;
  /** A JSON value; undefined without one. */
  readonly default?: unknown;
  readonly description?: string | undefined;
  readonly values?: readonly unknown[] | undefined;
  readonly min?: unknown;
  readonly max?: unknown;
}

export interface TemplateRecord {
  readonly name: string;
  readonly version: number;
  readonly state: TemplateState;
  readonly title: string;
  readonly question: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  /** The first is the primary id. */
  readonly ids: readonly { readonly kind: string; readonly id: string }[];
  readonly document: string;
  readonly variables: readonly TemplateVariableRecord[];
  readonly columns: readonly { readonly title: string; readonly path: string; readonly type: string | null }[];
  readonly rows: { readonly path: string } | null;
  readonly cost: number | null;
}

/** The templates as published, whoever asks; who may see them is decided here. */
export interface TemplateCatalog {
  list(): readonly TemplateRecord[];
  /** By name (the newest approved version), name@version or any id; null for an unknown one. */
  find(ref: string): TemplateRecord | null;
}

export interface UpstreamStatus {
  readonly account: string;
  readonly host: string;
  readonly accountId: number | null;
  readonly accountName: string | null;
  readonly keyKind: string | null;
  readonly reachable: boolean;
  /** A sentence; null when it is reachable. */
  readonly error: string | null;
  readonly budget: {
    readonly freeNow: number;
    readonly windows: readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[];
  };
}

export interface UpstreamProbe {
  /** The state of one upstream account. That it cannot be reached is an answer, not an error. */
  status(account: string, context: RequestContext): Promise<UpstreamStatus>;
}

/** What the control subgraph needs of the rest. */
export interface ControlPorts {
  readonly keys: KeyAdministration;
  readonly templates: TemplateCatalog;
  readonly upstream: UpstreamProbe;
}
