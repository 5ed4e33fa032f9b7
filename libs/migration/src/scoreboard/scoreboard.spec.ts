import { expect, it } from '@jest/globals';
import { untouchedState } from '../rollout/route-state.ts';
import type { RestUse } from '../usage/rest-usage.ts';
import { scoreboard, type ScoreboardFacts } from './scoreboard.ts';

const route = 'GET /order/certificate';
const nowMs = Date.parse('2026-11-23T12:00:00Z');

const use = (keyId: string, more: Partial<RestUse> = {}): RestUse => ({
  ...{ keyId, route, shape: 'limit,offset', userAgent: 'curl/8', isTest: false, calls: 1, fromGraph: 0, refused: 0 },
  ...{ failed: 0, upstreamCalls: 1, firstUsedAt: new Date(nowMs - 1_000), lastUsedAt: new Date(nowMs) },
  ...more,
});
const board = (facts: Partial<ScoreboardFacts>) =>
  scoreboard({ states: [], uses: [], days: [], parity: [], nowMs, ...facts }, [route, 'GET /domain']);

it('shows three keys at three stages of one route', () => {
  const states = [
    { ...untouchedState(route), state: 'ramping' as const, percent: 25 },
    { ...untouchedState(route), keyId: 'key2', state: 'served' as const },
    { ...untouchedState(route), keyId: 'key3', state: 'proxied' as const },
  ];
  const uses = [use('key1', { calls: 5 }), use('key2', { calls: 3 }), use('key3', { calls: 2 })];
  const [row] = board({ states, uses });
  expect(row!.keys.map(({ keyId, state, isOverride }) => [keyId, state.state, isOverride])).toEqual([
    ['key1', 'ramping', false],
    ['key2', 'served', true],
    ['key3', 'proxied', true],
  ]);
  expect(row).toMatchObject({ route, calls: 10, state: { state: 'ramping', percent: 25 } });
});

it('counts test traffic apart: neither calls nor last call know of it', () => {
  const [row] = board({
    uses: [use('key1', { calls: 2, lastUsedAt: new Date(nowMs - 5_000) }), use('key1', { isTest: true, calls: 40 })],
  });
  expect(row).toMatchObject({ calls: 2, testCalls: 40, lastCallAt: new Date(nowMs - 5_000) });
});

it('counts the calls that CertCentral was not asked', () => {
  const [row] = board({
    uses: [
      use('key1', { calls: 10, upstreamCalls: 10 }),
      use('key1', { calls: 8, fromGraph: 7, refused: 1, upstreamCalls: 2, shape: 'limit' }),
    ],
  });
  expect(row).toMatchObject({ fromGraph: 7, upstreamCallsSaved: 5 });
});

it('suggests what replaces the calls as they are made most', () => {
  const expiring = use('key1', { calls: 9, shape: 'filters[valid_till],limit' });
  expect(board({ uses: [use('key1'), expiring] })[0]!.replacement).toMatchObject({ template: 'expiring-soon' });
  expect(board({ uses: [use('key1', { route: 'GET /nowhere' })] })[0]!.replacement).toBeNull();
});

it('tells parity of the route, of its keys, and of its fields, the worst first', () => {
  const count = (keyId: string, field: string, compared: number, different: number) => ({
    ...{ route, keyId, field, compared, different, passed: 0 },
  });
  const [row] = board({
    parity: [
      ...[count('key1', '', 10, 1), count('key1', 'a', 10, 0), count('key1', 'b', 10, 1)],
      ...[count('key2', '', 30, 0), count('key2', 'a', 30, 0), count('key2', 'b', 30, 0)],
    ],
  });
  expect(row!.parity).toMatchObject({ compared: 40, different: 1, equalRate: 0.975 });
  expect(row!.keys.map(({ keyId, parity }) => [keyId, parity.equalRate])).toEqual([
    ['key1', 0.9],
    ['key2', 1],
  ]);
  expect(row!.fields).toMatchObject([
    { field: 'b', compared: 40, different: 1 },
    { field: 'a', compared: 40, different: 0 },
  ]);
});

it('lists routes in the order of the catalog, those that are none of it at the end', () => {
  const uses = ['GET (unknown)', 'GET /domain', route].map((each) => use('key1', { route: each }));
  expect(board({ uses }).map((row) => row.route)).toEqual([route, 'GET /domain', 'GET (unknown)']);
});
