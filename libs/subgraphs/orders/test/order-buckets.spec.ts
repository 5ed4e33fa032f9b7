import { describe, expect, it } from '@jest/globals';
import { bucketDimensions, type BucketDimension, type OrderBucket } from '@certfolio/core';
import { isEnumType } from 'graphql';
import { contextOf, OrdersAtHand, principal, run, schemaOver } from './run-document.ts';

const bucket = (values: OrderBucket['values'], count: number, facts: Partial<OrderBucket> = {}): OrderBucket => ({
  values, count, costSum: null, costMin: null, costMax: null, validTillMin: null, validTillMax: null, ...facts,
}); // prettier-ignore

describe('orderBuckets', () => {
  it('shows values with their dimension and alone, as text', async () => {
    const reader = new OrdersAtHand();
    reader.bucketsAtHand = [
      bucket([14, true, '2026-12-01'], 3, { costSum: '297.00' as never, costMin: '9.00' as never, costMax: '99.00' as never, validTillMin: '2026-12-03' as never, validTillMax: '2026-12-30' as never }),
      bucket([14, null, null], 1),
    ]; // prettier-ignore
    const text =
      '{ orderBuckets(groupBy: [containerId, autoRenew, validTillMonth]) { values { dimension value } key count costSum costMin costMax validTillMin validTillMax } }';
    const { data, errors } = await run(reader, text);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      orderBuckets: [
        {
          values: [{ dimension: 'containerId', value: '14' }, { dimension: 'autoRenew', value: 'true' }, { dimension: 'validTillMonth', value: '2026-12-01' }],
          key: ['14', 'true', '2026-12-01'], count: 3, costSum: '297.00', costMin: '9.00', costMax: '99.00', validTillMin: '2026-12-03', validTillMax: '2026-12-30',
        },
        {
          values: [{ dimension: 'containerId', value: '14' }, { dimension: 'autoRenew', value: null }, { dimension: 'validTillMonth', value: null }],
          key: ['14', null, null], count: 1, costSum: null, costMin: null, costMax: null, validTillMin: null, validTillMax: null,
        },
      ],
    }); // prettier-ignore
  });

  it('shows the value of one dimension by itself, as reports have their columns', async () => {
    const reader = new OrdersAtHand();
    reader.bucketsAtHand = [bucket([14, '2026-12-01'], 3), bucket([null, '2026-12-01'], 1)];
    const of = (selection: string) =>
      run(reader, `{ orderBuckets(groupBy: [containerId, validTillMonth]) { ${selection} } }`);
    expect(await of('division: value(dimension: containerId) month: value(dimension: validTillMonth)')).toEqual({
      data: {
        orderBuckets: [
          { division: '14', month: '2026-12-01' },
          { division: null, month: '2026-12-01' },
        ],
      },
      errors: [],
    });
    const { data, errors } = await of('count value(dimension: status)');
    expect(data).toMatchObject({
      orderBuckets: [
        { count: 3, value: null },
        { count: 1, value: null },
      ],
    });
    expect(errors[0]).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: '"status" is not among the dimensions of groupBy, containerId, validTillMonth.',
    });
  });

  it('hands filter, scope and dimensions on, and asks for costs only where they are selected', async () => {
    const reader = new OrdersAtHand();
    const scope = { containers: new Set([14 as never]) };
    const context = contextOf({ principal: { ...principal, scope } });
    const of = (selection: string) =>
      `query${selection.includes('$cost') ? ' ($cost: Boolean!)' : ''} { orderBuckets(groupBy: [status], filter: { isRenewed: false, validTill: { nextDays: 7 } }) { count ${selection} } }${selection.includes('...') ? ' fragment sums on OrderBucket { s: costMin }' : ''}`;
    for (const [selection, variables] of [
      ['validTillMin', {}],
      ['costMax', {}],
      ['costSum @include(if: $cost)', { cost: false }],
      ['costSum @include(if: $cost)', { cost: true }],
      ['...sums', {}],
    ] as const)
      expect((await run(reader, of(selection), variables, context)).errors).toEqual([]);
    expect(reader.byBuckets.map(({ query }) => query.withCost)).toEqual([false, true, false, true, true]);
    expect(reader.byBuckets[0]).toMatchObject({
      query: {
        groupBy: ['status'],
        conditions: [
          { op: 'in', field: 'isRenewed', values: [false] },
          { op: 'range', field: 'validTill', gte: '2026-11-23', lte: '2026-11-30' },
        ],
      },
      read: { scope, ledger: context.ledger },
    });
  });

  it.each([
    ['[]', 'groupBy has 0 dimensions; it takes 1 to 4.'],
    ['[status, productNameId, containerId, keySize, userId]', 'groupBy has 5 dimensions; it takes 1 to 4.'],
  ])('refuses %s dimensions', async (groupBy, message) => {
    const { data, errors } = await run(new OrdersAtHand(), `{ orderBuckets(groupBy: ${groupBy}) { count } }`);
    expect(data).toEqual({ orderBuckets: null });
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', message }]);
  });

  it('knows every dimension that orders can be counted by', () => {
    const dimensions = schemaOver(new OrdersAtHand()).getType('OrderBucketDimension');
    expect(isEnumType(dimensions) && dimensions.getValues().map(({ name }) => name as BucketDimension)).toEqual([
      ...bucketDimensions,
    ]);
  });
});
