/** Calls of one kind on one day in UTC. */
export interface RestUse {
  readonly keyId: string;
  /** Of the catalog; `GET (unknown)` for a path that is none of it. */
  readonly route: string;
  /** Sorted names of the query parameters, without values. */
  readonly shape: string;
  /** As sent, cut; '' for none. */
  readonly userAgent: string;
  /** Marked as a test, or made by the product's own programs. */
  readonly isTest: boolean;
  readonly calls: number;
  /** Of the calls, those that the graph answered. */
  readonly fromGraph: number;
  /** Those that were refused before anybody was asked. */
  readonly refused: number;
  /** Those that ended with a status from 500 on, or broke off. */
  readonly failed: number;
  /** Calls of CertCentral's budget that were spent on them. */
  readonly upstreamCalls: number;
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
}

/** Why CertCentral answered although the state gave the call to the graph. */
export interface RestFallback {
  readonly keyId: string;
  readonly route: string;
  /** A mapper's sentence, or the code of a failure of ours. */
  readonly reason: string;
  readonly calls: number;
  readonly lastUsedAt: Date;
}

/** Which uses are wanted. */
export interface RestUsageFilter {
  /** Of these keys; absent, of all. */
  readonly keyIds?: readonly string[];
  readonly route?: string;
  /** First day that counts, in UTC; absent, all that are kept. */
  readonly since?: Date;
}

/** Calls of one route by one key on one day. */
export interface RestDayUse {
  readonly keyId: string;
  readonly route: string;
  /** `2026-11-23`, UTC. */
  readonly day: string;
  readonly isTest: boolean;
  readonly calls: number;
  readonly fromGraph: number;
}

/** Who calls which route, how, and when last. Methods throw what the database throws when it is unreachable. */
export interface RestUsageStore {
  /** Adds to what is counted, everything in one statement. */
  add(uses: readonly RestUse[], fallbacks: readonly RestFallback[]): Promise<void>;
  /** Summed over the days, by key, route, shape, user agent and whether it was a test. */
  uses(filter: RestUsageFilter): Promise<readonly RestUse[]>;
  /** Summed over the days, by key, route and reason. */
  fallbacks(filter: RestUsageFilter): Promise<readonly RestFallback[]>;
  /** By key, route and day, newest first. */
  days(filter: RestUsageFilter): Promise<readonly RestDayUse[]>;
  /** Forgets the days before. @returns rows that went */
  forget(before: Date): Promise<number>;
}
