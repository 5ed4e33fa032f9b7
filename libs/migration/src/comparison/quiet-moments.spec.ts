import { expect, it } from '@jest/globals';
import { FakeClock } from '@certfolio/core/testing';
import { QuietMoments } from './quiet-moments.ts';

function stand() {
  const clock = new FakeClock('2026-11-23T12:00:00Z');
  const quiet = new QuietMoments(clock, { settleMs: 25, patienceMs: 1_000 });
  let waitedMs: number | null = null;
  const begunMs = clock.monotonicMs();
  const wait = async () => {
    await quiet.wait();
    waitedMs = clock.monotonicMs() - begunMs;
  };
  return { clock, quiet, wait, waitedMs: () => waitedMs };
}

it('waits for nothing while nobody calls', async () => {
  const { wait, waitedMs } = stand();
  await wait();
  expect(waitedMs()).toBe(0);
});

it('waits until the last caller has had its answer for a while', async () => {
  const { clock, quiet, wait, waitedMs } = stand();
  const ends = [quiet.began(), quiet.began()];
  void wait();
  await clock.advance(100);
  ends[0]!();
  await clock.advance(100);
  expect(waitedMs()).toBeNull();
  ends[1]!();
  await clock.advance(20);
  expect(waitedMs()).toBeNull();
  await clock.advance(30);
  expect(waitedMs()).toBeGreaterThanOrEqual(225);
});

it('is patient, and not for ever, with a caller that never pauses', async () => {
  const { clock, quiet, wait, waitedMs } = stand();
  void wait();
  let ended = quiet.began();
  void wait();
  for (let count = 0; count < 120; count += 1) {
    await clock.advance(10);
    ended();
    ended = quiet.began();
  }
  expect(waitedMs()).toBeGreaterThanOrEqual(1_000);
  expect(waitedMs()).toBeLessThanOrEqual(1_050);
});
