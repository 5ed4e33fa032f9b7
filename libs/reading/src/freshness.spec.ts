import { describe, expect, it } from '@jest/globals';
import type { FieldGroup, GroupState, MirrorState } from '@certfolio/core';
import { freshnessOf, remedyFor } from './freshness.ts';

const nowMs = 1_000_000;
const group = (ageMs: number, isComplete = true): GroupState => ({ isComplete, asOfMs: nowMs - ageMs, missing: 0 });
const state = (groups: Partial<Record<FieldGroup, GroupState>>): MirrorState => {
  const unread: GroupState = { isComplete: false, asOfMs: null, missing: 10 };
  return {
    orders: 10,
    upstreamTotal: 10,
    groups: { tracked: unread, report: unread, custom: unread, list: unread, info: unread, key: unread, ...groups },
    copiesMissing: 0,
    version: 1,
  };
};
const limit = { maxAgeMs: 300_000, nowMs, distrustBeforeMs: 0 };

describe('the mirror, to a read', () => {
  const mirror = state({
    tracked: group(1_000),
    report: group(300_000),
    custom: group(300_001),
    info: group(5, false),
  });

  it.each<[string, FieldGroup[], object]>([
    ['fresh up to the very age asked', ['tracked', 'report'], { kind: 'fresh', asOfMs: nowMs - 300_000 }],
    ['as old as the oldest group needed', ['tracked', 'custom'], { kind: 'old', asOfMs: nowMs - 300_001 }],
    ['unfilled while a group needed lacks rows', ['tracked', 'info'], { kind: 'unfilled' }],
    ['unfilled before the first reading', ['list'], { kind: 'unfilled' }],
  ])('is %s', (_name, groups, freshness) => {
    expect(freshnessOf(mirror, new Set(groups), limit)).toEqual(freshness);
  });

  it('is unfilled where all it has is of an earlier source', () => {
    const distrusting = { ...limit, distrustBeforeMs: nowMs - 500 };
    expect(freshnessOf(mirror, new Set(['tracked']), distrusting)).toEqual({ kind: 'unfilled' });
    expect(freshnessOf(mirror, new Set(['tracked']), { ...limit, distrustBeforeMs: nowMs - 1_000 }).kind).toBe('fresh');
  });
});

describe('old data is', () => {
  const facts = { refreshMs: 4_000, liveMs: 2_000, liveCalls: 3, remainingMs: 10_000 };

  it.each([
    ['refreshed where that ends in time, since it serves all who come after', {}, 'refresh'],
    ['read live where one call is sooner', { liveCalls: 1 }, 'live'],
    ['refreshed where one call is later', { liveCalls: 1, liveMs: 4_001 }, 'refresh'],
    ['read live where a refresh takes too long', { refreshMs: 10_001 }, 'live'],
    ['shown where nothing is quick enough', { refreshMs: 10_001, liveMs: 10_001 }, 'show-old'],
    ['refreshed up to the very deadline', { refreshMs: 10_000 }, 'refresh'],
  ] as const)('%s', (_name, changed, remedy) => {
    expect(remedyFor({ ...facts, ...changed })).toBe(remedy);
  });
});
