import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import {
  bucketDimensions,
  containerId,
  everything,
  factsOf,
  type BucketQuery,
  type Order,
  type OrderCondition,
  type OrderField,
  type OrderQuery,
  type OrderRead,
  type OrderSort,
  type ReadScope,
  type Scalar,
} from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { allFields, bucketsOf, evaluateNaively, meets } from '@certfolio/reading/testing';
import { createOrderMirror, type PostgresOrderMirror } from '../src/postgres.ts';
import { insertOrders, makeMirror } from './mirror-rows.ts';
import { makeOddOrders, oddTexts } from './odd-orders.ts';

/** The long run looks at many more, which takes minutes. */
const isLong = Boolean(process.env['CERTFOLIO_TEST_LONG']);
const cases = isLong ? 5_000 : 300;
jest.setTimeout(isLong ? 900_000 : 120_000);

const clock = new FakeClock();
const accounts = [0, 1, 60, 400].map((count) => makeOddOrders(count, count + 7));
const mirrors: PostgresOrderMirror[] = [];
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const orders of accounts) {
    const upstreamId = await makeMirror(database.pool);
    await insertOrders(database.pool, upstreamId, orders, { info_at: '2026-11-01T00:00:00Z' });
    const vanished = makeOddOrders(20, 99).map((order) => ({
      ...order,
      id: (order.id + 1_000_000) as typeof order.id,
    }));
    await insertOrders(database.pool, upstreamId, vanished, { vanished_at: '2026-11-02T00:00:00Z' });
    mirrors.push(createOrderMirror(database.pool, upstreamId, { clock }));
  }
});

afterAll(() => database.drop());

const readOf = (scope: ReadScope = everything, fields: Iterable<OrderField> = allFields): OrderRead => ({
  ...anyRead(clock, { scope }),
  fields: new Set(fields),
});
const ids = (orders: readonly Order[]) => orders.map(({ id }) => id);

/** Nothing is asked by documents. */
const fields = [...allFields].filter((field) => factsOf(field).kind !== 'document');
const anyField = fc.constantFrom(...fields);
/** Values that orders have in a field, those of lists one by one, and some of other types. */
const valuesOf = new Map(
  fields.map((field): [OrderField, readonly Scalar[]] => {
    const found = accounts.flatMap((orders) => orders.flatMap((order) => (order[field] ?? []) as Scalar | Scalar[]));
    const scalars = found.filter((value) => typeof value !== 'object');
    return [field, [...new Set<Scalar>([...scalars.slice(0, 200), 'a', '9', '10', 9, 9.5, true, 'ΑΣ'])]];
  }),
);
const anyText = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc
    .tuple(fc.constantFrom(...oddTexts), fc.nat(6), fc.nat(6))
    .map(([text, from, length]) => [...text].slice(from, from + length).join('')),
  fc.constantFrom('σ', 'ς', 'i', '\u0307', 'ss', 'acme', 'USD', 'true', '20', 'T0', '-', '.', ''),
);
const anyPattern = fc
  .array(fc.oneof(fc.constantFrom('%', '_', '%', '\\'), anyText), { maxLength: 4 })
  .map((parts) => parts.join(''));

const oddFields: OrderField[] = [
  'commonName',
  'dnsNames',
  'email',
  'organizationName',
  'organizationUnit',
  'customFields',
];
/** One of each kind that has null, empty and ordinary values. */
const variedFields: OrderField[] = [...oddFields, 'cost', 'containerId', 'autoRenew', 'keySize', 'validTill'];
const variedField = fc.constantFrom(...variedFields);
/** Amounts are never bounded by anything else. */
const isNoAmount = (field: OrderField, value: Scalar) =>
  factsOf(field).kind === 'decimal' && Number.isNaN(Number(value));
