import { expect, it } from '@jest/globals';
import { createUnknownKeys } from './unknown-keys.ts';

const minute = Date.parse('2026-11-23T12:00:00Z');
const refusal = (from: string, isKeyGiven = true) => ({ from, isKeyGiven });

it('counts by minute and address, once the minute is over', () => {
  const unknown = createUnknownKeys();
  unknown.note(refusal('192.0.2.1'), minute);
  unknown.note(refusal('192.0.2.1', false), minute + 59_999);
  unknown.note(refusal('192.0.2.2'), minute + 60_000);
  expect(unknown.take(minute + 59_999)).toEqual([]);
  expect(unknown.take(minute + 60_000)).toEqual([
    { kind: 'unknown-keys', at: '2026-11-23T12:00:00.000Z', from: '192.0.2.1', requests: 2, withoutKey: 1 },
  ]);
  expect(unknown.take(minute + 60_000)).toEqual([]);
  expect(unknown.take(minute + 60_000, true)).toMatchObject([{ from: '192.0.2.2', requests: 1 }]);
});

it('tells a bounded number of addresses apart', () => {
  const unknown = createUnknownKeys(2);
  for (let index = 0; index < 1_000; index += 1) unknown.note(refusal(`192.0.2.${index % 100}`), minute);
  expect(unknown.take(minute, true)).toMatchObject([
    { from: '192.0.2.0', requests: 10 },
    { from: '192.0.2.1', requests: 10 },
    { from: null, requests: 980 },
  ]);
});
