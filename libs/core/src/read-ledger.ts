import { isoInstant } from './iso-instant.ts';
import type { MadeCall } from './request-trace.ts';

export type SourceKind = 'mirror' | 'live' | 'cache';

/** What an answer says of its origin, as `extensions.certfolio` shows it. */
export interface ReadAccount {
  readonly source: SourceKind | 'mixed' | null;
  /** The oldest among the reads, ISO 8601; null when nothing was read. */
  readonly dataAsOf: string | null;
  readonly upstreamCalls: number;
  readonly truncated: boolean;
  /** Rows that a report has whether or not they fit its cap; null while nobody counted them. */
  readonly totalRows: number | null;
  /** The data is older than was asked for, since CertCentral could not be read in time. */
  readonly stale: boolean;
  /** Fields that no source available to this upstream key gives; they are null in the answer. */
  readonly unavailableFields: readonly string[];
  /** The read plans, one sentence each. */
  readonly plans: readonly string[];
  /** Calls that the plans of a request that only plans would take. */
  readonly expectedCalls: number;
  /** Rows that root fields of a request that only plans would match, by response key, as far as the mirror knows. */
  readonly expectedRows: readonly ExpectedRows[];
  /** For a trace, the first of many; absent unless the request is traced. */
  readonly calls?: readonly MadeCall[];
}

export interface ExpectedRows {
  readonly field: string;
  /** Null where nobody can tell without reading. */
  readonly rows: number | null;
  /** Objects that the rows hold, as far as they were counted. */
  readonly below: readonly ObjectsBelow[];
}

export interface ObjectsBelow {
  /** `Type.field` of the field that holds them. */
  readonly coordinate: string;
  /** Objects for each object above. */
  readonly ratio: number;
  /** Neither counted nor an average of what was. */
  readonly isGuess: boolean;
}

/** Calls that a trace shows of one request; of those beyond only the number is told. */
export const mostTracedCalls = 200;

/** One per request: readers write down what they did, the edge shows it. */
export class ReadLedger {
  #source: SourceKind | 'mixed' | null = null;
  // Most requests have none of the next two, and a Set for each request shows in the time of a small one.
  #unavailable: Set<string> | null = null;
  readonly #plans: string[] = [];
  readonly #expectedRows: ExpectedRows[] = [];
  #unread: Set<string> | null = null;
  #asOfMs: number | null = null;
  #upstreamCalls = 0;
  #expectedCalls = 0;
  #truncated = false;
  #totalRows: number | null = null;
  #stale = false;
  readonly #calls: MadeCall[] | null;

  constructor(options: { readonly keepsCalls?: boolean } = {}) {
    this.#calls = options.keepsCalls === true ? [] : null;
  }

  /** Calls are kept, for a trace. */
  get keepsCalls(): boolean {
    return this.#calls !== null;
  }

  readFrom(source: SourceKind, asOfMs: number): void {
    this.#addSource(source);
    this.#asOfMs = Math.min(this.#asOfMs ?? asOfMs, asOfMs);
  }

  /** Counts a call when it is sent, retries included. A call shared with another request counts for the one that made it. */
  called(): void {
    this.#upstreamCalls += 1;
  }

  /** What became of a call that was counted before. */
  ended(call: MadeCall): void {
    if (this.#calls !== null && this.#calls.length < mostTracedCalls) this.#calls.push(call);
  }

  cutOff(): void {
    this.#truncated = true;
  }

  /** Rows that the report has in all. */
  counted(rows: number): void {
    this.#totalRows = rows;
  }

  isOlderThanAsked(): void {
    this.#stale = true;
  }

  cannotGive(field: string): void {
    (this.#unavailable ??= new Set()).add(field);
  }

  planned(sentence: string): void {
    this.#plans.push(sentence);
  }

  /** Calls that a plan would take, where nothing is read. */
  expects(calls: number): void {
    this.#expectedCalls += calls;
  }

  /** Rows that a root field would match, where nothing is read. @param field its response key */
  expectsRows(field: string, rows: number | null, below: readonly ObjectsBelow[] = []): void {
    this.#expectedRows.push({ field, rows, below });
  }

  /** A run that only plans was given no rows, or a sample, in the place of these, which nothing keeps. */
  leftUnread(what: string): void {
    (this.#unread ??= new Set()).add(what);
  }

  isUnread(what: string): boolean {
    return this.#unread?.has(what) ?? false;
  }

  /** Adds what a subgraph in another process reported of its part. */
  add(account: ReadAccount): void {
    if (account.source !== null) this.#addSource(account.source);
    if (account.dataAsOf !== null) {
      const asOfMs = Date.parse(account.dataAsOf);
      this.#asOfMs = Math.min(this.#asOfMs ?? asOfMs, asOfMs);
    }
    this.#upstreamCalls += account.upstreamCalls;
    this.#truncated ||= account.truncated;
    this.#totalRows ??= account.totalRows;
    this.#stale ||= account.stale;
    for (const field of account.unavailableFields) this.cannotGive(field);
    this.#plans.push(...account.plans);
    this.#expectedCalls += account.expectedCalls;
    this.#expectedRows.push(...account.expectedRows);
    for (const call of account.calls ?? []) this.ended(call);
  }

  get upstreamCalls(): number {
    return this.#upstreamCalls;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  /** What was written down so far. */
  account(): ReadAccount {
    const asOfMs = this.#asOfMs;
    return {
      source: this.#source,
      dataAsOf: asOfMs === null ? null : isoInstant(asOfMs),
      upstreamCalls: this.#upstreamCalls,
      truncated: this.#truncated,
      totalRows: this.#totalRows,
      stale: this.#stale,
      unavailableFields: this.#unavailable === null ? [] : [...this.#unavailable].sort(),
      plans: this.#plans.slice(),
      expectedCalls: this.#expectedCalls,
      expectedRows: this.#expectedRows.slice(),
      ...(this.#calls === null ? {} : { calls: this.#calls.slice() }),
    };
  }

  #addSource(source: SourceKind | 'mixed'): void {
    this.#source = this.#source === null || this.#source === source ? source : 'mixed';
  }
}
