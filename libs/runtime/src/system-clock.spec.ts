import { expect, it } from '@jest/globals';
import { systemClock } from './system-clock.ts';

it('tells the machine’s time, and one that never goes back', () => {
  expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1_000);
  const before = systemClock.monotonicMs();
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
});

it('sleeps, and wakes at once with the reason when the signal aborts', async () => {
  await systemClock.sleep(1);
  const abort = new AbortController();
  const sleeping = systemClock.sleep(60_000, abort.signal);
  abort.abort(new Error('stop'));
  await expect(sleeping).rejects.toThrow('stop');
  await expect(systemClock.sleep(60_000, abort.signal)).rejects.toThrow('stop');
});
