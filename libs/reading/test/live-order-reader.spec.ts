import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  AppError,
  allOrders,
  containerId,
  everything,
  ReadLedger,
  type Order,
  type OrderCondition,
  type OrderField,
  type OrderQuery,
  type OrderRead,
  type OrderSort,
  type ReadScope,
  silentLogger,
} from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { createLiveOrderReader } from '../src/index.ts';
import { evaluateNaively } from './naive-orders.ts';
import { makeOrders } from './make-orders.ts';
import { allFields, randomOf, VendorDouble, type CustomFault, type VendorHabits } from './vendor-double.ts';

/** Cases per property; the long run looks at many more. */
const cases = process.env['CERTFOLIO_TEST_LONG'] ? 2_000 : 40;
const clock = new FakeClock();
const accounts = [0, 1, 7, 60, 300, 1_001, 2_100].map((count) => makeOrders(count, count + 1));

const readerOf = (certCentral: VendorDouble) => createLiveOrderReader({ certCentral, clock, logger: silentLogger });

function readOf(fields: Iterable<OrderField>, scope: ReadScope = everything): OrderRead {
  return {
    ...anyRead(clock, { scope, ledger: new ReadLedger(), deadline: new Date(clock.nowMs() + 86_400_000) }),
    fields: new Set(fields),
  };
}

const values: Partial<Record<OrderField, readonly (string | number | boolean)[]>> = {
  status: ['issued', 'expired', 'pending', 'needs_approval', 'revoked', 'canceled'],
  containerId: [10, 14, 15, 99],
  organizationId: [5001, 5002, 5003],
  productNameId: ['ssl_basic', 'ssl_plus', 'ssl_wildcard'],
  commonName: ['shop.acme.test', 'Shop.acme.test', '*.acme.test', 'none.test', '100%.test'],
  email: ['bo@acme.test', 'cy@acme.test'],
  userId: [3_000, 3_001, 3_002],
  keySize: [2048, 3072, 4096],
  caCertId: ['3A5E6F7089BC0D12', '77AA'],
  locale: ['en', 'de'],
  signatureHash: ['sha256', 'sha384'],
  isRenewed: [true, false],
  hasDuplicates: [true, false],
  disableRenewalNotifications: [true, false],
  dnsNames: ['www.acme.test', '*.acme.test', 'cdn.acme.test'],
  id: [730_001, 730_002, 730_003, 730_010, 730_020],
  plusFeature: [true, false],
  keyAlgorithm: ['RSA', 'ECDSA'],
  techEmail: ['ada@acme.test'],
  organizationName: ['Acme Test'],
};
const days = ['2025-01-10', '2025-02-11', '2026-01-12', '2026-03-10', '2027-02-12'];
const instants = days.map((day) => `${day}T04:00:00Z`);
const patterns = ['%acme%', 'shop.%', 's_op.acme.test', '%', 'a_b%', '%\\%', 'shop.acme.test', '%.ACME.test'];

const inCondition: fc.Arbitrary<OrderCondition> = fc
  .constantFrom(...(Object.keys(values) as OrderField[]))
  .chain((field) =>
    fc
      .array(fc.constantFrom(...values[field]!), { maxLength: 3 })
      .map((chosen) => ({ op: 'in' as const, field, values: chosen })),
  );
const bounds = <T>(from: readonly T[]) =>
  fc.record(
    {
      gte: fc.constantFrom(...from),
      gt: fc.constantFrom(...from),
      lte: fc.constantFrom(...from),
      lt: fc.constantFrom(...from),
    },
    { requiredKeys: [] },
  );
const rangeCondition: fc.Arbitrary<OrderCondition> = fc.oneof(
  fc
    .tuple(fc.constantFrom('validTill', 'validFrom', 'orderValidTill'), bounds(days))
    .map(([field, range]) => ({ op: 'range', field, ...range }) as OrderCondition),
  bounds(instants).map((range) => ({ op: 'range', field: 'dateCreated', ...range }) as OrderCondition),
  bounds(instants).map((range) => ({ op: 'range', field: 'dateIssued', ...range }) as OrderCondition),
  bounds(['9.90', '99.00', '238.00', '1200.50']).map(
    (range) => ({ op: 'range', field: 'cost', ...range }) as OrderCondition,
  ),
  bounds([-700, 0, 30, 364, 700]).map((range) => ({ op: 'validityDays', ...range }) as OrderCondition),
);
const customFieldCondition: fc.Arbitrary<OrderCondition> = fc
  .record(
    {
      in: fc.constantFrom(['4711'], ['4711', '4712'], []),
      like: fc.constantFrom('47%', '_712', '%'),
      contains: fc.constantFrom('11', '47'),
    },
    { requiredKeys: [] },
  )
  .chain((tests) =>
    fc
      .constantFrom('Cost center', 'COST CENTER', 'Ticket')
      .map((label): OrderCondition => ({ op: 'customField', label, ...tests })),
  );
