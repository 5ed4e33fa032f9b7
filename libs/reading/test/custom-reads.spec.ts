import { describe, expect, it } from '@jest/globals';
import {
  allOrders,
  everything,
  ReadLedger,
  silentLogger,
  UpstreamRefused,
  type CalendarDate,
  type CustomReportRequest,
  type OrderCondition,
  type OrderField,
  type OrderQuery,
  type OrderRead,
  type Timestamp,
} from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { createLiveOrderReader } from '../src/index.ts';
import { evaluateNaively } from './naive-orders.ts';
import { makeOrders } from './make-orders.ts';
import { VendorDouble, type FullOrder, type VendorHabits } from './vendor-double.ts';

const clock = new FakeClock();
/** With a field that only Custom Reports has for more than a few orders. */
const readOf = (...fields: OrderField[]): OrderRead => ({
  ...anyRead(clock, { ledger: new ReadLedger() }),
  fields: new Set<OrderField>(['id', 'contactsEmail', ...fields]),
});
const isIn = (field: OrderField, ...values: (string | number)[]): OrderCondition => ({ op: 'in', field, values });
const where = (...conditions: OrderCondition[]): OrderQuery => ({ ...allOrders, conditions });
const byDay: OrderQuery = { ...allOrders, sort: [{ field: 'validTill', direction: 'desc' }], limit: 5 };

function account(orders: readonly FullOrder[], habits: VendorHabits = {}) {
  const certCentral = new VendorDouble(orders, habits);
  const reader = createLiveOrderReader({ certCentral, clock, logger: silentLogger });
  return {
    certCentral,
    reader,
    routes: () => certCentral.calls.map(({ route }) => route),
    asked: () =>
      certCentral.calls.flatMap(({ route, request }) => (route === 'custom' ? [request as CustomReportRequest] : [])),
    async ids(query: OrderQuery) {
      const { orders: found } = await reader.findMany(query, readOf());
      return found.map(({ id }) => id);
    },
  };
}
const idsOf = (orders: readonly FullOrder[], query: OrderQuery) =>
  evaluateNaively(orders, query, everything).page.map(({ id }) => id);

describe('an answer that the list counts', () => {
  it('needs no witness', async () => {
    const orders = makeOrders(300);
    const { ids, routes, asked } = account(orders);
    const query = where(isIn('organizationId', 5001), isIn('status', 'revoked'));
    expect(await ids(query)).toEqual(idsOf(orders, query));
    expect([routes(), asked()[0]!.witness]).toEqual([['custom', 'list'], undefined]);
  });
});

describe('an answer that the list cannot count', () => {
  const orders = makeOrders(300);
  const issued = where(isIn('status', 'issued'), isIn('containerId', 14));

  it('brings its witness in the same call: what the list counts, with what decides the rest', async () => {
    const { ids, routes, asked, certCentral } = account(orders);
    expect(await ids(issued)).toEqual(idsOf(orders, issued));
    expect(routes()).toEqual(['custom', 'list']);
    const counted = [{ field: 'containerId', op: 'eq', value: 14 }];
    expect(asked()[0]!.witness).toEqual({ fields: ['id', 'status'], where: counted });
    expect(certCentral.calls[1]!.request).toMatchObject({ where: counted, limit: 1 });
  });

  it('has a witness for each value that is read by itself, and each proves its own', async () => {
    const query = where(isIn('status', 'issued', 'expired'));
    const { ids, routes } = account(orders);
    expect(await ids(query)).toEqual(idsOf(orders, query));
    expect(routes()).toEqual(['custom', 'list', 'custom', 'list']);
  });

  it.each(['orders', 'witness'] as const)('is asked for again when the %s lost a row', async (of) => {
    const { ids, routes } = account(orders, {
      customFault: (call) => (call === 0 ? { kind: 'drop', of, at: 0.5 } : null),
    });
    expect(await ids(issued)).toEqual(idsOf(orders, issued));
    expect(routes()).toEqual(['custom', 'list', 'custom', 'list']);
  });

  it.each(['drop', 'replace'] as const)('that goes on losing a row (%s) is an error with the numbers', async (kind) => {
    const { ids } = account(orders, {
      customFault: (call) => (call === 0 ? null : { kind, of: 'orders', at: 0 }),
    });
    await ids(allOrders);
    const total = idsOf(orders, where(isIn('containerId', 14))).length;
    await expect(ids(issued)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringContaining(`it gave ${total - 1} of the ${total} orders that the list counts, twice`),
    });
  });

  it('is no error when an order changes between the two questions', async () => {
    const changing = orders.map((order) => ({ ...order }));
    const pending = changing.find(({ status, containerId }) => status === 'pending' && Number(containerId) === 14)!;
    const { ids, routes } = account(changing, {
      takesWitness: false,
      // The refused question, then the count that went with it; the answer, and before its witness the change.
      beforeCall: (_route, call) => {
        if (call === 3) pending.status = 'issued';
      },
    });
    expect(await ids(issued)).toContain(pending.id);
    expect(routes().filter((route) => route === 'custom')).toHaveLength(1 + 2 + 2);
  });

  it('is read wider and filtered here where a condition means something else to Custom Reports', async () => {
    const named = orders.map((order, index) => ({ ...order, commonName: index % 2 ? 'a.acme.test' : 'A.ACME.TEST' }));
    const query = where({ op: 'like', field: 'commonName', pattern: '%acme.test' });
    const { ids, routes, asked } = account(named, { likeLooksAtCase: true });
    expect(await ids(query)).toEqual(named.map(({ id }) => id));
    expect(routes()).toEqual(['custom', 'list', 'custom', 'list', 'custom', 'list']);
    expect(asked()[2]).toMatchObject({ where: [], limit: null });
  });
});

