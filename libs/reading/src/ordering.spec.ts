import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { orderId, type Order, type OrderField, type OrderSort } from '@certfolio/core';
import { comesAfter, compareOrders, positionOf } from './ordering.ts';

const order = (id: number, facts: Partial<Order> = {}): Order => ({ ...facts, id: orderId(id) });
const sorted = (orders: readonly Order[], ...sort: OrderSort[]) =>
  orders.toSorted(compareOrders(sort)).map(({ id }) => id);
const by = (field: OrderField, direction: 'asc' | 'desc' = 'asc'): OrderSort => ({ field, direction });

describe('the order of orders', () => {
  const orders = [
    order(3, { validTill: '2026-02-01' as never }),
    order(1, { validTill: null }),
    order(4, { validTill: '2026-01-01' as never }),
    order(2),
    order(5, { validTill: '2026-02-01' as never }),
  ];

  it('has those without a value last, whichever way it goes, and the id decides between equals', () => {
    expect(sorted(orders, by('validTill'))).toEqual([4, 3, 5, 1, 2]);
    expect(sorted(orders, by('validTill', 'desc'))).toEqual([3, 5, 4, 1, 2]);
    expect(sorted(orders)).toEqual([1, 2, 3, 4, 5]);
    expect(sorted(orders, by('id', 'desc'))).toEqual([5, 4, 3, 2, 1]);
  });

  it('has amounts by their size and not by their digits', () => {
    const priced = ['238.00', '99.00', '1200.50', '-5.00'].map((cost, index) =>
      order(index + 1, { cost: cost as never }),
    );
    expect(sorted(priced, by('cost'))).toEqual([4, 2, 1, 3]);
    expect(sorted(priced, by('cost', 'desc'))).toEqual([3, 1, 2, 4]);
  });

  it('has texts by code point, an emoji after every letter of the first plane', () => {
    const named = ['\u{1f600}', '\uff21', 'z', 'z\u{1f600}', '\ud7a3', 'Z', 'z\ue000'].map((commonName, index) =>
      order(index + 1, { commonName }),
    );
    expect(sorted(named, by('commonName'))).toEqual([6, 3, 7, 4, 5, 2, 1]);
    expect(sorted(named, by('commonName', 'desc'))).toEqual([1, 2, 5, 4, 7, 3, 6]);
  });

  it('has lists by their first entry, empty ones last', () => {
    const listed = [
      order(1, { dnsNames: ['b.test', 'a.test'] }),
      order(2, { dnsNames: [] }),
      order(3, { dnsNames: ['a.test'] }),
      order(4, { customFields: [] }),
    ];
    expect(sorted(listed, by('dnsNames'))).toEqual([3, 1, 2, 4]);
  });
});

it('agrees with the position at which a page begins', () => {
  const value = <T>(...values: T[]) => fc.constantFrom<T | null | undefined>(...values, null, undefined);
  const anyOrder = fc
    .record({
      id: fc.nat(8),
      validTill: value('2026-01-01', '2026-02-01'),
      cost: value('9.00', '10.00', '10.0'),
      keySize: value(2048, 4096),
      isRenewed: value(true, false),
      commonName: value('a', 'B', 'b', ''),
      dnsNames: value(['a'], [], ['b', 'a']),
    })
    .map((facts) => facts as unknown as Order);
  const anySort = fc.array(
    fc.record({
      field: fc.constantFrom<OrderField>('validTill', 'cost', 'keySize', 'isRenewed', 'commonName', 'dnsNames', 'id'),
      direction: fc.constantFrom('asc' as const, 'desc' as const),
    }),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(anyOrder, anyOrder, anyOrder, anySort, (a, b, c, sort) => {
      const compare = compareOrders(sort);
      const position = JSON.parse(JSON.stringify(positionOf(a, sort)));
      expect(comesAfter(sort, position)(b)).toBe(compare(b, a) > 0);
      // It is an order: the other way round, and along a chain.
      expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
      if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 1_000 },
  );
});
