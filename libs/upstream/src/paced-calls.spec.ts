import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ServiceUnavailable, UpstreamBudgetExhausted, type Lane } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import type { CallBudget, CallGrant, CallRequest } from './budget-port.ts';
import { CallLog } from './call-log.ts';
import { defaultWindows } from './call-budget.ts';
import { laneOrder } from './fair-queue.ts';
import { createCallBudget, PacedCalls } from './paced-calls.ts';

const windows = [{ calls: 2, windowMs: 1_000 }];

const request = (
  clock: FakeClock,
  waitMs: number,
  lane: Lane = 'interactive',
  onBehalfOf = 'a',
  signal = new AbortController().signal,
): CallRequest => ({
  lane,
  onBehalfOf,
  signal,
  deadline: new Date(clock.nowMs() + waitMs),
});

/** Takes a call whose headers arrive at once. */
async function spend(budget: CallBudget, clock: FakeClock, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) (await budget.take(request(clock, 0))).answered();
}

describe('a caller', () => {
  it('waits for a slot rather than meet a 429', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows });
    await spend(budget, clock, 2);
    const waiting = budget.take(request(clock, 5_000));
    await clock.advance(999);
    expect(budget.state().queued.interactive).toBe(1);
    await clock.advance(1);
    expect((await waiting).waitedMs).toBe(1_000);
  });

  it('is refused at once when no slot comes before its deadline, and told when one does', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows, headersMs: 0 });
    await spend(budget, clock, 2);
    await expect(budget.take(request(clock, 999))).rejects.toMatchObject({
      code: 'UPSTREAM_BUDGET_EXHAUSTED',
      retryAfterMs: 1_000,
    });
    await clock.advance(1_000);
    expect((await budget.take(request(clock, 0))).waitedMs).toBe(0);
  });

  it('reserves nothing when refused', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows });
    await spend(budget, clock, 2);
    for (let refusal = 0; refusal < 50; refusal += 1)
      await expect(budget.take(request(clock, 10))).rejects.toMatchObject({ retryAfterMs: 1_000 });
    expect(budget.state()).toMatchObject({
      queued: { interactive: 0 },
      inFlight: 0,
      shared: 'alone',
      processes: 1,
    });
  });

  it('leaves the queue when aborted', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows });
    await spend(budget, clock, 2);
    const leaving = new AbortController();
    const gone = budget.take(request(clock, 5_000, 'interactive', 'a', leaving.signal));
    const next = budget.take(request(clock, 5_000));
    leaving.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    await clock.advance(1_000);
    expect((await next).waitedMs).toBe(1_000);
  });

  it('without a share waits if its deadline allows a minute, in which a process that died is forgotten', async () => {
    const clock = new FakeClock(0);
    const log = new CallLog(windows, 0);
    log.fill(3);
    const budget = new PacedCalls({ clock, log });
    await expect(budget.take(request(clock, 59_999))).rejects.toMatchObject({ retryAfterMs: 60_000 });
    const waiting = budget.take(request(clock, 90_000));
    await clock.advance(20_000);
    expect(budget.state().queued.interactive).toBe(1);
    log.fill(1);
    budget.serve();
    expect((await waiting).waitedMs).toBe(20_000);
  });

  it('is refused when the queue is full', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows, maxQueued: 1, headersMs: 0 });
    await spend(budget, clock, 2);
    void budget.take(request(clock, 60_000));
    await expect(budget.take(request(clock, 60_000))).rejects.toMatchObject({ retryAfterMs: 1_000 });
  });

  it('that a higher lane displaces is refused as soon as that is plain', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows, headersMs: 0 });
    await spend(budget, clock, 2);
    const displaced = budget.take(request(clock, 1_500, 'backfill')).catch((error: unknown) => error);
    for (let caller = 0; caller < 6; caller += 1) void budget.take(request(clock, 60_000));
    await clock.advance(1);
    expect(await displaced).toBeInstanceOf(UpstreamBudgetExhausted);
  });

  it('is refused when the client stops', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows });
    await spend(budget, clock, 2);
    const waiting = budget.take(request(clock, 5_000));
    budget.stop();
    await expect(waiting).rejects.toBeInstanceOf(ServiceUnavailable);
    await expect(budget.take(request(clock, 5_000))).rejects.toBeInstanceOf(ServiceUnavailable);
  });
});

describe('a call', () => {
  it('fills its place until its headers arrive, and a whole window after', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows });
    const slow = [await budget.take(request(clock, 0)), await budget.take(request(clock, 0))];
    const waiting = budget.take(request(clock, 60_000));
    await clock.advance(4_000);
    expect(budget.state().queued.interactive).toBe(1);
    slow[0]!.answered();
    await clock.advance(999);
    expect(budget.state().queued.interactive).toBe(1);
    await clock.advance(1);
    expect((await waiting).waitedMs).toBe(5_000);
  });

  it('that was never sent gives its place back', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows });
    for (let call = 0; call < 5; call += 1) (await budget.take(request(clock, 0))).unused();
    expect(budget.state().used[0]!.calls).toBe(0);
  });

  it('of an earlier process counts', async () => {
    const clock = new FakeClock(10_000);
    const budget = createCallBudget({ clock, windows, earlierCallsMs: [9_100, 9_400] });
    await expect(budget.take(request(clock, 0))).rejects.toMatchObject({ retryAfterMs: 100 });
    expect(budget.callsMs()).toEqual([9_100, 9_400]);
  });
});

