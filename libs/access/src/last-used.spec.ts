import { expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createLastUsedRecorder } from './last-used.ts';

function recorder() {
  const clock = new FakeClock(0);
  const written: [string, number][][] = [];
  const failures: Error[] = [];
  const touchLastUsed = async (usedAt: ReadonlyMap<string, Date>) => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    if (usedAt.size > 0) written.push([...usedAt].map(([id, at]) => [id, at.getTime()]));
  };
  return { clock, written, failures, recorder: createLastUsedRecorder({ touchLastUsed }, clock, silentLogger) };
}

it('writes each key at most once a minute, with its last use, and a last time at the end', async () => {
  const { clock, written, recorder: lastUsed } = recorder();
  const stop = new AbortController();
  const running = lastUsed.run(stop.signal);
  for (const id of ['a', 'b', 'a']) {
    lastUsed.note(id);
    await clock.advance(10_000);
  }
  expect(written).toEqual([]);
  await clock.advance(30_000);
  expect(written).toEqual([
    [
      ['a', 20_000],
      ['b', 10_000],
    ],
  ]);
  lastUsed.note('c');
  stop.abort();
  await running;
  expect(written[1]).toEqual([['c', 60_000]]);
});

it('keeps what could not be written for the next time', async () => {
  const { written, failures, recorder: lastUsed } = recorder();
  failures.push(new Error('down'));
  lastUsed.note('a');
  await lastUsed.flush();
  lastUsed.note('b');
  await lastUsed.flush();
  expect(written).toEqual([
    [
      ['a', 0],
      ['b', 0],
    ],
  ]);
});
