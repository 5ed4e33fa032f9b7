import { expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import type { KeyUse } from './key-store.ts';
import { createLastUsedRecorder } from './last-used.ts';

/** As the authenticator tells it: base64. */
const hash = (name: string) => Buffer.from(name).toString('base64');

function recorder() {
  const clock = new FakeClock(0);
  const written: [string, string, number][][] = [];
  const failures: Error[] = [];
  const touchLastUsed = async (uses: readonly KeyUse[]) => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    if (uses.length > 0)
      written.push(uses.map(({ keyId, sha256, at }) => [keyId, Buffer.from(sha256).toString(), at.getTime()]));
  };
  return { clock, written, failures, recorder: createLastUsedRecorder({ touchLastUsed }, clock, silentLogger) };
}

it('writes each secret at most once a minute, with its last use, and a last time at the end', async () => {
  const { clock, written, recorder: lastUsed } = recorder();
  const stop = new AbortController();
  const running = lastUsed.run(stop.signal);
  for (const secret of ['old', 'new', 'old']) {
    lastUsed.note('a', hash(secret));
    await clock.advance(10_000);
  }
  expect(written).toEqual([]);
  await clock.advance(30_000);
  expect(written).toEqual([
    [
      ['a', 'old', 20_000],
      ['a', 'new', 10_000],
    ],
  ]);
  lastUsed.note('c', hash('c'));
  stop.abort();
  await running;
  expect(written[1]).toEqual([['c', 'c', 60_000]]);
});

it('keeps what could not be written for the next time', async () => {
  const { written, failures, recorder: lastUsed } = recorder();
  failures.push(new Error('down'));
  lastUsed.note('a', hash('a'));
  await lastUsed.flush();
  lastUsed.note('b', hash('b'));
  await lastUsed.flush();
  expect(written).toEqual([
    [
      ['a', 'a', 0],
      ['b', 'b', 0],
    ],
  ]);
});
