import { expect, it } from '@jest/globals';
import { compareCall, type Asked, type FirstAnswer, type Sides } from './compare-call.ts';
import type { IgnoreRule } from './ignore-rule.ts';

const route = 'GET /order/certificate';
const nowMs = Date.parse('2026-11-23T12:00:00Z');

const answer = (value: unknown, status = 200) => ({
  status,
  headers: [['content-type', 'application/json']] as const,
  body: Buffer.from(JSON.stringify(value)),
  atMs: nowMs,
});
const asked = (value: unknown, status = 200): Asked => ({
  kind: 'answer',
  answer: answer(value, status),
  durationMs: 1,
});
const gone: Asked = { kind: 'none', why: 'quota' };

/** Sides that answer from lists, and write down what they were asked. */
function sides(legacy: readonly Asked[], graph: readonly Asked[]) {
  const calls: string[] = [];
  const next = (name: string, list: readonly Asked[]) => {
    calls.push(name);
    return Promise.resolve(list[calls.filter((call) => call.startsWith(name.split(' ')[0]!)).length - 1]!);
  };
  const both: Sides = {
    legacy: () => next('legacy', legacy),
    graph: (isLive) => next(isLive ? 'graph live' : 'graph', graph),
  };
  return { ...both, calls };
}
const byLegacy = (value: unknown): FirstAnswer => ({ by: 'legacy', answer: answer(value) });
const rule = (field: string, expiresAt: string): IgnoreRule => ({
  ...{ id: 'rule1', route, field, reason: 'rounding', createdBy: 'key1', createdAt: new Date(0) },
  expiresAt: new Date(expiresAt),
});
const compare = (first: FirstAnswer, two: Sides, rules: readonly IgnoreRule[] = []) =>
  compareCall(first, two, { route, rules, nowMs: () => nowMs });

it('asks the graph alone where the answers are equal', async () => {
  const two = sides([], [asked({ a: 1 })]);
  expect(await compare(byLegacy({ a: 1 }), two)).toMatchObject({
    kind: 'verdict',
    verdict: { different: [], passed: [] },
  });
  expect(two.calls).toEqual(['graph']);
});

it('counts what differs again when both sides are read anew, the graph live', async () => {
  const two = sides([asked({ a: 1 })], [asked({ a: 2 }), asked({ a: 3 })]);
  expect(await compare(byLegacy({ a: 1 }), two)).toMatchObject({
    verdict: { different: [{ field: 'a', legacy: 1, graph: 3, expiredRule: null }] },
  });
  expect(two.calls).toEqual(['graph', 'legacy', 'graph live']);
});

it('counts what is gone on the second look as passed: the mirror was old', async () => {
  const two = sides([asked({ a: 1 })], [asked({ a: 0 }), asked({ a: 1 })]);
  expect(await compare(byLegacy({ a: 1 }), two)).toMatchObject({ verdict: { different: [], passed: ['a'] } });
});

it('takes what differs between two answers of CertCentral for noise, and still counts the rest', async () => {
  const two = sides([asked({ a: 1, token: 'y' })], [asked({ a: 2, token: 'z' }), asked({ a: 2, token: 'z' })]);
  expect(await compare(byLegacy({ a: 1, token: 'x' }), two)).toMatchObject({
    verdict: { noise: ['token'], different: [{ field: 'a' }] },
  });
});

it('holds an answer of the graph against CertCentral in the same way', async () => {
  const two = sides([asked({ a: 1 }), asked({ a: 1 })], [asked({ a: 2 })]);
  expect(await compare({ by: 'graph', answer: answer({ a: 2 }) }, two)).toMatchObject({
    verdict: { different: [{ field: 'a', legacy: 1, graph: 2 }] },
  });
  expect(two.calls).toEqual(['legacy', 'legacy', 'graph live']);
});

it('ignores by rule until the rule expires, and says then which it was', async () => {
  const different = () => sides([asked({ a: 1 })], [asked({ a: 2 }), asked({ a: 2 })]);
  const before = await compare(byLegacy({ a: 1 }), different(), [rule('a', '2026-12-01T00:00:00Z')]);
  expect(before).toMatchObject({ verdict: { different: [], ignored: ['a'] } });
  const after = await compare(byLegacy({ a: 1 }), different(), [rule('a', '2026-11-23T12:00:00Z')]);
  expect(after).toMatchObject({ verdict: { different: [{ field: 'a', expiredRule: 'rule1' }], ignored: [] } });
});

it('counts nothing when a side cannot be had, fails, or is limited', async () => {
  const quota = { kind: 'undecided', why: 'quota' };
  const failed = { kind: 'undecided', why: 'failed' };
  expect(await compare(byLegacy({ a: 1 }), sides([], [gone]))).toEqual(quota);
  expect(await compare(byLegacy({ a: 1 }), sides([gone], [asked({ a: 2 })]))).toEqual(quota);
  expect(await compare(byLegacy({ a: 1 }), sides([asked({ a: 1 })], [asked({ a: 2 }), gone]))).toEqual(quota);
  expect(await compare(byLegacy({ a: 1 }), sides([], [asked({}, 500)]))).toEqual(failed);
  expect(await compare(byLegacy({ a: 1 }), sides([asked({}, 429)], [asked({ a: 2 })]))).toEqual(failed);
});