const simpleCondition: fc.Arbitrary<OrderCondition> = fc.oneof(
  { arbitrary: inCondition, weight: 5 },
  { arbitrary: rangeCondition, weight: 4 },
  customFieldCondition,
  fc
    .tuple(fc.constantFrom('commonName', 'dnsNames', 'email'), fc.constantFrom(...patterns))
    .map(([field, pattern]) => ({ op: 'like', field, pattern }) as OrderCondition),
  fc.constantFrom('commonName', 'dnsNames').map((field) => ({ op: 'contains', field, text: 'Shop' }) as OrderCondition),
  fc
    .tuple(fc.constantFrom('validTill', 'serialNumber', 'organizationId', 'dnsNames', 'email', 'keySize'), fc.boolean())
    .map(([field, isNull]) => ({ op: 'isNull', field, isNull }) as OrderCondition),
  fc
    .constantFrom('shop.acme.test', 'SHOP.acme.test', 'x.shop.acme.test', 'acme.test', '*.acme.test', 'test')
    .map((name): OrderCondition => ({ op: 'coversName', name })),
  fc.boolean().map((isWildcard): OrderCondition => ({ op: 'isWildcard', isWildcard })),
  fc.constantFrom('bo@', 'SHOP').map((text): OrderCondition => ({ op: 'search', text })),
);
const condition: fc.Arbitrary<OrderCondition> = fc.oneof(
  { arbitrary: simpleCondition, weight: 6 },
  simpleCondition.map((one): OrderCondition => ({ op: 'not', condition: one })),
  fc.array(simpleCondition, { maxLength: 3 }).map((conditions): OrderCondition => ({ op: 'anyOf', conditions })),
);
const sort: fc.Arbitrary<OrderSort[]> = fc.array(
  fc.record({
    field: fc.constantFrom<OrderField>(
      'id',
      'validTill',
      'validTill',
      'validFrom',
      'orderValidTill',
      'commonName',
      'dateCreated',
      'cost',
      'keySize',
      'keyAlgorithm',
      'userEmail',
      'containerId',
      'productName',
      'customerOrderId',
      'dateIssued',
      'autoRenew',
      'status',
    ),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  }),
  { maxLength: 2 },
);
const query: fc.Arbitrary<OrderQuery> = fc.record({
  conditions: fc.array(condition, { maxLength: 3 }),
  sort,
  offset: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.integer({ min: 0, max: 20 })),
  limit: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 70 }), fc.constant(1_000)),
  after: fc.constant(null),
  withTotal: fc.boolean(),
});
const scope: fc.Arbitrary<ReadScope> = fc.oneof(
  { arbitrary: fc.constant(everything), weight: 2 },
  fc.subarray([10, 14, 15]).map((ids): ReadScope => ({ containers: new Set(ids.map(containerId)) })),
);
const fieldSet = fc.oneof(
  fc.subarray([...allFields]),
  fc.subarray<OrderField>([
    'id',
    'commonName',
    'validTill',
    'status',
    'containerId',
    'cost',
    'organizationCity',
    'accountId',
  ]),
);
const habits: fc.Arbitrary<VendorHabits> = fc
  .record({
    customReports: fc.constantFrom('allowed' as const, 'allowed' as const, 'not-allowed' as const),
    customRowCap: fc.constantFrom(undefined, undefined, 3, 40, 500),
    nullsFirst: fc.boolean(),
    customSorts: fc.constantFrom(true, true, true, false),
    takesWitness: fc.constantFrom(true, true, false),
    unknownFields: fc.constantFrom([], [], ['locale'], ['userEmail', 'plusFeature', 'thumbprint']),
    seed: fc.integer(),
  })
  .map(({ seed, ...rest }) => ({ ...rest, random: randomOf(seed) }) as VendorHabits);

