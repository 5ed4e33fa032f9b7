import { expect, it } from '@jest/globals';
import { FakeClock } from './testing.ts';

it('wakes sleepers in the order of their time, at their time', async () => {
  const clock = new FakeClock(0);
  const woken: [string, number][] = [];
  const sleep = (name: string, ms: number) => clock.sleep(ms).then(() => woken.push([name, clock.nowMs()]));
  void sleep('late', 50);
  void sleep('early', 10).then(() => sleep('after early', 15));
  await clock.advance(40);
  expect(woken).toEqual([
    ['early', 10],
    ['after early', 25],
  ]);
  await clock.advance(10);
  expect(woken.at(-1)).toEqual(['late', 50]);
});

it('rejects a sleep whose signal aborts', async () => {
  const clock = new FakeClock(0);
  const abort = new AbortController();
  const sleep = clock.sleep(1_000, abort.signal);
  abort.abort(new Error('gone'));
  await expect(sleep).rejects.toThrow('gone');
  await expect(clock.sleep(1, abort.signal)).rejects.toThrow('gone');
});
