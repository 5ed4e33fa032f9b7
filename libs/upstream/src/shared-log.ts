import type { RollingWindow } from './call-budget.ts';

/** A process that shares the log. */
export interface Peer {
  readonly process: string;
  /** Into how many parts it divides the limit when it cannot reach the log; 0 while it has no right to a part. */
  readonly divisor: number;
  /** Milliseconds since it was heard. */
  readonly silentForMs: number;
}

/** A call in the log. Its id begins with its process and ends with whom it was made for, between dots. */
export interface LoggedCall {
  readonly id: string;
  /** Milliseconds since its headers arrived. */
  readonly ageMs: number;
}

/** What the log holds at one moment. */
export interface LogState {
  /** Changes when the log was lost. */
  readonly epoch: string;
  readonly nowMs: number;
  readonly pausedMs: number;
  readonly calls: readonly LoggedCall[];
  readonly inFlight: readonly string[];
  /** All that are registered, the one who asks included. */
  readonly peers: readonly Peer[];
  /** The part of the limit that is left for those who reach the log, in [0, 1]: silent processes keep theirs. */
  readonly part: number;
}

/** Who tells something, and under which conditions it counts. */
export interface Contact {
  readonly process: string;
  readonly divisor: number;
  /** Rank of the highest lane in which its callers wait; null when nobody waits. */
  readonly waitingRank: number | null;
  /** The log it knows; it is told `lost` when that one is no more. */
  readonly epoch: string;
  /** In the log's time: a message that arrives later changes nothing. */
  readonly notAfterMs: number;
}

export interface Joining extends Omit<Contact, 'epoch' | 'notAfterMs'> {
  /** The log it knew before; null when none. */
  readonly epoch: string | null;
  /** Of a new log, should there be none. */
  readonly newEpoch: string;
  /** Everything it knows of, its own and others', so that a log without data is whole again. */
  readonly calls: readonly LoggedCall[];
  /** Its own of an earlier run; they count only when there was no log. */
  readonly callsBefore: readonly LoggedCall[];
  /** Its own. */
  readonly inFlight: readonly string[];
  /** The others it knew, who may be calling by their part of the limit, and for how long they are silent at least. */
  readonly peers: readonly Peer[];
}

export type Answer<T> = T | 'lost' | 'late';

/** `full`: a window has no room; `yield`: a higher lane waits elsewhere; `paused` after a 429. */
export type SlotAnswer =
  | {
      readonly slot: 'granted';
      /** More than one while others keep a part: what the call fills of the windows. Each is ended by itself. */
      readonly ids: readonly string[];
      /** Callers of the same lane wait elsewhere. */
      readonly othersWait: boolean;
    }
  | { readonly slot: 'full' | 'yield' | 'paused'; readonly state: LogState };

/**
 * The calls of one CertCentral key, of all processes. Every operation is atomic and rejects when the log cannot be
 * reached. Rules and times are handed over by whoever opens it; all processes must have the same.
 */
export interface SharedLog {
  /**
   * Registers a process and completes the log with what it knows. A log that was not there begins with a full shortest
   * window. Until the process says more, others take it as silent: it may not have been answered.
   */
  join(joining: Joining): Promise<LogState>;
  /** Says that a process lives and keeps its calls in flight from expiring. */
  beat(contact: Contact, inFlight: readonly string[]): Promise<Answer<LogState>>;
  /** Asks for a slot; when granted, its call is in flight as `id`. `next` is the rank in which others go on waiting. */
  take(
    contact: Contact,
    slot: { readonly id: string; readonly rank: number; readonly nextRank: number | null },
  ): Promise<Answer<SlotAnswer>>;
  settle(
    epoch: string,
    ended: { readonly ids: readonly string[]; readonly how: 'answered' | 'unused' },
  ): Promise<Answer<'ok'>>;
  /** All processes rest. */
  pause(epoch: string, ms: number): Promise<Answer<'ok'>>;
  /** Unregisters a process that makes no further call. */
  leave(process: string): Promise<void>;
}

export interface SharedRules {
  readonly windows: readonly RollingWindow[];
  /** After this silence a process is taken as cut off from the log, and keeps its part of the limit. */
  readonly silentMs: number;
  /** After this silence a process is taken as dead. */
  readonly forgetMs: number;
  /** A call in flight whose process is silent for so long is taken as answered. */
  readonly leaseMs: number;
  /** Into how many parts the limit is divided by who never learnt the number of processes. */
  readonly unknownDivisor: number;
}

/** More places than any window of CertCentral has: no call. */
const noPlaces = 1_000;

/** How many places a call fills, for those who reach the log: so that the silent find their part of what is left. */
export const placesAt = (part: number): number =>
  part > 0 ? Math.min(noPlaces, Math.ceil(1 / part - 1e-6)) : noPlaces;

/** The id of a call. */
export const callId = (process: string, number: number, onBehalfOf: string): string =>
  `${process}.${number.toString(36)}.${onBehalfOf}`;

/** The ids of all places that a call fills; the first is its own. */
export const placeIds = (id: string, places: number): readonly string[] =>
  Array.from({ length: places }, (_, at) => (at === 0 ? id : id.replace(/^([^.]*\.[^.]*)/, `$1~${at + 1}`)));

/** The call that fills a place. */
export const callOf = (placeId: string): string => placeId.replace(/^([^.]*\.[^.~]*)~\d+/, '$1');

export const processOf = (id: string): string => id.slice(0, id.indexOf('.'));

export const onBehalfOfIn = (id: string): string => id.slice(id.indexOf('.', id.indexOf('.') + 1) + 1);