describe('a fifth of each window', () => {
  const take = (
    budget: CallBudget,
    clock: FakeClock,
    onBehalfOf: string,
    lane: Lane = 'interactive',
    waitMs = 60_000,
  ) => budget.take(request(clock, waitMs, lane, onBehalfOf));
  const queued = (budget: CallBudget) => budget.state().queued;

  it('is for interactive callers whose key has few calls, past a crowd that waits', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock });
    for (let call = 0; call < 100; call += 1) void take(budget, clock, 'greedy');
    for (let call = 0; call < 10; call += 1) void take(budget, clock, 'scheduled', 'scheduled');
    await clock.advance(0);
    expect(budget.state()).toMatchObject({ inFlight: 76, queued: { interactive: 24, scheduled: 10 } });
    for (let call = 0; call < 9; call += 1) expect((await take(budget, clock, 'modest')).waitedMs).toBe(0);
    void take(budget, clock, 'modest'); // its tenth: no longer few
    expect(queued(budget).interactive).toBe(25);
    for (let call = 0; call < 10; call += 1)
      expect((await take(budget, clock, `key-${call}`, 'interactive', 0)).waitedMs).toBe(0);
    await expect(take(budget, clock, 'one-more', 'interactive', 1_000)).rejects.toBeInstanceOf(UpstreamBudgetExhausted);
    expect(budget.state().used[0]!.calls).toBe(95);
  });

  it('goes to those for whom it is as soon as there is room, whoever waits before them', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, headersMs: 0 });
    for (let call = 0; call < 19; call += 1) (await take(budget, clock, `early-${call}`)).answered();
    await clock.advance(1_000);
    for (let call = 0; call < 100; call += 1) void take(budget, clock, 'greedy').then((grant) => grant.answered());
    await clock.advance(0);
    for (let call = 0; call < 19; call += 1) (await take(budget, clock, `late-${call}`)).answered();
    const waits = take(budget, clock, 'modest');
    await clock.advance(4_200); // the early ones leave
    expect((await waits).waitedMs).toBe(4_200);
  });

  it('is at most a hundred calls, and none of a window that is too small', async () => {
    const clock = new FakeClock(0);
    const large = createCallBudget({ clock, windows: [{ calls: 1_000, windowMs: 1_000 }] });
    for (let call = 0; call < 1_000; call += 1) void take(large, clock, 'greedy');
    const small = createCallBudget({ clock, windows: [{ calls: 4, windowMs: 1_000 }] });
    for (let call = 0; call < 10; call += 1) void take(small, clock, 'greedy');
    await clock.advance(0);
    expect([large.state().inFlight, small.state().inFlight]).toEqual([900, 4]);
  });
});

describe('a 429', () => {
  async function takeLimited(budget: CallBudget, clock: FakeClock, retryAfterMs: number | null): Promise<number> {
    const grant = await budget.take(request(clock, 60_000));
    grant.answered();
    budget.limited(grant, retryAfterMs);
    return budget.state().pausedMs;
  }

  it('rests all lanes, twice as long each time up to 15 s, and is forgotten after a success', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock });
    const pausesMs: number[] = [];
    for (let time = 0; time < 6; time += 1) {
      pausesMs.push(await takeLimited(budget, clock, null));
      await clock.advance(pausesMs.at(-1)!);
    }
    expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    budget.accepted(await budget.take(request(clock, 0)));
    expect(await takeLimited(budget, clock, null)).toBe(1_000);
  });

  it('is as long as Retry-After says, within 1 and 30 s', async () => {
    for (const [saidMs, restedMs] of [
      [0, 1_000],
      [7_000, 7_000],
      [3_600_000, 30_000],
    ] as const) {
      const clock = new FakeClock(0);
      expect(await takeLimited(createCallBudget({ clock }), clock, saidMs)).toBe(restedMs);
    }
  });

  it('of calls sent together counts once', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock });
    const grants: CallGrant[] = [];
    for (let call = 0; call < 50; call += 1) grants.push(await budget.take(request(clock, 0)));
    await clock.advance(10);
    for (const grant of grants) budget.limited(grant, null);
    expect(budget.state().pausedMs).toBe(1_000);
  });

  it('is waited out by callers, or they are refused with its end', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock });
    await takeLimited(budget, clock, 7_000);
    await expect(budget.take(request(clock, 6_000))).rejects.toMatchObject({ retryAfterMs: 7_000 });
    const waiting = budget.take(request(clock, 8_000));
    await clock.advance(7_000);
    expect((await waiting).waitedMs).toBe(7_000);
  });
});