const oneField: fc.Arbitrary<OrderCondition> = fc.oneof(anyField, variedField, variedField).chain((field) => {
  const value = fc.constantFrom(...valuesOf.get(field)!);
  const bound = fc.constantFrom(
    ...(valuesOf.get(field)!.filter((one) => typeof one !== 'boolean') as (string | number)[]).filter(
      (one) => !isNoAmount(field, one),
    ),
  );
  return fc.oneof(
    fc.array(value, { maxLength: 3 }).map((values): OrderCondition => ({ op: 'in', field, values })),
    fc
      .record({ gte: bound, gt: bound, lte: bound, lt: bound }, { requiredKeys: [] })
      .map((range): OrderCondition => ({ op: 'range', field, ...range })),
    fc.boolean().map((isNull): OrderCondition => ({ op: 'isNull', field, isNull })),
  );
});
const textFields = fields.filter((field) => ['text', 'texts', 'customFields'].includes(factsOf(field).kind));
const oneText: fc.Arbitrary<OrderCondition> = fc
  .oneof(fc.constantFrom(...oddFields), fc.constantFrom(...oddFields), fc.constantFrom(...textFields), anyField)
  .chain((field) =>
    fc.oneof(
      anyPattern.map((pattern): OrderCondition => ({ op: 'like', field, pattern })),
      anyText.map((text): OrderCondition => ({ op: 'contains', field, text })),
    ),
  );
const days = { min: -800, max: 800, noNaN: true };
const oneName: fc.Arbitrary<OrderCondition> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', 'a.', 'WWW.', '*.', 'x.y.'),
      fc.oneof(anyText, fc.constantFrom('straße.test', 'shop.acme.test', 'acme.test')),
    )
    .map(([before, after]): OrderCondition => ({ op: 'coversName', name: before + after })),
  fc.boolean().map((isWildcard): OrderCondition => ({ op: 'isWildcard', isWildcard })),
  anyText.map((text): OrderCondition => ({ op: 'search', text })),
  fc
    .record(
      {
        label: fc.constantFrom(...oddTexts, 'COST CENTER'),
        in: fc.subarray([...oddTexts, '4711']),
        like: anyPattern,
        contains: anyText,
      },
      { requiredKeys: ['label'] },
    )
    .map((tests): OrderCondition => ({ op: 'customField', ...tests })),
  fc
    .record(
      { gte: fc.integer(days), gt: fc.integer(days), lte: fc.double(days), lt: fc.integer(days) },
      { requiredKeys: [] },
    )
    .map((range): OrderCondition => ({ op: 'validityDays', ...range })),
);
const { condition } = fc.letrec<{ condition: OrderCondition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    oneText,
    oneField,
    oneName,
    tie('condition').map((inner): OrderCondition => ({ op: 'not', condition: inner })),
    fc.array(tie('condition'), { maxLength: 3 }).map((conditions): OrderCondition => ({ op: 'anyOf', conditions })),
  ),
}));
const sort: fc.Arbitrary<OrderSort[]> = fc.array(
  fc.record({
    field: fc.oneof(anyField, variedField),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  }),
  { maxLength: 3 },
);
const scope: fc.Arbitrary<ReadScope> = fc.oneof(
  { arbitrary: fc.constant(everything), weight: 2 },
  fc.subarray([10, 14, 15, 99]).map((some): ReadScope => ({ containers: new Set(some.map(containerId)) })),
);
const account = fc.constantFrom(...accounts.keys());
const query: fc.Arbitrary<Omit<OrderQuery, 'after'>> = fc.record({
  conditions: fc.array(condition, { maxLength: 2 }),
  sort,
  offset: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.nat(20)),
  limit: fc.oneof(fc.constant(null), fc.nat(70), fc.constant(6_000)),
  withTotal: fc.boolean(),
});

