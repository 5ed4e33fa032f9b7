import type { Clock, Lane, Logger } from '@certfolio/core';
import type { Asked, CallGate } from './call-gate.ts';
import type { CallLog } from './call-log.ts';
import { laneOrder, type Waiting } from './fair-queue.ts';
import { KnownCalls } from './known-calls.ts';
import { KnownPeers } from './known-peers.ts';
import type { Pause } from './pause.ts';
import { callId, placesAt, type Contact, type LogState, type SharedLog, type SharedRules } from './shared-log.ts';

/** Times of the protocol, in milliseconds; `docs/decisions/0008-call-budget-shared.md` says how they hang together. */
export interface ShareTimes {
  /** Between two signs of life, and between two looks at what others did. */
  readonly beatMs: number;
  /** Between two attempts to reach the log again. */
  readonly rejoinMs: number;
  /** A moment without the log in which callers just wait: most losses are shorter. */
  readonly holdMs: number;
  /** Until others' calls, granted before the log was lost, are taken as answered. */
  readonly answerMs: number;
  /** A message that travels longer counts for nothing. */
  readonly travelMs: number;
}

export interface BudgetShareOptions {
  readonly log: SharedLog;
  readonly rules: SharedRules;
  readonly times: ShareTimes;
  /** What this process knows of the windows. */
  readonly model: CallLog;
  readonly pause: Pause;
  /** Of this process, unlike any other; no dots. */
  readonly process: string;
  readonly newEpoch: () => string;
  /** Of an earlier run of this process; they stand in the log unless it was lost. */
  readonly earlierCallsMs: readonly number[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The queue that the share serves. */
export interface ServedQueue {
  serve(): void;
  waitingLane(): Lane | null;
}

/** Milliseconds until a denied or a yielding caller asks again, and a turn that is left to another process. */
const restMs = { full: 20, yield: 50, paused: 20, late: 20, turn: 5 } as const;

/**
 * One process's part in a shared budget. While the log can be reached every call is asked for there. When it is lost,
 * this process fills its windows with all calls it knows of or must assume, and takes its part of what is left. When the
 * log is there again, everything known is written into it before the first question.
 */
export class BudgetShare implements CallGate {
  readonly #options: BudgetShareOptions;
  readonly #known: KnownCalls;
  readonly #peers: KnownPeers;
  #queue: ServedQueue | undefined;
  #mode: CallGate['mode'] = 'hold';
  #epoch: string | null = null;
  /** What to add to the monotonic time to get the log's. */
  #offsetMs = 0;
  #sureFromMs = Number.POSITIVE_INFINITY;
  #toldRank: number | null = null;
  #talks = false;
  #asked: string | null = null;
  #number = 0;
  #lastFailure = '';
  /** By ticket, what each call in flight fills of the log. */
  readonly #places = new Map<string, readonly string[]>();
  #cancelBeat = () => {};
  #cancelHold = () => {};
  #stopped = false;

  constructor(options: BudgetShareOptions) {
    this.#options = options;
    this.#known = new KnownCalls(options.process, options.rules, options.times);
    this.#peers = new KnownPeers(options.process, options.rules.silentMs);
    this.#known.before(options.earlierCallsMs.map((atMs) => [this.#newId(''), atMs]));
  }

  get mode(): CallGate['mode'] {
    return this.#mode;
  }

  get processes(): number {
    return this.#peers.count;
  }

  /** Without the log, and until the others are back in it as well. */
  get isUnsure(): boolean {
    return this.#mode === 'hold' || (this.#mode === 'ask' && this.#nowMs() < this.#sureFromMs);
  }

  start(queue: ServedQueue): void {
    this.#queue = queue;
    this.#lose(null);
    void this.#beat();
  }

  callsMs(): readonly number[] {
    return this.#known.ownMs(this.#nowMs());
  }

  async ask(waiter: Waiting, next: Lane | null): Promise<Asked> {
    const id = this.#newId(waiter.onBehalfOf);
    const rank = laneOrder.indexOf(waiter.lane);
    this.#asked = id;
    try {
      const answer = await this.#options.log.take(this.#contact(), { id, rank, nextRank: rankOf(next) });
      if (answer === 'lost') return this.#lostAsk('it was emptied');
      if (answer === 'late') return { ticket: null, restMs: restMs.late };
      if (answer.slot === 'granted') {
        this.#toldRank = rankOf(next);
        for (const placeId of answer.ids) this.#known.granted(placeId);
        this.#places.set(id, answer.ids);
        return { ticket: id, restMs: answer.othersWait ? restMs.turn : 0 };
      }
      this.#toldRank = rank;
      this.#adopt(answer.state);
      return { ticket: null, restMs: restMs[answer.slot] };
    } catch (error) {
      return this.#lostAsk(String(error));
    } finally {
      this.#asked = null;
    }
  }

  waits(lane: Lane): void {
    const rank = laneOrder.indexOf(lane);
    if (this.#mode === 'ask' && (this.#toldRank === null || rank < this.#toldRank)) void this.#beat();
  }

  taken(onBehalfOf: string): string {
    const id = this.#newId(onBehalfOf);
    this.#known.granted(id);
    return id;
  }

  answered(ticket: string): void {
    this.#end(ticket, 'answered');
  }

  unused(ticket: string): void {
    this.#end(ticket, 'unused');
  }

  paused(ms: number): void {
    this.#tell((epoch) => this.#options.log.pause(epoch, ms));
  }

  /** The connection broke: what was sent may or may not have arrived. */
  cutOff(reason: string): void {
    this.#lose(reason);
  }

  /** Takes this process from the list, so that the others need not keep its part. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelBeat();
    this.#cancelHold();
    await this.#options.log.leave(this.#options.process).catch(() => undefined);
  }

  #end(ticket: string, how: 'answered' | 'unused'): void {
    const ids = this.#places.get(ticket) ?? [ticket];
    this.#places.delete(ticket);
    for (const id of ids) {
      if (how === 'unused') this.#known.unused(id);
      else this.#known.answered(id, this.#nowMs());
    }
    this.#tell((epoch) => this.#options.log.settle(epoch, { ids, how }));
  }

  /** Says that this process lives, or comes back to the log; again and again. */
  async #beat(): Promise<void> {
    if (this.#talks || this.#stopped) return;
    this.#talks = true;
    this.#cancelBeat();
    try {
      await (this.#mode === 'ask' && this.#epoch !== null ? this.#tellLife() : this.#join());
    } catch (error) {
      this.#lastFailure = String(error);
      this.#lose(this.#lastFailure);
    } finally {
      this.#talks = false;
    }
    if (this.#stopped) return;
    const { beatMs, rejoinMs } = this.#options.times;
    // News about the number of processes is passed on at once: a part is due only when all know of it.
    const untilNextMs = this.#mode === 'ask' && !this.#peers.hasNews ? beatMs : rejoinMs;
    this.#cancelBeat = this.#options.clock.schedule(untilNextMs, () => void this.#beat());
  }

  async #tellLife(): Promise<void> {
    const contact = this.#contact();
    this.#toldRank = contact.waitingRank;
    const state = await this.#options.log.beat(contact, this.#known.inFlight());
    if (state === 'lost') return this.#lose('it was emptied');
    if (state === 'late') return this.#lose('it answers too slowly');
    this.#peers.told(contact.divisor);
    this.#adopt(state);
  }

  async #join(): Promise<void> {
    const { log, process, newEpoch, pause, logger } = this.#options;
    const divisor = this.#peers.divisor ?? 0;
    const epochIfNew = newEpoch();
    const nowMs = this.#nowMs();
    const state = await log.join({
      process,
      divisor,
      waitingRank: rankOf(this.#queue!.waitingLane()),
      epoch: this.#epoch,
      newEpoch: epochIfNew,
      calls: this.#known.all(nowMs),
      callsBefore: this.#known.callsBefore(nowMs),
      inFlight: this.#known.inFlight(),
      peers: this.#peers.toJoin(),
    });
    this.#peers.told(divisor);
    this.#cancelHold();
    this.#mode = 'ask';
    this.#sureFromMs = nowMs + this.#options.times.holdMs;
    this.#known.joined(state.epoch === epochIfNew);
    logger.info(
      { processes: state.peers.length },
      'The calls of CertCentral are counted together with other processes.',
    );
    this.#adopt(state);
    const restsMs = pause.untilMs - nowMs;
    if (restsMs > state.pausedMs) this.paused(restsMs);
  }

  /** Takes over what the log holds, which is more and newer than what is known here. */
  #adopt(state: LogState): void {
    if (this.#mode !== 'ask') return; // it was lost while the answer was on its way
    const { model, pause, log } = this.#options;
    const nowMs = this.#nowMs();
    this.#epoch = state.epoch;
    this.#offsetMs = state.nowMs - nowMs;
    this.#peers.adopt(state);
    const unknown = this.#known.adopt(state, nowMs, this.#asked);
    if (unknown.length > 0) this.#tell((epoch) => log.settle(epoch, { ids: unknown, how: 'unused' }));
    model.replace(this.#known.answeredCalls(), this.#known.elsewhere(nowMs));
    model.fill(placesAt(state.part));
    if (state.pausedMs > 0) pause.lastUntil(nowMs + state.pausedMs);
    this.#queue?.serve();
  }

  #lostAsk(reason: string): Asked {
    this.#lose(reason);
    return { ticket: null, restMs: 0 };
  }

  /** Holds everything for a moment, then goes on with this process's part. */
  #lose(reason: string | null): void {
    if (this.#stopped || (this.#mode !== 'ask' && reason !== null)) return;
    const { clock, times, logger } = this.#options;
    this.#mode = 'hold';
    this.#known.lost(this.#nowMs());
    this.#cancelHold();
    this.#cancelHold = clock.schedule(times.holdMs, () => {
      const { model } = this.#options;
      // One that not all others counted yet has no part: it goes on waiting, which is rare and safe.
      if (this.#epoch !== null && this.#peers.divisor === null)
        return logger.warn({ reason }, 'The shared count of calls is lost before this process was known to all.');
      const divisor = this.#peers.divisor ?? this.#options.rules.unknownDivisor;
      this.#mode = 'own';
      model.replace(this.#known.answeredCalls());
      model.fill(divisor);
      logger.warn(
        { reason: reason ?? this.#lastFailure, divisor },
        'The shared count of calls cannot be reached; this process keeps to its part of the limit.',
      );
      this.#queue!.serve();
    });
  }

  #contact(): Contact {
    const { process, times } = this.#options;
    return {
      process,
      divisor: this.#peers.telling,
      waitingRank: rankOf(this.#queue!.waitingLane()),
      epoch: this.#epoch ?? '',
      notAfterMs: Math.ceil(this.#nowMs() + this.#offsetMs + times.travelMs),
    };
  }

  /** Writes something into the log, if it is there; what fails is written when it is joined again. */
  #tell(say: (epoch: string) => Promise<'ok' | 'lost' | 'late'>): void {
    if (this.#mode !== 'ask' || this.#epoch === null) return;
    say(this.#epoch).then(
      (answer) => {
        if (answer === 'lost') this.#lose('it was emptied');
      },
      (error: unknown) => this.#lose(String(error)),
    );
  }

  #newId(onBehalfOf: string): string {
    this.#number += 1;
    return callId(this.#options.process, this.#number, onBehalfOf);
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

const rankOf = (lane: Lane | null): number | null => (lane === null ? null : laneOrder.indexOf(lane));