describe('the outlook', () => {
  it('tells the wait for any number of calls and spends none', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, headersMs: 0 });
    const { waitMsFor } = budget.outlook();
    // 76 of 95: the rest is kept for callers with few calls, until places come free within 2 s anyway.
    expect([0, 1, 76, 77, 95, 96, 152, 153].map(waitMsFor)).toEqual([0, 0, 0, 3_200, 3_200, 5_200, 5_200, 6_400]);
    // 880 of 980 by the same rule: 2 s before the first of them leave.
    expect([880, 881].map(waitMsFor)).toEqual([46_800, 179_000]);
    expect(budget.state().inFlight).toBe(0);
  });

  it('counts who waits, all lanes or those that go first', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock, windows, headersMs: 0 });
    await spend(budget, clock, 2);
    for (let caller = 0; caller < 4; caller += 1) void budget.take(request(clock, 60_000, 'backfill'));
    expect(budget.outlook().waitMsFor(1)).toBe(3_000);
    expect(budget.outlook('interactive').waitMsFor(1)).toBe(1_000);
  });
});

describe('retryAfterMs', () => {
  it('is true within a second, whoever waits', async () => {
    const arrival = fc.record({ lane: fc.constantFrom(...laneOrder), onBehalfOf: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(arrival, { maxLength: 12 }),
        arrival,
        async (calls, queued, refused) => {
          const clock = new FakeClock(0);
          const budget = createCallBudget({ clock, windows: [{ calls, windowMs: 5_000 }], headersMs: 0 });
          const served = (waiting: Promise<CallGrant>) =>
            waiting.then(
              (grant) => grant.answered(),
              () => undefined,
            );
          for (let call = 0; call < calls; call += 1) (await budget.take(request(clock, 0))).answered();
          for (const { lane, onBehalfOf } of queued)
            void served(budget.take(request(clock, 600_000, lane, onBehalfOf)));
          const refusal: unknown = await budget
            .take(request(clock, 10, refused.lane, refused.onBehalfOf))
            .catch((error: unknown) => error);
          expect(refusal).toBeInstanceOf(UpstreamBudgetExhausted);
          await clock.advance((refusal as UpstreamBudgetExhausted).retryAfterMs!);
          const granted = budget.take(request(clock, 1_000, refused.lane, refused.onBehalfOf));
          await clock.advance(1_000);
          expect((await granted).waitedMs).toBeLessThanOrEqual(1_000);
          budget.stop();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('for any arrivals and any times to headers', () => {
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 900 }),
      burst: fc.integer({ min: 1, max: 60 }),
      lane: fc.constantFrom(...laneOrder),
      onBehalfOf: fc.constantFrom('a', 'b', 'c'),
      headersMs: fc.integer({ min: 0, max: 7_000 }),
      /** Where between sending and headers the server counts, in tenths. */
      countedAt: fc.integer({ min: 0, max: 10 }),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('no 5 s hold more than 100 calls, no 3 min more than 1,000, wherever the server counts, and everyone is served', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async (bursts) => {
        const clock = new FakeClock(0);
        const budget = createCallBudget({ clock });
        const countedMs: number[] = [];
        let expected = 0;
        const runs: Promise<void>[] = [];
        for (const { afterMs, burst, lane, onBehalfOf, headersMs, countedAt } of bursts) {
          await clock.advance(afterMs);
          for (let call = 0; call < burst; call += 1) {
            expected += 1;
            const run = async () => {
              const grant = await budget.take(request(clock, 3_600_000, lane, onBehalfOf));
              countedMs.push(clock.monotonicMs() + (headersMs * countedAt) / 10);
              await clock.sleep(headersMs);
              grant.answered();
            };
            runs.push(run());
          }
        }
        await clock.advance(400_000);
        await Promise.all(runs);
        expect(countedMs).toHaveLength(expected);
        countedMs.sort((a, b) => a - b);
        for (const [windowMs, most] of [
          [5_000, 100],
          [180_000, 1_000],
        ] as const) {
          countedMs.forEach((fromMs, first) => {
            const beyond = countedMs[first + most];
            if (beyond !== undefined) expect(beyond - fromMs).toBeGreaterThanOrEqual(windowMs);
          });
        }
        expect(budget.state()).toMatchObject({
          inFlight: 0,
          queued: { interactive: 0, scheduled: 0, shadow: 0, backfill: 0 },
        });
      }),
      { numRuns: 25 },
    );
  });

  it('gives one key 76 calls at once, and in the long run the whole window', async () => {
    const clock = new FakeClock(0);
    const budget = createCallBudget({ clock });
    const grantsMs: number[] = [];
    const runs = Array.from({ length: 300 }, async () => {
      const grant = await budget.take(request(clock, 60_000));
      grantsMs.push(clock.monotonicMs());
      await clock.sleep(50);
      grant.answered();
    });
    await clock.advance(60_000);
    await Promise.all(runs);
    expect([grantsMs[75], grantsMs[76], grantsMs[95], grantsMs[190]]).toEqual([0, 3_250, 5_250, 10_500]);
    expect(grantsMs.filter((atMs) => atMs < 15_000).length).toBeGreaterThanOrEqual(250);
    expect(defaultWindows[0]).toEqual({ calls: 95, windowMs: 5_200 });
  });
});