/** Every field that was asked for has the vendor's value, or is named as one that could not be had. */
function expectRows(actual: readonly Order[], expected: readonly Order[], read: OrderRead): void {
  expect(actual.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  const unavailable = new Set(read.ledger.account().unavailableFields);
  for (const [index, row] of actual.entries()) {
    const wrong = [...read.fields].filter((field) => {
      if (unavailable.has(field)) return row[field] != null;
      return JSON.stringify(row[field]) !== JSON.stringify(expected[index]![field]);
    });
    expect(wrong).toEqual([]);
  }
}

describe('findMany over the documented vendor', () => {
  it('gives what filter, sort, skip and cut over all orders give, whatever the vendor can and cannot do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(accounts.length - 1),
        habits,
        fc.array(fc.tuple(query, fieldSet, scope), { minLength: 1, maxLength: 3 }),
        async (account, chosenHabits, requests) => {
          const orders = accounts[account]!;
          const reader = readerOf(new VendorDouble(orders, chosenHabits));
          for (const [asked, fields, within] of requests) {
            const read = readOf(fields, within);
            const page = await reader.findMany(asked, read);
            const expected = evaluateNaively(orders, asked, within);
            expectRows(page.orders, expected.page, read);
            expect(page.hasNext).toBe(expected.hasNext);
            expect(page.total).toBe(asked.withTotal ? expected.total : null);
          }
        },
      ),
      { numRuns: cases },
    );
  });

  it('gives every order exactly once when a caller pages to the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(accounts.length - 1),
        habits,
        query,
        fieldSet,
        scope,
        fc.integer({ min: 1, max: 5 }),
        async (account, chosenHabits, asked, fields, within, pages) => {
          const orders = accounts[account]!;
          const reader = readerOf(new VendorDouble(orders, chosenHabits));
          const all = evaluateNaively(orders, { ...asked, offset: 0, limit: null }, within);
          const limit = Math.max(1, Math.ceil(all.total / pages));
          const seen: number[] = [];
          let after: OrderQuery['after'] = null;
          for (let turn = 0; turn <= pages; turn += 1) {
            const read = readOf(fields, within);
            const page = await reader.findMany({ ...asked, offset: 0, limit, after }, read);
            seen.push(...page.orders.map(({ id }) => id));
            expect(page.total).toBe(asked.withTotal ? all.total : null);
            if (!page.hasNext) break;
            // A cursor goes over the wire as JSON.
            after = JSON.parse(JSON.stringify(page.positionOf(page.orders.at(-1)!)));
          }
          expect(seen).toEqual(all.page.map(({ id }) => id));
        },
      ),
      { numRuns: cases },
    );
  });
});

describe('what the vendor leaves open', () => {
  const sorted = { ...allOrders, sort: [{ field: 'dateCreated', direction: 'desc' }], limit: 5 } as const;

  it('is the order of rows that tie, so a cut through a tie is not trusted', async () => {
    // All alike, and the vendor gives them in any order: the first five by id may be none of the first 56 it gives.
    const orders = makeOrders(300).map((order) => ({ ...order, dateCreated: '2026-01-01T00:00:00Z' as never }));
    const certCentral = new VendorDouble(orders, { random: randomOf(3) });
    const page = await readerOf(certCentral).findMany(sorted, readOf(['id', 'locale', 'dateCreated']));
    expect(page.orders.map(({ id }) => id)).toEqual(orders.slice(0, 5).map(({ id }) => id));
    expect(
      certCentral.calls
        .filter(({ route }) => route === 'custom')
        .map(({ request }) => (request as { limit: unknown }).limit),
    ).toEqual([56, null]);
  });

  it('is whether names are compared with regard to case, so its count is not trusted when it gives others too', async () => {
    const orders = makeOrders(60).map((order, index) => ({
      ...order,
      commonName: index % 2 === 0 ? 'shop.acme.test' : 'SHOP.acme.test',
    }));
    const certCentral = new VendorDouble(orders, { customReports: 'not-allowed' });
    const asked: OrderQuery = {
      ...allOrders,
      conditions: [{ op: 'in', field: 'commonName', values: ['shop.acme.test'] }],
      limit: 5,
      withTotal: true,
    };
    const page = await readerOf(certCentral).findMany(asked, readOf(['id', 'hasReissues']));
    expect(page.total).toBe(30);
    expect(page.orders.map(({ id }) => id)).toEqual(
      orders
        .filter((_, index) => index % 2 === 0)
        .slice(0, 5)
        .map(({ id }) => id),
    );
  });
});

