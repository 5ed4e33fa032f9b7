import { expect, it } from '@jest/globals';
import { checkClock, checkReady } from './check-ready.ts';

const atMs = Date.parse('2026-11-23T12:00:00Z');

it('takes the Date header for the middle of its second, and the answer for halfway', () => {
  expect(checkClock(atMs, atMs + 400, atMs + 600)).toMatchObject({ state: 'ok' });
  expect(checkClock(atMs, atMs - 4_500, atMs - 4_500)).toMatchObject({ state: 'ok' });
  expect(checkClock(atMs, atMs + 5_500, atMs + 5_500)).toMatchObject({ state: 'ok' });
  expect(checkClock(atMs, atMs - 9_500, atMs - 9_500)).toMatchObject({
    state: 'warn',
    found: 'the gateway is 10 s ahead',
  });
  expect(checkClock(atMs, atMs + 10_500, atMs + 10_500)).toMatchObject({
    state: 'warn',
    found: 'the gateway is 10 s behind',
  });
  expect(checkClock(null, atMs, atMs)).toMatchObject({ state: 'skipped' });
});

it('shows every part; one that is not required does not fail the whole', () => {
  const report = { status: 'ready', parts: { database: 'ok', mirror: 'is 3 h old' } };
  expect(
    checkReady({ ready: true, status: 200, report, dateMs: null }).map(({ name, state, found }) => [
      name,
      state,
      found,
    ]),
  ).toEqual([
    ['ready', 'ok', 'the gateway takes requests'],
    ['database', 'ok', 'ok'],
    ['mirror', 'warn', 'is 3 h old'],
    ['redis', 'skipped', 'none is configured; limits are counted by each process'],
  ]);
  const withRedis = { status: 'ready', parts: { redis: 'ok' } };
  expect(checkReady({ ready: true, status: 200, report: withRedis, dateMs: null }).map(({ state }) => state)).toEqual([
    'ok',
    'ok',
  ]);
  expect(checkReady({ ready: false, status: 503, report: 'what', dateMs: null })).toMatchObject([{ state: 'fail' }]);
});
