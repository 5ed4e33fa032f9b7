import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '@certfolio/core/testing';
import type { ReadAccount } from '@certfolio/core';
import { createMemoryResultStore, createResultCache, type ResultCache } from './result-cache.ts';

const minuteMs = 60_000;
const readAt = (dataAsOf: string): ReadAccount => ({
  source: 'live',
  dataAsOf,
  upstreamCalls: 3,
  truncated: false,
  totalRows: null,
  stale: false,
  expectedCalls: 0,
  expectedRows: [],
  unavailableFields: [],
  plans: [],
});

describe('the result cache over Keyv', () => {
  let clock: FakeClock;
  let cache: ResultCache;
  beforeEach(() => {
    clock = new FakeClock('2026-11-23T12:00:00Z');
    cache = createResultCache(createMemoryResultStore(10_000), clock);
  });

  it('gives an answer again until its data is older than asked for, at no call', async () => {
    await cache.keep('a', { data: { n: 1 }, errors: [] }, readAt('2026-11-23T11:59:00Z'), 5 * minuteMs);
    expect(await cache.find('a', 5 * minuteMs)).toMatchObject({
      data: { n: 1 },
      reads: { source: 'cache', upstreamCalls: 0, dataAsOf: '2026-11-23T11:59:00Z' },
    });
    await clock.advance(4 * minuteMs);
    expect(await cache.find('a', 5 * minuteMs)).not.toBeNull();
    await clock.advance(1);
    expect(await cache.find('a', 5 * minuteMs)).toBeNull();
  });

  it('asks the age of this request, not of the one that filled it', async () => {
    await cache.keep('a', { data: {}, errors: [] }, readAt('2026-11-23T11:59:00Z'), 5 * minuteMs);
    expect(await cache.find('a', 30_000)).toBeNull();
  });

  it('keeps nothing that has errors, was cut off, or is already too old', async () => {
    const fresh = readAt('2026-11-23T12:00:00Z');
    await cache.keep('errors', { data: {}, errors: [{ message: 'x' }] }, fresh, minuteMs);
    await cache.keep('cut', { data: {}, errors: [] }, { ...fresh, truncated: true }, minuteMs);
    await cache.keep('old', { data: {}, errors: [] }, readAt('2026-11-23T11:00:00Z'), minuteMs);
    await cache.keep('unread', { data: {}, errors: [] }, { ...fresh, dataAsOf: null }, minuteMs);
    for (const key of ['errors', 'cut', 'old', 'unread']) expect(await cache.find(key, 10 * minuteMs)).toBeNull();
  });

  it('lets go of what was unused for longest when it is full', async () => {
    const small = createResultCache(createMemoryResultStore(600), clock);
    const fresh = readAt('2026-11-23T12:00:00Z');
    for (const key of ['a', 'b', 'c', 'd']) await small.keep(key, { data: { key }, errors: [] }, fresh, minuteMs);
    expect(await small.find('a', minuteMs)).toBeNull();
    expect(await small.find('d', minuteMs)).not.toBeNull();
  });

  it('is empty when its store fails', async () => {
    const broken = createResultCache(
      { get: () => Promise.reject(new Error('gone')), set: () => Promise.reject(new Error('gone')) },
      clock,
    );
    await broken.keep('a', { data: {}, errors: [] }, readAt('2026-11-23T12:00:00Z'), minuteMs);
    expect(await broken.find('a', minuteMs)).toBeNull();
  });
});