describe('a cap on the rows of Custom Reports', () => {
  const orders = makeOrders(60).map((order, index) => ({
    ...order,
    containerId: containerId(index < 3 ? 10 : 14),
    locale: 'en',
  }));
  const isIn = (field: OrderField, value: string | number): OrderQuery => ({
    ...allOrders,
    conditions: [{ op: 'in', field, values: [value] }],
  });

  it('that a whole answer reached exactly is not taken for proof of the next one', async () => {
    for (const next of [isIn('locale', 'en'), isIn('containerId', 14), allOrders]) {
      const reader = readerOf(new VendorDouble(orders, { customRowCap: 3 }));
      const fields = ['id', 'accountId', 'csr', 'contactsEmail'] as const;
      expect((await reader.findMany(isIn('containerId', 10), readOf(fields))).orders).toHaveLength(3);
      const expected = evaluateNaively(orders, next, everything).page;
      expect((await reader.findMany(next, readOf(fields))).orders.map(({ id }) => id)).toEqual(
        expected.map(({ id }) => id),
      );
    }
  });

  it('that there is none is learnt from one answer with all orders, for filters the list cannot count', async () => {
    const certCentral = new VendorDouble(orders);
    const reader = readerOf(certCentral);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(
        (await reader.findMany(isIn('locale', 'en'), readOf(['id', 'locale', 'contactsEmail']))).orders,
      ).toHaveLength(60);
    }
    expect([certCentral.count('report'), certCentral.count('info')]).toEqual([0, 0]);
  });
});

