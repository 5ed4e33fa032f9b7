import type { Authenticator } from '@certfolio/access';
import type { Clock, Logger } from '@certfolio/core';
import type { Pipeline } from '@certfolio/pipeline';
import type { GraphQLSchema } from 'graphql';
import type { Metrics } from './metrics.ts';

/** One part of the process that `/readyz` tells of. */
export interface ReadinessCheck {
  readonly name: string;
  /** Holds readiness back when it is down. */
  readonly isRequired: boolean;
  /** Resolves to null when it is well, else to what is wrong. */
  check(): Promise<string | null>;
}

/** The rolling windows of CertCentral's calls, with what is left of each. */
export type CallWindows = readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[];

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
  /** The API schema in place. */
  readonly schema: () => GraphQLSchema;
  /** Used in links, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly isStopping: () => boolean;
  /** What is left of an upstream account's calls; null where another process keeps count. Spends nothing. */
  readonly callWindowsOf: (account: string) => Promise<CallWindows | null>;
}
