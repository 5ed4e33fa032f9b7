import type { RequestDecision } from '@certfolio/core';

/** JSON that may be written down: secrets masked, long texts cut. */
export type Masked = null | boolean | number | string | readonly Masked[] | { readonly [name: string]: Masked };

/** Who did it. */
export interface AuditCaller {
  readonly keyId: string;
  readonly keyName: string;
  readonly owner: string;
}

/** A request of a known key, refusals included. */
export interface RequestEntry extends AuditCaller {
  readonly kind: 'request';
  readonly at: string;
  readonly requestId: string;
  readonly from: string;
  readonly userAgent: string | null;
  readonly door: string;
  readonly decision: RequestDecision;
  readonly status: number;
  /** `name@version`. */
  readonly template: string | null;
  readonly templateId: string | null;
  /** SHA-256 of the text that ran. */
  readonly operationHash: string | null;
  /** At the REST façade the route: `PUT /order/certificate/{id}/status`. */
  readonly operationName: string | null;
  /** At the REST façade: the call may change something at CertCentral. */
  readonly isMutation: boolean;
  readonly variables: Masked;
  readonly rows: number | null;
  readonly truncated: boolean;
  readonly upstreamCalls: number;
  /** Points. */
  readonly cost: number | null;
  readonly durationMs: number;
}

/** An administrative act: one entry before it, which it does not go without, and one that tells how it ended. */
export interface ActEntry extends AuditCaller {
  readonly kind: 'act';
  readonly at: string;
  readonly requestId: string;
  /** Name of the mutation, or of the door. */
  readonly act: string;
  readonly phase: 'begins' | 'ended';
  readonly arguments: Masked;
  /** Null while it begins; `ok`, else the code of the failure. */
  readonly outcome: string | null;
}

/** Requests without a valid key, of one address in one minute. */
export interface UnknownKeysEntry {
  readonly kind: 'unknown-keys';
  readonly at: string;
  /** Null: of all addresses beyond those that are told apart. */
  readonly from: string | null;
  readonly requests: number;
  /** Of them without any key. */
  readonly withoutKey: number;
}

/** Entries that were lost since they could not be written for too long. */
export interface DroppedEntry {
  readonly kind: 'dropped';
  readonly at: string;
  readonly entries: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** The oldest part of the log was removed, as `retentionDays` says. */
export interface RetentionEntry {
  readonly kind: 'retention';
  readonly at: string;
  readonly entries: number;
  /** The last entry that was removed, which the rest is still chained to. */
  readonly lastSeq: number;
  readonly lastHash: string;
}

/** The log began anew: what stood in this database before was replaced by a backup. */
export interface RestoredEntry extends AuditCaller {
  readonly kind: 'restored';
  readonly at: string;
  readonly requestId: string;
  readonly backupMadeAt: string;
  readonly backupSha256: string;
  /** The head of the log that was replaced; null when there was none. */
  readonly replacedHead: string | null;
}

export type AuditEntry = RequestEntry | ActEntry | UnknownKeysEntry | DroppedEntry | RetentionEntry | RestoredEntry;

export type AuditEntryKind = AuditEntry['kind'];
