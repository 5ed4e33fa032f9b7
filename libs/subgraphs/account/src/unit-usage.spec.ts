import { expect, it } from '@jest/globals';
import type { SubaccountOrder, UnitOrder } from '@certfolio/core';
import { unitUsageOf } from './unit-usage.ts';

const bought = (id: number, createdAt: string, facts: Partial<UnitOrder> = {}): UnitOrder => ({
  id,
  unitAccountId: 7,
  unitAccountName: null,
  cost: null,
  currency: null,
  status: 'completed',
  createdAt: `${createdAt}T00:00:00Z` as UnitOrder['createdAt'],
  expirationDate: '2026-12-31' as UnitOrder['expirationDate'],
  ...facts,
});
const placed = (id: number, createdAt: string, facts: Partial<SubaccountOrder> = {}): SubaccountOrder => ({
  id,
  accountId: 7,
  productNameId: 'ssl_basic',
  status: 'issued',
  createdAt: `${createdAt}T12:00:00Z` as SubaccountOrder['createdAt'],
  ...facts,
});
const units = (...each: readonly (readonly [id: number, units: number])[]) =>
  new Map(
    each.map(([id, count]) => [id, [{ productNameId: 'ssl_basic', productName: null, units: count, cost: null }]]),
  );

it('takes a unit of the oldest that is valid and has some left', () => {
  const usage = unitUsageOf(
    [bought(2, '2026-03-01'), bought(1, '2026-01-01', { expirationDate: '2026-06-30' as never })],
    units([1, 2], [2, 5]),
    [
      placed(10, '2025-12-31'), // before anything was bought
      placed(11, '2026-04-01'),
      placed(12, '2026-04-02'),
      placed(13, '2026-04-03'), // the older units are used up
      placed(14, '2026-12-31'), // the last day counts
      placed(15, '2027-01-01'),
    ],
  );
  expect([usage.used(1, 'ssl_basic'), usage.used(2, 'ssl_basic')]).toEqual([2, 2]);
});

it('does not count orders of other accounts and products, nor those that were undone, nor canceled units', () => {
  const orders = [
    placed(10, '2026-04-01', { accountId: 8 }),
    placed(11, '2026-04-01', { productNameId: 'ssl_plus' }),
    placed(12, '2026-04-01', { status: 'rejected' }),
    placed(13, '2026-04-01', { status: 'canceled' }),
    placed(14, '2026-04-01', { createdAt: null }),
  ];
  expect(unitUsageOf([bought(1, '2026-01-01')], units([1, 5]), orders).used(1, 'ssl_basic')).toBe(0);
  const canceled = bought(1, '2026-01-01', { status: 'canceled' });
  expect(unitUsageOf([canceled], units([1, 5]), [placed(10, '2026-04-01')]).used(1, 'ssl_basic')).toBe(0);
});
