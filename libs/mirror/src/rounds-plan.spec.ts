import { expect, it } from '@jest/globals';
import type { FieldGroup } from '@certfolio/core';
import { isFollowingCheaper, periodMs, planRound, type RoundFacts } from './rounds-plan.ts';

const minute = 60_000;
const nowMs = Date.parse('2026-11-23T12:00:00Z');
const ago = (ms: number) => ({ asOfMs: nowMs - ms, tookMs: 2_000 });
const never = { asOfMs: null, tookMs: null };

type Ages = Partial<Record<FieldGroup, { readonly asOfMs: number | null; readonly tookMs: number | null }>>;

function plan({ groups = {}, ...facts }: Partial<Omit<RoundFacts, 'groups'>> & { groups?: Ages } = {}) {
  const fresh = ago(30_000);
  return planRound({
    nowMs,
    groups: { tracked: fresh, report: fresh, custom: fresh, list: fresh, info: fresh, key: fresh, ...groups },
    abilities: { report: true, custom: true, refusedAtMs: null },
    orders: 2_000,
    infoMissing: 0,
    roundMs: minute,
    comparePeriodMs: 'auto',
    compareFailedAtMs: null,
    wanted: [],
    ...facts,
  });
}
const want = (...groups: FieldGroup[]) => [{ groups: new Set(groups), notBeforeMs: nowMs - 10_000 }];
const withoutReport = { report: false, custom: true, refusedAtMs: nowMs };

it('compares everything first, then reads the list, then rests', () => {
  expect(plan({ groups: { tracked: never, report: never, list: never } })).toMatchObject({ kind: 'compare' });
  expect(plan({ groups: { list: never } })).toMatchObject({ kind: 'list' });
  expect(plan()).toEqual({ kind: 'none' });
});

it('follows the changes once a round, from an hour before the last reading', () => {
  expect(plan({ groups: { tracked: ago(50_999) } })).toEqual({ kind: 'none' });
  expect(plan({ groups: { tracked: ago(51_000) } })).toEqual({ kind: 'follow', lastSeconds: 3_651 });
});

it('compares at least once in the period, and after a gap that the list of changes does not cover', () => {
  expect(plan({ groups: { report: ago(4 * minute - 1) } })).toEqual({ kind: 'none' });
  expect(plan({ groups: { report: ago(4 * minute) } })).toMatchObject({ kind: 'compare' });
  expect(plan({ groups: { report: ago(4 * minute) }, comparePeriodMs: 10 * minute })).toEqual({ kind: 'none' });
  const week = 7 * 24 * 60 * minute;
  expect(plan({ groups: { tracked: ago(week - 60 * minute) }, comparePeriodMs: 2 * week })).toMatchObject({
    kind: 'follow',
    lastSeconds: 604_800,
  });
  expect(plan({ groups: { tracked: ago(week - 60 * minute + 1_000) }, comparePeriodMs: 2 * week })).toMatchObject({
    kind: 'compare',
  });
});

it('chooses the period by what a comparison takes, within four minutes and an hour', () => {
  expect(periodMs('auto', null)).toBe(4 * minute);
  expect(periodMs('auto', 5_000)).toBe(4 * minute);
  expect(periodMs('auto', 30_000)).toBe(10 * minute);
  expect(periodMs('auto', 10 * minute)).toBe(60 * minute);
  expect(periodMs(5_000, 30_000)).toBe(5_000);
});

it('goes on following for two minutes after a comparison that failed', () => {
  const due = { report: ago(60 * minute), tracked: ago(minute) };
  expect(plan({ groups: due, compareFailedAtMs: nowMs - 2 * minute + 1 })).toMatchObject({ kind: 'follow' });
  expect(plan({ groups: due, compareFailedAtMs: nowMs - 2 * minute })).toMatchObject({ kind: 'compare' });
});

it('reads the list as often as its calls allow', () => {
  expect(plan({ groups: { list: ago(4 * minute) } })).toMatchObject({ kind: 'list' });
  // 100 calls are 18 s of the budget, 20 times that is six minutes.
  expect(plan({ orders: 100_000, groups: { list: ago(6 * minute - 1) } })).toEqual({ kind: 'none' });
  expect(plan({ orders: 100_000, groups: { list: ago(6 * minute) } })).toMatchObject({ kind: 'list' });
});

it('reads what somebody waits for, and no more', () => {
  expect(plan({ wanted: want('tracked') })).toMatchObject({ kind: 'follow' });
  expect(plan({ wanted: want('report') })).toMatchObject({ kind: 'compare' });
  expect(plan({ wanted: want('custom') })).toMatchObject({ kind: 'compare' });
  expect(plan({ wanted: want('list') })).toMatchObject({ kind: 'list' });
  expect(plan({ wanted: want('info') })).toMatchObject({ kind: 'follow' });
  expect(plan({ wanted: want('info'), infoMissing: 3, groups: { tracked: ago(5_000) } })).toEqual({ kind: 'info' });
  expect(plan({ infoMissing: 3, groups: { tracked: ago(5_000) } })).toEqual({ kind: 'none' });
  expect(plan({ wanted: [{ groups: new Set(['report']), notBeforeMs: nowMs - 30_000 }] })).toEqual({ kind: 'none' });
});

it('has order info read for what only Custom Reports would give a key that may not use it', () => {
  const abilities = { report: true, custom: false, refusedAtMs: nowMs };
  expect(plan({ abilities, wanted: want('custom'), infoMissing: 2 })).toEqual({ kind: 'info' });
  expect(plan({ abilities, wanted: want('custom') })).toEqual({ kind: 'none' });
});

it('lives by list and order info without the report', () => {
  const abilities = withoutReport;
  expect(plan({ abilities, groups: { list: never, tracked: never, report: never } })).toMatchObject({ kind: 'list' });
  expect(plan({ abilities, groups: { tracked: never, report: never } })).toEqual({ kind: 'none' });
  expect(plan({ abilities, groups: { report: ago(60 * minute) } })).toEqual({ kind: 'none' });
  expect(plan({ abilities, groups: { list: ago(4 * minute) } })).toMatchObject({ kind: 'list' });
  expect(plan({ abilities, wanted: want('tracked') })).toMatchObject({ kind: 'list' });
  expect(plan({ abilities, wanted: want('report'), infoMissing: 1 })).toEqual({ kind: 'info' });
});

it('follows while details cost less than a comparison', () => {
  // 50 calls are 9 s; a comparison of 100,000 orders brings 220 MB, 22 s.
  expect(isFollowingCheaper(50, { orders: 100_000, compareTookMs: null })).toBe(true);
  expect(isFollowingCheaper(51, { orders: 100_000, compareTookMs: null })).toBe(false);
  // 3 calls, 540 ms, and 440 ms for 4.4 MB.
  expect(isFollowingCheaper(5, { orders: 2_000, compareTookMs: 0 })).toBe(true);
  expect(isFollowingCheaper(6, { orders: 2_000, compareTookMs: 0 })).toBe(false);
  expect(isFollowingCheaper(6, { orders: 2_000, compareTookMs: 200 })).toBe(true);
  expect(isFollowingCheaper(0, { orders: 0, compareTookMs: 0 })).toBe(true);
});
