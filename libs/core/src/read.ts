import type { ContainerId } from './ids.ts';
import type { OrderObjects } from './order-objects.ts';
import type { OrderField } from './order.ts';
import type { UpstreamKey } from './principal.ts';
import type { ReadLedger } from './read-ledger.ts';

/** The divisions a caller may see rows of. An empty set sees nothing. */
export type ReadScope = { readonly containers: 'all' } | { readonly containers: ReadonlySet<ContainerId> };

export const everything: ReadScope = { containers: 'all' };

/** A text that is equal for two scopes exactly when they see the same rows; part of every cache key. */
export function scopeKey(scope: ReadScope): string {
  return scope.containers === 'all' ? 'all' : [...scope.containers].sort((a, b) => a - b).join(',');
}

export function mayRead(scope: ReadScope, container: ContainerId | null | undefined): boolean {
  return scope.containers === 'all' || (container != null && scope.containers.has(container));
}

/** A maximum age that any data meets. Finite, since it travels as JSON. */
export const anyAge = Number.MAX_SAFE_INTEGER;

/** Who gets CertCentral's calls first when they are scarce. */
export type Lane = 'interactive' | 'scheduled' | 'shadow' | 'backfill';

export interface ReportRun {
  readonly id: string;
  /** Rows the run may have over all its pages. */
  readonly rowCap: number;
  /** The instant at which relative dates are resolved for every page, milliseconds since 1970. */
  readonly startedAtMs: number;
  /** IANA zone of relative days where a filter names none. */
  readonly zone: string;
}

/** What any read of CertCentral's data needs and may do. Every port takes it, so that scope, age and deadline cannot be forgotten. */
export interface Read {
  readonly scope: ReadScope;
  /** 0 reads live; `anyAge` takes what the mirror has, however old. */
  readonly maxAgeMs: number;
  /** Nothing is read: the ledger gets the plans and the calls they would take, the answer means nothing. */
  readonly planOnly: boolean;
  readonly deadline: Date;
  readonly lane: Lane;
  /** Id of the key the call is made for; calls are shared out fairly between keys. */
  readonly onBehalfOf: string;
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal;
  /** Takes down where the rows came from and what was spent. */
  readonly ledger: ReadLedger;
  /** Passed through: every call is made with this key and nothing that others read is used. Absent: the account's own key. */
  readonly upstreamKey?: UpstreamKey;
  /** Set for the pages of one report run, which share one read of CertCentral; null for a single request. */
  readonly run: ReportRun | null;
}

/** A read of orders also says which fields it needs, since they decide the sources. */
export interface OrderRead extends Read {
  readonly fields: ReadonlySet<OrderField>;
  /** Of a read that only plans: objects below the orders that are to be counted with them. */
  readonly counted?: readonly OrderObjects[];
}
