import { expect, it } from '@jest/globals';
import { contextOf, OrdersAtHand, run } from './run-document.ts';

const measures = { costSum: null, costMin: null, costMax: null, validTillMin: null, validTillMax: null };
const text = '{ expirationWeeks(weeks: 1, filter: { status: { in: [issued] } }) { week count container { name } } }';

it('asks for orders from today to the last Sunday that meet the filter, and shows their weeks', async () => {
  const reader = new OrdersAtHand();
  reader.bucketsAtHand = [{ values: ['2026-11-29', 14, 'Retail', 'ssl_basic'], count: 2, ...measures }];
  expect(await run(reader, text)).toEqual({
    data: { expirationWeeks: [{ week: '2026-11-23', count: 2, container: { name: 'Retail' } }] },
    errors: [],
  });
  expect(reader.byBuckets[0]!.query.conditions).toEqual([
    { op: 'range', field: 'validTill', gte: '2026-11-23', lte: '2026-11-29' },
    { op: 'in', field: 'status', values: ['issued'] },
  ]);
});

it('makes nothing of a sample, which a read that is only planned is given', async () => {
  const reader = new OrdersAtHand();
  reader.bucketsAtHand = [{ values: [null, null, null, null], count: 1, ...measures }];
  const context = contextOf({ planOnly: true });
  context.ledger.leftUnread('orders');
  expect(await run(reader, text, {}, context)).toEqual({ data: { expirationWeeks: [] }, errors: [] });
  expect(context.ledger.account().expectedRows).toEqual([{ field: 'expirationWeeks', rows: null, below: [] }]);
});

it('counts weeks, and those of a division, for a request that only plans', async () => {
  const reader = new OrdersAtHand();
  reader.bucketsAtHand = [{ values: ['2026-11-29', 14, 'Retail', 'ssl_basic'], count: 2, ...measures }];
  const context = contextOf({ planOnly: true });
  await run(reader, text.replace('weeks: 1', 'weeks: 4'), {}, context);
  const below = [{ coordinate: 'ExpirationWeek.container', ratio: 0.25, isGuess: false }];
  expect(context.ledger.account().expectedRows).toEqual([{ field: 'expirationWeeks', rows: 4, below }]);
});
