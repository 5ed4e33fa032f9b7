import type { IgnoreRule } from './ignore-rule.ts';
import type { ParityCount } from './parity.ts';

/** A difference of one field, with the two values as they may be shown. */
export interface SamplePair {
  readonly id: string;
  readonly route: string;
  readonly keyId: string;
  readonly owner: string;
  readonly at: Date;
  readonly requestId: string;
  /** The call, `GET /order/certificate?limit=40`, values of filters redacted. */
  readonly call: string;
  /** Pattern of the field. */
  readonly field: string;
  /** Where it was, `orders[3].status`. */
  readonly place: string;
  /** CertCentral's value: JSON, cut, hashed where it is sensitive; null where it is absent. */
  readonly legacy: string | null;
  readonly graph: string | null;
  /** A rule that would ignore the field if it had not expired. */
  readonly expiredRule: string | null;
}

/** Counts of a route within one minute, and within one version of its state. */
export interface RolloutCounts {
  readonly compared: number;
  readonly different: number;
  /** Calls that the graph answered, or should have. */
  readonly graphCalls: number;
  /** Those that ended with a failure of ours. */
  readonly graphErrors: number;
  readonly legacyCalls: number;
  /** Calls by how long they took: one count per class of `latency.ts`. */
  readonly graphLatency: readonly number[];
  readonly legacyLatency: readonly number[];
}

export interface RolloutWindow extends RolloutCounts {
  readonly route: string;
  /** Of the route's state. */
  readonly version: number;
  /** The minute's beginning. */
  readonly minute: Date;
}

export interface ComparisonCounts {
  readonly parity: readonly (ParityCount & { readonly day: Date })[];
  readonly windows: readonly RolloutWindow[];
  readonly samples: readonly SamplePair[];
}

/** What comparisons found: counts, windows for ramps, sample pairs, ignore rules. Shared by all processes. */
export interface ComparisonStore {
  /** Adds counts to those that are there; samples replace the oldest of their route and field when these are full. */
  add(counts: ComparisonCounts): Promise<void>;
  /** @param filter.since first day that counts */
  parity(filter: {
    readonly route?: string;
    readonly keyIds?: readonly string[];
    readonly since: Date;
    /** Only whole answers, `field` ''. */
    readonly wholeOnly?: boolean;
  }): Promise<readonly ParityCount[]>;
  /** The newest first. */
  samples(filter: {
    readonly route?: string;
    readonly keyIds?: readonly string[];
    readonly limit: number;
  }): Promise<readonly SamplePair[]>;
  /** Of one version of a route's state, from a minute on. */
  windows(route: string, version: number, since: Date): Promise<readonly RolloutWindow[]>;
  /** Every rule, those that expired included, by route and field. */
  rules(): Promise<readonly IgnoreRule[]>;
  addRule(rule: IgnoreRule): Promise<void>;
  /** False when there is none. */
  removeRule(id: string): Promise<boolean>;
  /** Removes what is older than it is kept. */
  forget(before: { readonly parity: Date; readonly windows: Date; readonly samples: Date }): Promise<void>;
}
