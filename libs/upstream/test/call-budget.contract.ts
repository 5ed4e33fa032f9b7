import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceUnavailable, UpstreamBudgetExhausted, type Clock, type Lane } from '@certfolio/core';
import type { CallBudget, CallGrant, CallRequest } from '../src/budget-port.ts';
import type { RollingWindow } from '../src/call-budget.ts';
import { laneOrder } from '../src/fair-queue.ts';

export const contractWindows: readonly RollingWindow[] = [{ calls: 2, windowMs: 600 }];

export interface CallBudgetUnderTest {
  readonly budget: CallBudget;
  readonly clock: Clock;
  /** Lets the budget's time pass. */
  passTime(ms: number): Promise<void>;
  /** Milliseconds that something may happen later than it should; 0 on a clock that stands still. */
  readonly slackMs: number;
  close(): Promise<void>;
}

/** What every call budget does. `open` gives one with empty windows. */
export function describeCallBudget(open: () => Promise<CallBudgetUnderTest>): void {
  describe('a call budget', () => {
    let under: CallBudgetUnderTest;
    let budget: CallBudget;

    beforeEach(async () => {
      under = await open();
      ({ budget } = under);
    });
    afterEach(() => under.close());

    const request = (
      waitMs = 60_000,
      lane: Lane = 'interactive',
      onBehalfOf = 'a',
      signal = new AbortController().signal,
    ): CallRequest => ({ lane, onBehalfOf, signal, deadline: new Date(under.clock.nowMs() + waitMs) });
    /** Calls whose headers arrive at once. */
    const spend = async (calls: number) => {
      for (let call = 0; call < calls; call += 1) (await budget.take(request())).answered();
    };
    const expectWait = (waitedMs: number, ms: number) => {
      expect(waitedMs).toBeGreaterThanOrEqual(ms - under.slackMs);
      expect(waitedMs).toBeLessThanOrEqual(ms + under.slackMs);
    };

    it('makes a caller wait until the call in the way has left its window', async () => {
      await spend(2);
      const waiting = budget.take(request());
      await under.passTime(500);
      expect(budget.state().queued.interactive).toBe(1);
      await under.passTime(100);
      expectWait((await waiting).waitedMs, 600);
      expect(budget.state()).toMatchObject({ inFlight: 1, pausedMs: 0 });
    });

    it('counts a call from its grant until a window after its headers', async () => {
      const slow = [await budget.take(request()), await budget.take(request())];
      const waiting = budget.take(request());
      await under.passTime(1_000);
      expect(budget.state().queued.interactive).toBe(1);
      slow[0]!.answered();
      await under.passTime(600);
      expectWait((await waiting).waitedMs, 1_600);
    });

    it('gives back the place of a call that was never sent', async () => {
      for (let call = 0; call < 6; call += 1) (await budget.take(request())).unused();
      expect(budget.state()).toMatchObject({ inFlight: 0, used: [{ calls: 0 }] });
    });

    it('refuses at once who cannot be served in time, and says when to come back', async () => {
      await spend(2);
      const refusal: unknown = await budget.take(request(200)).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(UpstreamBudgetExhausted);
      expectWait((refusal as UpstreamBudgetExhausted).retryAfterMs!, 600);
      expect(budget.state().queued.interactive).toBe(0);
    });

    it('lets a caller leave', async () => {
      await spend(2);
      const leaving = new AbortController();
      const gone = budget.take(request(60_000, 'interactive', 'a', leaving.signal));
      leaving.abort(new Error('gone'));
      await expect(gone).rejects.toThrow('gone');
      expect(budget.state().queued.interactive).toBe(0);
    });

    it('serves lanes by rank, and keys in turn', async () => {
      await spend(2);
      const served: string[] = [];
      const callers = [...laneOrder].reverse().flatMap((lane) =>
        ['a', 'a', 'b'].map(async (onBehalfOf) => {
          const grant = await budget.take(request(60_000, lane, onBehalfOf));
          served.push(`${lane} ${onBehalfOf}`);
          grant.answered();
        }),
      );
      for (let round = 0; round < 7; round += 1) await under.passTime(600 + under.slackMs / 2);
      await Promise.all(callers);
      expect(served).toEqual(laneOrder.flatMap((lane) => ['a', 'b', 'a'].map((key) => `${lane} ${key}`)));
    });

    it('rests after a 429', async () => {
      const grant = await budget.take(request());
      grant.answered();
      budget.limited(grant, 1_200);
      expectWait(budget.state().pausedMs, 1_200);
      const waiting = budget.take(request());
      await under.passTime(1_200);
      expectWait((await waiting).waitedMs, 1_200);
    });

    it('refuses all who wait when it stops', async () => {
      await spend(2);
      const waiting: Promise<CallGrant> = budget.take(request());
      budget.stop();
      await expect(waiting).rejects.toBeInstanceOf(ServiceUnavailable);
      await expect(budget.take(request())).rejects.toBeInstanceOf(ServiceUnavailable);
    });
  });
}
