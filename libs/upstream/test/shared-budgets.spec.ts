import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '@certfolio/core/testing';
import { defaultWindows } from '../src/call-budget.ts';
import { laneOrder } from '../src/fair-queue.ts';
import { sharedRules, shareTimes } from '../src/shared-call-budget.redis.ts';
import { createMemorySharedLog } from './memory-shared-log.ts';
import { SharingProcess, type Link } from './shared-budgets.ts';

const rules = { ...sharedRules, windows: defaultWindows };
const short = process.env['CERTFOLIO_TEST_LONG'] === undefined;
/** The short form takes the same cases every time and reports a failure as it is; the long one draws and shrinks. */
const cases = short ? { numRuns: 7, seed: 20_261_127, endOnFailure: true } : { numRuns: 300 };
const timeoutMs = short ? 120_000 : 3_600_000;

type ValueOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

const vendorLimits = [
  [5_000, 100],
  [180_000, 1_000],
] as const;

describe('for any number of processes, any arrivals and any trouble with the log', () => {
  const processes = fc.integer({ min: 1, max: 4 });
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 15_000 }),
      at: fc.nat(),
      burst: fc.integer({ min: 1, max: 150 }),
      lane: fc.constantFrom(...laneOrder),
      onBehalfOf: fc.constantFrom('a', 'b', 'c'),
      headersMs: fc.integer({ min: 0, max: shareTimes.answerMs }),
      /** Where between sending and headers the server counts, in tenths. */
      countedAt: fc.integer({ min: 0, max: 10 }),
    }),
    { minLength: 4, maxLength: 20 },
  );
  const troubles = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 40_000 }),
      at: fc.nat(),
      kind: fc.constantFrom('link', 'all', 'empty', 'cut', 'kill', 'leave', 'start'),
      link: fc.constantFrom<Link>('up', 'down', 'hangs', 'deaf', 'slow'),
      /** Of all: for any time; of one: until the others take it as dead. */
      lastsMs: fc.integer({ min: 0, max: 55_000 }),
    }),
    { maxLength: 8 },
  );

  /** One tries to join by commands that arrive while their answers do not, and calls by its part. */
  const deafBeside: [number, ValueOf<typeof arrivals>, ValueOf<typeof troubles>] = [
    2,
    [
      { afterMs: 2299, at: 2016820478, burst: 25, lane: 'interactive', onBehalfOf: 'b', headersMs: 1915, countedAt: 7 },
      { afterMs: 14451, at: 1409528198, burst: 133, lane: 'backfill', onBehalfOf: 'c', headersMs: 1290, countedAt: 2 },
      {
        afterMs: 3177,
        at: 1920870165,
        burst: 127,
        lane: 'interactive',
        onBehalfOf: 'b',
        headersMs: 1068,
        countedAt: 0,
      },
      { afterMs: 8504, at: 1302804761, burst: 65, lane: 'backfill', onBehalfOf: 'c', headersMs: 155, countedAt: 10 },
      { afterMs: 9216, at: 46450840, burst: 145, lane: 'shadow', onBehalfOf: 'b', headersMs: 459, countedAt: 0 },
      { afterMs: 644, at: 2009038511, burst: 5, lane: 'interactive', onBehalfOf: 'a', headersMs: 214, countedAt: 2 },
      { afterMs: 7235, at: 1128363092, burst: 24, lane: 'backfill', onBehalfOf: 'b', headersMs: 1797, countedAt: 0 },
      { afterMs: 12665, at: 182396424, burst: 72, lane: 'scheduled', onBehalfOf: 'b', headersMs: 1590, countedAt: 4 },
    ],
    [
      { afterMs: 23449, at: 1919758473, kind: 'link', link: 'deaf', lastsMs: 36854 },
      { afterMs: 28790, at: 1972914690, kind: 'leave', link: 'slow', lastsMs: 18683 },
    ],
  ];

  it(
    'no 5 s hold more than 100 calls, no 3 min more than 1,000, and everyone is served',
    async () => {
      await fc.assert(
        fc.asyncProperty(processes, arrivals, troubles, async (count, bursts, disorder) => {
          const clock = new FakeClock(1_000_000);
          const log = createMemorySharedLog(clock, rules);
          let made = 0;
          const start = () => new SharingProcess(`p${(made += 1)}`, log, rules, shareTimes, clock);
          const alive = Array.from({ length: count }, start);
          const countedMs: number[] = [];
          let asked = 0;
          let served = 0;
          const unserved = new Map<SharingProcess, number>();

          const arrive = async () => {
            for (const { afterMs, at, burst, lane, onBehalfOf, headersMs, countedAt } of bursts) {
              await clock.sleep(afterMs);
              const process = alive[at % alive.length]!;
              for (let call = 0; call < burst; call += 1) {
                asked += 1;
                unserved.set(process, (unserved.get(process) ?? 0) + 1);
                void process.budget.take(process.request(lane, onBehalfOf)).then(
                  async (grant) => {
                    served += 1;
                    unserved.set(process, unserved.get(process)! - 1);
                    countedMs.push(clock.monotonicMs() + (headersMs * countedAt) / 10);
                    await clock.sleep(headersMs);
                    grant.answered();
                  },
                  () => undefined,
                );
              }
            }
          };
          const end = (process: SharingProcess) => {
            asked -= unserved.get(process) ?? 0; // they fail with it
            alive.splice(alive.indexOf(process), 1);
          };
          let allUntilMs = 0;
          const strike = async (
            struck: readonly SharingProcess[],
            link: Link,
            lastsMs: number,
            ends = () => struck,
          ) => {
            for (const one of struck) one.link = link;
            await clock.sleep(lastsMs);
            if (clock.monotonicMs() >= allUntilMs) for (const one of ends()) if (alive.includes(one)) one.link = 'up';
          };
          const strikeAll = (link: Link, lastsMs: number) => {
            allUntilMs = Math.max(allUntilMs, clock.monotonicMs() + lastsMs);
            return strike([...alive], link, lastsMs, () => alive);
          };
          const disturb = async () => {
            for (const { afterMs, at, kind, link, lastsMs } of disorder) {
              await clock.sleep(afterMs);
              const process = alive[at % alive.length]!;
              if (kind === 'link') {
                if (clock.monotonicMs() >= allUntilMs) void strike([process], link, lastsMs);
              } else if (kind === 'all') void strikeAll(link, lastsMs * 4);
              else if (kind === 'empty') {
                log.empty();
                void strikeAll('down', lastsMs * 4);
              } else if (kind === 'cut') process.cutOff();
              else if (kind === 'start') {
                // One that finds an empty log cannot know of others who do not reach it.
                while (alive.some(({ budget }) => budget.state().shared !== 'shared')) await clock.sleep(100);
                alive.push(start());
              } else if (alive.length > 1) {
                end(process);
                await (kind === 'kill' ? process.kill() : process.stop());
              }
            }
          };
          void arrive();
          void disturb();
          await clock.advance(800_000);

          countedMs.sort((a, b) => a - b);
          for (const [windowMs, most] of vendorLimits) {
            countedMs.forEach((fromMs, first) => {
              const beyond = countedMs[first + most];
              if (beyond !== undefined) expect(beyond - fromMs).toBeGreaterThanOrEqual(windowMs);
            });
          }
          for (let more = 0; served < asked && more < 20; more += 1) await clock.advance(200_000);
          expect(served).toBe(asked);
          for (const process of alive)
            expect(process.budget.state()).toMatchObject({ shared: 'shared', processes: alive.length, inFlight: 0 });
          await Promise.all(alive.map((process) => process.stop()));
        }),
        { ...cases, examples: [deafBeside] },
      );
    },
    timeoutMs,
  );
});
