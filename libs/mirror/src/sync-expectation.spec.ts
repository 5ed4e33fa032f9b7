import { expect, it } from '@jest/globals';
import type { FieldGroup } from '@certfolio/core';
import type { Abilities } from './store-groups.postgres.ts';
import { expectedRefreshMs } from './sync-expectation.ts';

const took = (tookMs: number | null) => ({ asOfMs: 0, isComplete: true, tookMs });
const states = {
  tracked: took(300),
  report: took(40_000),
  custom: took(40_000),
  list: took(5_000),
  info: took(null),
  key: took(300),
};

function expected(groups: readonly FieldGroup[], abilities: Partial<Abilities> = {}, its = states) {
  return expectedRefreshMs(
    new Set(groups),
    { groups: its, abilities: { report: true, custom: true, refusedAtMs: null, ...abilities } },
    { orders: 3_000, infoMissing: 10 },
  );
}

it('expects what the readings took before', () => {
  expect(expected(['tracked'])).toBe(300);
  expect(expected(['tracked', 'report'])).toBe(40_000);
  expect(expected(['custom'])).toBe(40_000);
  expect(expected(['list'])).toBe(5_000);
  expect(expected(['report', 'list'])).toBe(45_000);
  expect(expected(['info'])).toBe(300 + 10 * 180);
});

it('expects a minute, or the calls of the list, before anything was read', () => {
  const unread = { ...states, report: took(null), list: took(null) };
  expect(expected(['report'], {}, unread)).toBe(60_000);
  expect(expected(['list'], {}, unread)).toBe(3 * 180);
});

it('expects nothing of what the key may not read', () => {
  expect(expected(['custom'], { custom: false })).toBe(Number.POSITIVE_INFINITY);
  expect(expected(['report'], { custom: false })).toBe(40_000);
  expect(expected(['report'], { report: false })).toBe(Number.POSITIVE_INFINITY);
  expect(expected(['tracked'], { report: false })).toBe(5_000 + 10 * 180);
});