describe('a witness that is refused', () => {
  const orders = makeOrders(300);
  const query = where(isIn('status', 'issued'));

  it('is asked for by itself from then on', async () => {
    const { ids, routes } = account(orders, { takesWitness: false });
    for (const callsEach of [4, 3]) {
      const before = routes().length;
      expect(await ids(query)).toEqual(idsOf(orders, query));
      expect(routes().length - before).toBe(callsEach);
    }
  });

  it('is asked for in one call again when the question by itself failed too', async () => {
    const failing = { isOn: true };
    const { ids, routes, certCentral } = account(orders);
    const working = certCentral.customReport.bind(certCentral);
    certCentral.customReport = async (request, call) => {
      if (!failing.isOn) return working(request, call);
      if (request.witness === undefined) throw new UpstreamRefused('POST /reports/query', 400, 'bad_request');
      return { kind: 'witness-refused' };
    };
    await expect(ids(query)).rejects.toThrow(UpstreamRefused);
    failing.isOn = false;
    const before = routes().length;
    expect(await ids(query)).toEqual(idsOf(orders, query));
    expect(routes().slice(before)).toEqual(['custom', 'list']);
  });
});

describe('a cut answer', () => {
  const orders = makeOrders(3_000).map((order, index) => ({
    ...order,
    validTill: new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10) as CalendarDate,
  }));

  it('has a witness with the column it is sorted by', async () => {
    const { ids, routes, asked } = account(orders);
    expect(await ids(byDay)).toEqual(idsOf(orders, byDay));
    expect(routes()).toEqual(['custom', 'list']);
    expect(asked()[0]).toMatchObject({ limit: 56, witness: { fields: ['id', 'validTill'], where: [] } });
  });

  it('that lost one of its rows is read whole', async () => {
    const { ids, asked } = account(orders, {
      customFault: (call) => (call === 0 ? { kind: 'drop', of: 'orders', at: 0 } : null),
    });
    expect(await ids(byDay)).toEqual(idsOf(orders, byDay));
    expect(asked().map(({ limit }) => limit)).toEqual([56, null]);
  });
});

describe('a cut answer with rows that do not meet the conditions', () => {
  it('is read whole', async () => {
    // Custom Reports takes these for the same product, so half of the rows of its page are none of ours.
    const orders = makeOrders(300).map((order, index) => ({
      ...order,
      productNameId: index % 2 === 0 ? 'ssl_basic' : 'SSL_BASIC',
      dateCreated: new Date(Date.UTC(2026, 0, 1 + index)).toISOString() as Timestamp,
    }));
    const query: OrderQuery = {
      ...where(isIn('productNameId', 'ssl_basic')),
      sort: [{ field: 'dateCreated', direction: 'asc' }],
      limit: 70,
    };
    const { ids, asked } = account(orders);
    expect(await ids(query)).toEqual(idsOf(orders, query));
    expect(asked().map(({ limit }) => limit)).toEqual([121, null]);
  });
});

