import { silentLogger, type Clock, type Lane } from '@certfolio/core';
import type { CallRequest } from '../src/budget-port.ts';
import { BudgetShare, type ShareTimes } from '../src/budget-share.ts';
import { CallLog } from '../src/call-log.ts';
import { PacedCalls } from '../src/paced-calls.ts';
import { Pause } from '../src/pause.ts';
import type { SharedLog, SharedRules } from '../src/shared-log.ts';

/**
 * How a process reaches the log. `down` fails at once, `hangs` after a while, `deaf` likewise though it was done,
 * `slow` is done and answered late.
 */
export type Link = 'up' | 'down' | 'hangs' | 'deaf' | 'slow';

const commandTimeoutMs = 500;

/** A process that shares a budget, on a clock and a log that the spec holds. */
export class SharingProcess {
  link: Link = 'up';
  readonly budget: PacedCalls;
  readonly #share: BudgetShare;
  readonly #clock: Clock;

  constructor(name: string, log: SharedLog, rules: SharedRules, times: ShareTimes, clock: Clock) {
    this.#clock = clock;
    const model = new CallLog(rules.windows, 300);
    const pause = new Pause();
    let epochs = 0;
    this.#share = new BudgetShare({
      ...{ rules, times, model, pause, clock },
      log: this.#linked(log),
      process: name,
      newEpoch: () => `${name}-${(epochs += 1)}`,
      earlierCallsMs: [],
      logger: silentLogger,
    });
    this.budget = new PacedCalls({ clock, log: model, pause, gate: this.#share });
    this.#share.start(this.budget);
  }

  request(lane: Lane, onBehalfOf: string, inMs = 3_600_000): CallRequest {
    return { lane, onBehalfOf, deadline: new Date(this.#clock.nowMs() + inMs), signal: new AbortController().signal };
  }

  cutOff(): void {
    this.#share.cutOff('the connection broke');
  }

  /** In good order. */
  async stop(): Promise<void> {
    this.budget.stop();
    await this.#share.stop();
  }

  /** As by a crash: the log is not told. */
  async kill(): Promise<void> {
    this.link = 'down';
    await this.stop();
  }

  #linked(log: SharedLog): SharedLog {
    const over = async <T>(operation: () => Promise<T>): Promise<T> => {
      const { link } = this;
      if (link === 'down') throw new Error('down');
      if (link === 'hangs') {
        await this.#clock.sleep(commandTimeoutMs);
        throw new Error('no answer');
      }
      if (link === 'slow') await this.#clock.sleep(commandTimeoutMs / 2);
      const answer = await operation();
      if (link === 'slow') await this.#clock.sleep(commandTimeoutMs / 2 - 10);
      if (link !== 'deaf') return answer;
      await this.#clock.sleep(commandTimeoutMs);
      throw new Error('no answer');
    };
    return {
      join: (joining) => over(() => log.join(joining)),
      beat: (contact, inFlight) => over(() => log.beat(contact, inFlight)),
      take: (contact, slot) => over(() => log.take(contact, slot)),
      settle: (epoch, ended) => over(() => log.settle(epoch, ended)),
      pause: (epoch, ms) => over(() => log.pause(epoch, ms)),
      leave: (process) => over(() => log.leave(process)),
    };
  }
}
