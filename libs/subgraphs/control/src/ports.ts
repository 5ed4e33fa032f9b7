import type { FixedVariables, Lane, RequestContext } from '@certfolio/core';
import type { KeyStore, RequestLimiter } from '@certfolio/access';
import type { AuditStore, AuditTrail, SeenStore } from '@certfolio/audit';
import type {
  DraftFiles,
  FieldUse,
  SchemaChange,
  SensitiveFields,
  Template,
  TemplateDescription,
  TemplateFile,
  TemplatePublisher,
  TemplateRegistry,
  UsageStore,
} from '@certfolio/templates';
import type { GraphQLSchema } from 'graphql';
import type { MigrationPorts } from './migration-ports.ts';
import type { SchedulePorts } from './schedule-ports.ts';

/** The part of the key store that administration needs. Rights are checked before it is called. */
export type KeyAdministration = Pick<
  KeyStore,
  'create' | 'list' | 'show' | 'revoke' | 'update' | 'rotate' | 'adopt' | 'secrets'
>;

export interface TemplateCatalog {
  /** The templates of this moment; asked once per field, since publishing makes a new registry. */
  registry(): Pick<TemplateRegistry, 'list' | 'find'>;
  /** Every version, those that do not fit the schema included. */
  all(): readonly Template[];
  /** Estimated cost with the default variables; null when it is not known. */
  costOf(template: Template): number | null;
  /** Rights are checked before it is called. */
  publisher(): TemplatePublisher;
  /** What is wrong with values that a key fixes for the template; none when it takes them. */
  fixedProblems(template: Template, fixed: FixedVariables): readonly string[];
  readonly changes: TemplateChangeFacts;
}

/** What is needed to tell versions of templates apart. */
export interface TemplateChangeFacts {
  /** The API schema in place. */
  schema(): GraphQLSchema;
  readonly sensitiveFields: SensitiveFields;
  /** Calls that a run with the default variables would make now; null when it cannot be told. Spends none. */
  callsOf(template: Template, context: RequestContext): Promise<number | null>;
}

export interface UpstreamStatus {
  /** Name of the account in the configuration. */
  readonly account: string;
  readonly host: string;
  readonly accountId: number | null;
  readonly accountName: string | null;
  /** `emulator`, `view-only` or `more-than-view-only`; null while nobody knows. */
  readonly keyKind: string | null;
  /** Proxy that the calls go through, without user and password; null when they go directly. */
  readonly proxy: string | null;
  /** Whether certificates of a private authority are trusted beside the public ones. */
  readonly privateCa: boolean;
  /** Milliseconds that CertCentral's clock is ahead of ours; null when it told no time. */
  readonly clockAheadMs: number | null;
  readonly reachable: boolean;
  /** A sentence; null when it is reachable. */
  readonly error: string | null;
  readonly budget: {
    /** Calls that could be sent at once. */
    readonly freeNow: number;
    readonly windows: readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[];
    /** Calls without an answer. */
    readonly inFlight: number;
    /** Callers that wait for a call. */
    readonly queued: Readonly<Record<Lane, number>>;
    /** Milliseconds that all still rest after a 429. */
    readonly pausedMs: number;
    /** `alone`: this process counts by itself; `shared`: with others; `divided`: others cannot be reached, each takes its part. */
    readonly sharing: 'alone' | 'shared' | 'divided';
    /** That share the calls, as far as is known. */
    readonly processes: number;
  };
  /** Null without a mirror. */
  readonly mirror: MirrorStatus | null;
}

/** How much of an account stands in its mirror. */
export interface MirrorStatus {
  /** When the oldest of its data was read; null before the first fill. */
  readonly dataAsOf: Date | null;
  readonly orders: number;
  /** CertCentral's own count of orders; null while it is not known. */
  readonly upstreamTotal: number | null;
  /** Every order of the account is in it. */
  readonly complete: boolean;
  /** Orders whose duplicates and reissues are still to be read. */
  readonly ordersLeft: number;
}

/** How the real service compares with what the product assumes of it. */
export interface UpstreamComparison {
  readonly host: string;
  /** Calls that it spent, at most 10. */
  readonly calls: number;
  readonly findings: readonly {
    /** Route, with placeholders for ids. */
    readonly read: string;
    /** `broken`: the product cannot use the answer. `failed`: there was none. */
    readonly state: 'ok' | 'differs' | 'broken' | 'failed';
    readonly found: string;
  }[];
  /** Facts of each read to pass on, as JSON: no key, no value of an answer. */
  readonly reads: readonly unknown[];
}

