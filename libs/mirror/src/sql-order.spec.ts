import { expect, it } from '@jest/globals';
import type { RawBuilder } from 'kysely';
import type { OrderId, OrderQuery, OrderSort } from '@certfolio/core';
import { sqlOfOrder, sqlOfPosition } from './sql-order.ts';
import { compiler } from './statements.postgres.ts';

const textOf = (part: RawBuilder<unknown>) => part.compile(compiler).sql.replaceAll(/\s+/g, ' ');

const asc = (field: OrderSort['field']): OrderSort => ({ field, direction: 'asc' });
const desc = (field: OrderSort['field']): OrderSort => ({ field, direction: 'desc' });
const query = (sort: readonly OrderSort[]): OrderQuery => ({
  ...{ conditions: [{ op: 'range', field: 'validTill', gte: '2026-01-01' } as never], sort },
  ...{ limit: 1_000, offset: 0, after: null, withTotal: false },
});
const id = 7 as OrderId;

it.each([
  [[], 'id asc', 'id > $1', []],
  [[asc('id')], 'id asc', 'id > $1', [7]],
  [[desc('id')], '"id" desc nulls last', 'id < $1', [7]],
  [[asc('validTill')], '"valid_till" asc, id asc', '("valid_till", id) > ($1::text, $2::bigint)', ['2026-11-23']],
  [
    [asc('validTill'), asc('id'), desc('status')],
    '"valid_till" asc, id asc',
    '("valid_till", id) > ($1::text, $2::bigint)',
    ['2026-11-23', 7, 'issued'],
  ],
])('begins where the page before ended, along an index: %j', (sort, order, position, sortValues) => {
  expect(textOf(sqlOfOrder(sort))).toBe(order);
  expect(textOf(sqlOfPosition(query(sort), { id, sortValues }))).toBe(position);
});

it('refuses a cursor of another sort', () => {
  for (const sortValues of [[], ['2026-11-23'], [8]])
    expect(() => sqlOfPosition(query([asc('id')]), { id, sortValues })).toThrow('made for another sort');
});