describe('an answer that names one order', () => {
  const orders = makeOrders(60);
  const one = orders.find(({ thumbprint }) => thumbprint != null)!;

  it.each(['id', 'thumbprint', 'serialNumber'] as const)('by %s needs no proof when it is there', async (field) => {
    const { ids, routes } = account(orders);
    expect(await ids(where(isIn(field, one[field]!)))).toEqual([one.id]);
    expect(routes()).toEqual(['custom']);
  });

  it.each([
    ['id', 1],
    ['thumbprint', 'FF'],
    ['serialNumber', 'FF'],
  ] as const)('by %s is none when order info knows none either', async (field, value) => {
    const { ids, routes } = account(orders);
    expect(await ids(where(isIn(field, value)))).toEqual([]);
    expect(routes()).toEqual(['custom', 'info']);
  });

  it.each(['id', 'thumbprint', 'serialNumber'] as const)('by %s that was lost is asked for again', async (field) => {
    const { ids } = account(orders, {
      customFault: (call) => (call === 0 ? { kind: 'drop', of: 'orders', at: 0 } : null),
    });
    expect(await ids(where(isIn(field, one[field]!)))).toEqual([one.id]);
  });

  it('and does not show the name is doubted when it was lost, without a witness that could not tell', async () => {
    const { ids, asked } = account(orders, {
      unknownFields: ['thumbprint'],
      customFault: () => ({ kind: 'drop', of: 'orders', at: 0 }),
    });
    expect(await ids(where(isIn('thumbprint', one.thumbprint!)))).toEqual([one.id]);
    // The first learns that the field is unknown, the second is doubted.
    expect(asked()).toHaveLength(2);
  });

  it.each(['', '../account', 'F'.repeat(300)])('that no certificate can have (%j) is no path', async (thumbprint) => {
    const { ids, routes } = account(orders);
    expect(await ids(where(isIn('thumbprint', thumbprint)))).toEqual([]);
    expect(routes()).toEqual(['custom', 'custom', 'list']);
  });

  it('is none where the order does not meet another condition', async () => {
    const { ids } = account(orders);
    expect(await ids(where(isIn('thumbprint', one.thumbprint!), isIn('containerId', 99)))).toEqual([]);
  });
});

describe('an answer that is too long', () => {
  const orders = makeOrders(300);
  /** One of them only Custom Reports has for all orders. */
  const fields = new Set<OrderField>(['id', 'techEmail', 'contactsEmail', 'csr']);
  const truth = evaluateNaively(orders, allOrders, everything).page;

  it('is read column by column, and one as long is not asked for again', async () => {
    // Two columns of all orders fit.
    const { certCentral, asked, reader } = account(orders, { customMaxCells: 600 });
    for (const expected of [
      ['id techEmail contactsEmail csr', 'id techEmail', 'id contactsEmail', 'id csr'],
      ['id techEmail contactsEmail', 'id techEmail', 'id contactsEmail', 'id csr'],
      ['id techEmail', 'id contactsEmail', 'id csr'],
    ]) {
      certCentral.calls.length = 0;
      const { orders: found } = await reader.findMany(allOrders, { ...readOf(), fields });
      const shown = ({ id, techEmail, contactsEmail, csr }: Partial<FullOrder>) => [id, techEmail, contactsEmail, csr];
      expect(found.map(shown)).toEqual(truth.map(shown));
      expect(asked().map(({ fields: columns }) => columns.join(' '))).toEqual(expected);
    }
    certCentral.calls.length = 0;
    const few = where(isIn('organizationId', 5001), isIn('status', 'revoked'));
    await reader.findMany(few, { ...readOf(), fields });
    expect(asked()).toHaveLength(1);
  });

  it('leaves out what came or went between its parts', async () => {
    const { certCentral, reader } = account(orders, {
      customMaxCells: 600,
      beforeCall: (route, call) => {
        if (route === 'custom' && call === 4) certCentral.orders = certCentral.orders.slice(1);
      },
    });
    const { orders: found } = await reader.findMany(allOrders, { ...readOf(), fields });
    expect(found.map(({ id }) => id)).toEqual(truth.slice(1).map(({ id }) => id));
    expect(found.every(({ csr, techEmail }) => csr !== undefined && techEmail !== undefined)).toBe(true);
  });

  it('is read from the order report where a single column is too long', async () => {
    const { routes, reader } = account(orders, { customMaxCells: 400 });
    const read: OrderRead = { ...readOf(), fields: new Set<OrderField>(['id', 'techEmail', 'userEmail', 'csr']) };
    const { orders: found } = await reader.findMany(allOrders, read);
    expect(found.map(({ id, csr }) => [id, csr])).toEqual(truth.map(({ id, csr }) => [id, csr]));
    expect(routes().at(-1)).toBe('report');
  });
});
