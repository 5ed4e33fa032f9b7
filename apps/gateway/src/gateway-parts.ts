import type { Authenticator } from '@certfolio/access';
import type { RestoredEntry } from '@certfolio/audit';
import type { Pool } from '@certfolio/database';
import type { AuditPort } from '@certfolio/subgraph-control';
import type { Clock, Logger, RequestRecorder } from '@certfolio/core';
import type { Pipeline } from '@certfolio/pipeline';
import type { RunStore } from '@certfolio/reports';
import type { Tracing } from '@certfolio/tracing';
import type { GraphQLSchema } from 'graphql';
import type { Metrics } from './metrics.ts';
import type { MigrationParts } from './migration/open-migration.ts';

/** One part of the process that `/readyz` tells of. */
export interface ReadinessCheck {
  readonly name: string;
  /** Holds readiness back when it is down. */
  readonly isRequired: boolean;
  /** Resolves to null when it is well, else to what is wrong. */
  check(): Promise<string | null>;
}

export interface MirrorReadiness {
  /** Null before the first fill ended. */
  readonly dataAsOf: Date | null;
  readonly isFilled: boolean;
  /** Nothing is left to read, the other certificates of orders included. */
  readonly isComplete: boolean;
}

/** The rolling windows of CertCentral's calls, with what is left of each. */
export type CallWindows = readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[];

/** A request that was refused since no valid key came with it. */
export interface UnknownKey {
  readonly from: string;
  /** False when none was sent at all. */
  readonly isKeyGiven: boolean;
}

export interface BackupPort {
  /** Connections whose statements have no time limit. */
  readonly pool: Pool;
  /** Of the product. */
  readonly version: string;
  /** The database was replaced: whatever was read from it before is read again, and the new audit log begins to tell of it. */
  onRestored(entry: RestoredEntry): Promise<void>;
}

/** What the doors need; wired by the app. */
export interface GatewayParts {
  readonly authenticator: Authenticator;
  readonly pipeline: Pipeline;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: readonly ReadinessCheck[];
  /** Deadline of an interactive request. */
  readonly requestTimeoutMs: number;
  readonly bodyLimitBytes: number;
  /** Answers carry `X-RateLimit-*`, too. */
  readonly hasLegacyRateHeaders: boolean;
  /** Null unless requests are traced. */
  readonly tracing: Pick<Tracing, 'begin'> | null;
  /** The API schema in place. */
  readonly schema: () => GraphQLSchema;
  /** Used in links, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly isStopping: () => boolean;
  /** Told of every request of a known key once its answer ended. */
  readonly onAnswered: RequestRecorder;
  /** Told of every request without a valid key. */
  readonly onUnknownKey: (refusal: UnknownKey) => void;
  readonly audit: AuditPort;
  readonly backup: BackupPort;
  /** The REST façade. */
  readonly migration: MigrationParts;
  /** How the mirrors of the accounts of this process stand; told by `/readyz`, and never holds it back. */
  readonly runs: Pick<RunStore, 'find' | 'files' | 'readFile'>;
  readonly mirrors: () => Promise<ReadonlyMap<string, MirrorReadiness>>;
  /** What is left of an upstream account's calls; null where another process keeps count. Spends nothing. */
  readonly callWindowsOf: (account: string) => Promise<CallWindows | null>;
}