export interface UpstreamProbe {
  /** Names of the accounts that keys can belong to; null where they are known elsewhere only. */
  accounts(): readonly string[] | null;
  /**
   * The state of one upstream account, with at most two calls. That it cannot be reached is an answer, not an error.
   *
   * @param account one of `accounts()`
   */
  status(account: string, context: RequestContext): Promise<UpstreamStatus>;
  /**
   * Reads the account by at most 10 calls and compares. What fails is a finding, not an error.
   *
   * @param account one of `accounts()`
   */
  compare(account: string, context: RequestContext): Promise<UpstreamComparison>;
  /**
   * Brings the mirror of an account up to date, or reads all of it anew; null without one. It may take minutes.
   *
   * @throws as reads do when CertCentral fails
   */
  refreshMirror(account: string, isFull: boolean, context: RequestContext): Promise<MirrorStatus | null>;
  /** What is left of the account's calls, without a call; null where another process keeps count. */
  callWindows(account: string): Promise<UpstreamStatus['budget']['windows'] | null>;
}

/** The audit log, as administration writes and reads it. */
export interface AuditPort {
  readonly trail: AuditTrail;
  readonly store: Pick<AuditStore, 'find' | 'after' | 'checkpoint'>;
}

/** Operations without a template that keys of level `audit` ran. */
export interface SeenPort {
  readonly store: Pick<SeenStore, 'list' | 'find' | 'dropped'>;
  /** The files that a template of this text would have. @throws AppError when it can be none */
  filesOf(text: string, description: TemplateDescription): readonly TemplateFile[];
}

/** What a schema of one subgraph would do. */
export interface SchemaCheck {
  /** Why the subgraphs would not compose; the rest is empty then. */
  readonly compositionErrors: readonly string[];
  readonly broken: readonly {
    readonly template: Template;
    readonly problems: readonly string[];
    readonly keys: readonly {
      readonly keyId: string;
      readonly keyName: string | null;
      readonly keyOwner: string | null;
      readonly mayRun: boolean;
      readonly lastUsedAt: Date | null;
      readonly runs: number;
    }[];
    readonly schedules: readonly string[];
  }[];
  readonly changes: readonly (SchemaChange & {
    readonly templates: readonly string[];
    readonly unlisted: readonly Pick<FieldUse, 'keyId' | 'runs' | 'firstUsedAt' | 'lastUsedAt'>[];
  })[];
}

export interface SchemaAdministration {
  /** Puts nothing in place. @throws when a subgraph elsewhere never told its schema */
  check(subgraph: string, sdl: string): Promise<SchemaCheck>;
  /** The schema that callers see. */
  sdl(): string;
  supergraphSdl(): string;
}

/** A key that changes templates, as it is called now. */
export interface TemplateActor {
  readonly keyId: string;
  readonly keyName: string;
  readonly owner: string;
}

export interface IdAddition {
  readonly name: string;
  readonly version: number;
  readonly ids: readonly { readonly id: string; readonly text: string }[];
}

/** Where imported ids and drafts are kept. */
export interface TemplateImports {
  /**
   * Adds ids to versions of templates, all or none; when it resolves they run.
   *
   * @throws BadUserInput when an id has come to belong to another template meanwhile
   */
  addIds(additions: readonly IdAddition[], by: TemplateActor): Promise<void>;
  /** Keeps drafts. @throws BadUserInput */
  addDrafts(drafts: readonly DraftFiles[], context: RequestContext): Promise<void>;
}

/** What the control subgraph needs of the rest. */
export interface ControlPorts {
  readonly imports: TemplateImports;
  readonly schema: SchemaAdministration;
  readonly usage: Pick<UsageStore, 'templateUses' | 'fieldUses' | 'templateDays' | 'fieldDays'>;
  readonly keys: KeyAdministration;
  readonly templates: TemplateCatalog;
  readonly upstream: UpstreamProbe;
  /** Address that callers reach the gateway by, without a slash at the end. */
  readonly publicUrl: () => string;
  /** Looks, and takes nothing. */
  readonly limits: Pick<RequestLimiter, 'levels' | 'inFlight'>;
  readonly audit: AuditPort;
  readonly seen: SeenPort;
  readonly schedules: SchedulePorts;
  readonly migration: MigrationPorts;
}