describe('a query of the mirror', () => {
  it('answers what reading all orders and looking at each would', async () => {
    await fc.assert(
      fc.asyncProperty(account, query, fc.option(fc.nat(), { freq: 2 }), scope, async (index, asked, place, seen) => {
        const [orders, mirror] = [accounts[index]!, mirrors[index]!];
        const before = place === null || orders.length === 0 ? null : orders[place % orders.length]!;
        const expected = evaluateNaively(
          orders,
          { ...asked, after: before && { id: before.id, sortValues: [] } },
          seen,
        );
        // The position comes from the mirror's own pages, as a cursor would.
        const { positionOf } = await mirror.findMany({ ...asked, after: null, limit: 0 }, readOf(seen));
        const after = before && JSON.parse(JSON.stringify(positionOf(before)));
        const page = await mirror.findMany({ ...asked, after }, readOf(seen));
        expect(ids(page.orders)).toEqual(ids(expected.page));
        // Quicker than toEqual by far.
        expect(isDeepStrictEqual(page.orders, expected.page)).toBe(true);
        expect(page.hasNext).toBe(asked.limit !== null && expected.hasNext);
        expect(page.total).toBe(asked.withTotal ? expected.total : null);
      }),
      { numRuns: cases },
    );
  });

  const agrees = async (index: number, one: OrderCondition) => {
    const query = { conditions: [one], sort: [], offset: 0, limit: null, after: null, withTotal: false };
    const page = await mirrors[index]!.findMany(query, readOf(everything, []));
    expect([one, ids(page.orders)]).toEqual([one, ids(accounts[index]!.filter((order) => meets(order, one)))]);
  };

  it('agrees on every odd text with every other, whatever the case', async () => {
    for (const text of oddTexts) {
      for (const field of ['commonName', 'dnsNames', 'customFields'] as const) {
        await agrees(3, { op: 'contains', field, text });
        await agrees(3, { op: 'like', field, pattern: `%${text.toUpperCase()}_%` });
      }
    }
  });

  it('agrees on custom fields of every label, and on every length of validity', async () => {
    for (const label of oddTexts.map((text) => text.toUpperCase())) {
      await agrees(3, { op: 'customField', label });
      await agrees(3, { op: 'customField', label, in: oddTexts.slice(20, 60) });
      await agrees(3, { op: 'customField', label, like: '%A%' });
      await agrees(3, { op: 'customField', label, contains: 'C' });
    }
    for (let days = -900; days <= 900; days += 29) {
      for (const bound of ['gte', 'gt', 'lte', 'lt']) await agrees(2, { op: 'validityDays', [bound]: days });
    }
    await agrees(3, { op: 'not', condition: { op: 'validityDays' } });
  });

  it('agrees on every kind of field with every kind of value', async () => {
    for (const field of variedFields) {
      for (const isNull of [true, false]) await agrees(2, { op: 'isNull', field, isNull });
      await agrees(2, { op: 'range', field });
      for (const value of valuesOf.get(field)!.slice(-12)) {
        await agrees(2, { op: 'in', field, values: [value] });
        await agrees(2, { op: 'not', condition: { op: 'in', field, values: [value] } });
        if (typeof value === 'boolean' || isNoAmount(field, value)) continue;
        for (const bound of ['gte', 'gt', 'lte', 'lt']) await agrees(2, { op: 'range', field, [bound]: value });
      }
    }
  });
});

it('counts buckets as reading all orders and adding them up would', async () => {
  const bucketQuery: fc.Arbitrary<BucketQuery> = fc.record({
    groupBy: fc.subarray([...bucketDimensions], { minLength: 1, maxLength: 3 }),
    conditions: fc.array(condition, { maxLength: 1 }),
    withCost: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(account, bucketQuery, scope, async (index, asked, seen) => {
      const matching = evaluateNaively(
        accounts[index]!,
        { conditions: asked.conditions, sort: [], offset: 0, limit: null, after: null, withTotal: false },
        seen,
      ).page;
      expect(await mirrors[index]!.buckets(asked, seen)).toEqual(bucketsOf(matching, asked));
    }),
    { numRuns: cases / 3 },
  );
});