describe('faults of the vendor', () => {
  /** Faults of a few calls, or of every one. */
  const customFaults = (minKeys: number): fc.Arbitrary<NonNullable<VendorHabits['customFault']>> => {
    const fault: fc.Arbitrary<CustomFault> = fc.record({
      kind: fc.constantFrom('drop', 'drop', 'duplicate', 'replace'),
      of: fc.constantFrom('orders', 'orders', 'witness'),
      at: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.999, noNaN: true })),
    });
    return fc.oneof(
      fc
        .dictionary(fc.integer({ min: 0, max: 4 }).map(String), fault, { minKeys, maxKeys: 3 })
        .map((faults) => (call: number) => faults[String(call)] ?? null),
      fault.map((always) => () => always),
    );
  };
  const broken: fc.Arbitrary<VendorHabits> = fc
    .record({
      faults: fc.dictionary(
        fc.integer({ min: 0, max: 6 }).map(String),
        fc.constantFrom('shift' as const, 'duplicate' as const, 'drop' as const),
        { minKeys: 1, maxKeys: 3 },
      ),
      customFaults: customFaults(1),
      customReports: fc.constantFrom('allowed' as const, 'not-allowed' as const),
      takesWitness: fc.constantFrom(true, false),
      customRowCap: fc.constantFrom(undefined, 3, 40),
      reportRowCap: fc.constantFrom(undefined, 5, 250),
    })
    .map(
      ({ faults, customFaults, ...rest }) =>
        ({
          ...rest,
          listFault: (call: number) => faults[String(call)] ?? null,
          customFault: customFaults,
        }) as VendorHabits,
    );

  it('never gives a wrong answer to a read of all rows: the right ones or an error with a name', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(accounts.length - 1),
        broken,
        query,
        fieldSet,
        scope,
        async (account, chosenHabits, asked, fields, within) => {
          const orders = accounts[account]!;
          const whole = { ...asked, limit: null, offset: 0 };
          const read = readOf(fields, within);
          const outcome = await readerOf(new VendorDouble(orders, chosenHabits))
            .findMany(whole, read)
            .catch((error: unknown) => error);
          if (outcome instanceof Error) return expect(outcome).toBeInstanceOf(AppError);
          expectRows(
            (outcome as { orders: readonly Order[] }).orders,
            evaluateNaively(orders, whole, within).page,
            read,
          );
        },
      ),
      { numRuns: cases },
    );
  });

  it('never loses a row of Custom Reports in silence, whatever the filter and wherever the page is cut', async () => {
    const filter = fc.constantFrom<OrderCondition[]>(
      [],
      [{ op: 'in', field: 'status', values: ['issued'] }],
      [{ op: 'in', field: 'status', values: ['issued', 'expired', 'pending'] }],
      [{ op: 'range', field: 'validTill', gte: '2026-01-01', lt: '2027-02-12' }],
      [{ op: 'range', field: 'validFrom', gt: '2025-02-11' }],
      [{ op: 'range', field: 'dateCreated', gte: '2025-11-02T04:00:00Z' }],
      [{ op: 'like', field: 'commonName', pattern: '%acme.test' }],
      [
        { op: 'in', field: 'status', values: ['issued'] },
        { op: 'in', field: 'containerId', values: [10, 14] },
        { op: 'range', field: 'validTill', lte: '2026-03-10' },
      ],
      [
        { op: 'in', field: 'locale', values: ['en'] },
        { op: 'in', field: 'organizationId', values: [5001] },
      ],
      [{ op: 'in', field: 'thumbprint', values: accounts[4]!.slice(0, 4).map(({ thumbprint }) => thumbprint ?? 'FF') }],
    );
    const page = fc.record({
      sort: fc.constantFrom<OrderSort[]>(
        [],
        [{ field: 'validTill', direction: 'asc' }],
        [{ field: 'dateCreated', direction: 'desc' }],
      ),
      limit: fc.constantFrom(null, null, 5, 60),
      offset: fc.constantFrom(0, 0, 7),
      withTotal: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(accounts.length - 1),
        customFaults(0),
        fc.boolean(),
        fc.array(fc.tuple(filter, page), { minLength: 1, maxLength: 3 }),
        async (account, customFault, takesWitness, requests) => {
          const orders = accounts[account]!;
          const certCentral = new VendorDouble(orders, { customFault, takesWitness });
          const reader = readerOf(certCentral);
          for (const [conditions, cut] of requests) {
            const asked = { ...allOrders, ...cut, conditions };
            const read = readOf(['id', 'status', 'csr', 'locale', 'contactsEmail', 'thumbprint', 'userEmail']);
            const outcome = await reader.findMany(asked, read).catch((error: unknown) => error);
            if (outcome instanceof Error) {
              expect(outcome).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
              continue;
            }
            const expected = evaluateNaively(orders, asked, everything);
            expect(outcome).toMatchObject({
              hasNext: expected.hasNext,
              total: asked.withTotal ? expected.total : null,
            });
            expectRows((outcome as { orders: readonly Order[] }).orders, expected.page, read);
          }
        },
      ),
      { numRuns: cases },
    );
  });

  it('notices a page that shifted between two pages of a read that stops early', async () => {
    for (const fault of ['shift', 'drop', 'duplicate'] as const) {
      for (const call of [1, 2]) {
        const orders = makeOrders(2_900);
        const certCentral = new VendorDouble(orders, {
          customReports: 'not-allowed',
          listFault: (number) => (number === call ? fault : null),
        });
        const asked = { ...allOrders, limit: 1_900 };
        const page = await readerOf(certCentral).findMany(asked, readOf(['id', 'commonName']));
        expect(page.orders.map(({ id }) => id)).toEqual(orders.slice(0, 1_900).map(({ id }) => id));
      }
    }
  });

  it('notices a page that shifted in a read of all pages, which the count alone betrays', async () => {
    const orders = makeOrders(3_100);
    for (const call of [1, 2]) {
      const habits: VendorHabits = {
        customReports: 'not-allowed',
        listFault: (number) => (number === call ? 'shift' : null),
      };
      const page = await readerOf(new VendorDouble(orders, habits)).findMany(allOrders, readOf(['id', 'hasReissues']));
      expect(page.orders.map(({ id }) => id)).toEqual(orders.map(({ id }) => id));
    }
  });

  it('gives up aloud when pages go on losing rows', async () => {
    const certCentral = new VendorDouble(makeOrders(2_500), {
      customReports: 'not-allowed',
      reportRowCap: 10,
      listFault: () => 'drop',
    });
    await expect(
      readerOf(certCentral).findMany(allOrders, readOf(['id', 'keySize', 'commonName'])),
    ).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    const early = { ...allOrders, limit: 5 };
    await expect(readerOf(certCentral).findMany(early, readOf(['id', 'commonName']))).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    });
  });

  it.each([1, 2, 3])(
    'keeps Custom Reports when an order arrives between two calls: before call %i',
    async (arrival) => {
      const [late] = makeOrders(1, 9).map((order) => ({ ...order, id: 999_999 as Order['id'] }));
      const certCentral: VendorDouble = new VendorDouble(makeOrders(40), {
        beforeCall: (_route, call) => {
          if (call === arrival) certCentral.orders.push(late!);
        },
      });
      const reader = readerOf(certCentral);
      const fields = ['id', 'locale', 'thumbprint'] as const;
      const first = await reader.findMany(allOrders, readOf(fields));
      expect([40, 41]).toContain(first.orders.length);
      expect((await reader.findMany(allOrders, readOf(fields))).orders).toHaveLength(41);
      expect([certCentral.count('report'), certCentral.count('info')]).toEqual([0, 0]);
    },
  );
});
