import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bucketDimensions, orderId, type BucketDimension, type BucketQuery, type Order } from '@certfolio/core';
import { makeOrders } from '../test/make-orders.ts';
import { bucketsOf, fieldsOfBuckets } from './buckets.ts';

const row = (id: number, facts: object): Order => ({ ...facts, id: orderId(id) });
const by = (groupBy: readonly BucketDimension[], withCost = false): BucketQuery => ({
  groupBy,
  conditions: [],
  withCost,
});
const counts = (orders: readonly Order[], groupBy: readonly BucketDimension[]) =>
  bucketsOf(orders, by(groupBy)).map(({ values, count }) => [...values, count]);

describe('orders are counted', () => {
  const orders = [
    row(1, { status: 'issued', containerId: 14, validTill: '2026-12-31', cost: '99.00', keySize: 2048 }),
    row(2, { status: 'issued', containerId: 14, validTill: '2027-01-03', cost: '1200.50', keySize: 4096 }),
    row(3, { status: 'issued', containerId: 10, validTill: '2027-01-04', cost: null, keySize: null }),
    row(4, { status: 'revoked', containerId: 10, validTill: null, cost: '-0.05', keySize: 2048 }),
    row(5, { status: null, containerId: 10, validTill: null, cost: '0.04' }),
  ];

  it('by one value, those without one last', () => {
    expect(counts(orders, ['status'])).toEqual([
      ['issued', 3],
      ['revoked', 1],
      [null, 1],
    ]);
  });

  it('by numbers in the order of numbers', () => {
    expect(counts([row(1, { keySize: 10_000 }), ...orders], ['keySize'])).toEqual([
      [2048, 2],
      [4096, 1],
      [10_000, 1],
      [null, 2],
    ]);
  });

  it('by several values, sorted by the first and then the next', () => {
    expect(counts(orders, ['containerId', 'status'])).toEqual([
      [10, 'issued', 1],
      [10, 'revoked', 1],
      [10, null, 1],
      [14, 'issued', 2],
    ]);
  });

  it('by week and month, each named by its first day, weeks from Monday on', () => {
    expect(counts(orders, ['validTillWeek'])).toEqual([
      ['2026-12-28', 2], // Thursday, 31 December, and Sunday, 3 January
      ['2027-01-04', 1],
      [null, 2],
    ]);
    expect(counts(orders, ['validTillMonth'])).toEqual([
      ['2026-12-01', 1],
      ['2027-01-01', 2],
      [null, 2],
    ]);
    const created = [row(1, { dateCreated: '2026-11-22T23:59:59Z' }), row(2, { dateCreated: '2026-11-23T00:00:00Z' })];
    expect(counts(created, ['dateCreatedDay'])).toEqual([
      ['2026-11-22', 1],
      ['2026-11-23', 1],
    ]);
    expect(counts(created, ['dateCreatedWeek'])).toEqual([
      ['2026-11-16', 1],
      ['2026-11-23', 1],
    ]);
    expect(counts(created, ['dateCreatedMonth'])).toEqual([['2026-11-01', 2]]);
  });

  it('with exact sums, least and greatest cost as numbers, and the ends of validity', () => {
    expect(bucketsOf(orders, by(['status'], true))).toEqual([
      {
        values: ['issued'],
        count: 3,
        costSum: '1299.50',
        costMin: '99.00',
        costMax: '1200.50',
        validTillMin: '2026-12-31',
        validTillMax: '2027-01-04',
      },
      {
        values: ['revoked'],
        count: 1,
        costSum: '-0.05',
        costMin: '-0.05',
        costMax: '-0.05',
        validTillMin: null,
        validTillMax: null,
      },
      {
        values: [null],
        count: 1,
        costSum: '0.04',
        costMin: '0.04',
        costMax: '0.04',
        validTillMin: null,
        validTillMax: null,
      },
    ]);
    // A thousand times a tenth is a hundred, which floats do not say.
    const tenths = Array.from({ length: 1_000 }, (_, index) => row(index, { status: 'issued', cost: '0.10' }));
    expect(bucketsOf(tenths, by(['status'], true))[0]!.costSum).toBe('100.00');
  });

  it('without costs unless they were asked for', () => {
    expect(bucketsOf(orders, by(['status']))[0]).toMatchObject({ costSum: null, costMin: null, costMax: null });
    expect([...fieldsOfBuckets(by(['status']))].sort()).toEqual(['id', 'status', 'validTill']);
    expect([...fieldsOfBuckets(by(['validTillWeek', 'dateCreatedDay'], true))].sort()).toEqual([
      'cost',
      'dateCreated',
      'id',
      'validTill',
    ]);
  });

  it('apart where values only look alike', () => {
    expect(
      counts([row(1, { userEmail: 'null' }), row(2, { userEmail: null }), row(3, { userEmail: '' })], ['userEmail']),
    ).toEqual([
      ['', 1],
      ['null', 1],
      [null, 1],
    ]);
  });

  it('into no bucket when there are none', () => {
    expect(bucketsOf([], by(['status']))).toEqual([]);
  });
});

it('agrees with counting each combination by itself, whatever the dimensions', () => {
  const orders = makeOrders(300, 5);
  const plain = bucketDimensions.filter((dimension) => !/(Day|Week|Month)$/.test(dimension));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...plain), { minLength: 1, maxLength: 4 }),
      fc.nat(300),
      (groupBy, first) => {
        const some = orders.slice(first);
        const buckets = bucketsOf(some, by(groupBy, true));
        expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(some.length);
        expect(new Set(buckets.map(({ values }) => JSON.stringify(values))).size).toBe(buckets.length);
        for (const { values, count, costSum, validTillMin } of buckets) {
          const rows = some.filter((order) =>
            groupBy.every((dimension, index) => (order[dimension as keyof Order] ?? null) === values[index]),
          );
          expect(count).toBe(rows.length);
          const costs = rows.flatMap(({ cost }) => (cost == null ? [] : [Number(cost)]));
          expect(costSum === null ? null : Number(costSum)).toEqual(
            costs.length === 0
              ? null
              : expect.closeTo(
                  costs.reduce((sum, cost) => sum + cost, 0),
                  5,
                ),
          );
          expect(validTillMin).toBe(rows.flatMap(({ validTill }) => validTill ?? []).sort()[0] ?? null);
        }
      },
    ),
    { numRuns: 60 },
  );
});
