import { describe, expect, it } from '@jest/globals';
import {
  allOrders,
  containerId,
  everything,
  fieldsFrom,
  orderId,
  ReadLedger,
  silentLogger,
  UpstreamBudgetExhausted,
  type Order,
  type OrderField,
  type OrderRead,
  type ReadScope,
} from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { createDomainReader, createLiveLists, createLiveOrderReader, createOrganizationReader } from '../src/index.ts';
import { makeOrders } from './make-orders.ts';
import { detailsFields, VendorDouble, type VendorHabits } from './vendor-double.ts';

const clock = new FakeClock();
const readOf = (fields: Iterable<OrderField>, overrides: Partial<OrderRead> = {}): OrderRead => ({
  ...anyRead(clock, { ledger: new ReadLedger() }),
  fields: new Set(fields),
  ...overrides,
});
const scopeOf = (...ids: number[]): ReadScope => ({ containers: new Set(ids.map(containerId)) });

function account(orders: readonly Order[], habits: VendorHabits = {}) {
  const certCentral = new VendorDouble(orders, habits);
  return { certCentral, orders, reader: createLiveOrderReader({ certCentral, clock, logger: silentLogger }) };
}

describe('calls of a read', () => {
  it('are ten for list fields of 10,000 orders, and the ledger counts them', async () => {
    const { certCentral, reader } = account(makeOrders(10_000));
    const read = readOf(fieldsFrom('list'));
    const page = await reader.findMany(allOrders, read);
    expect(page.orders).toHaveLength(10_000);
    expect(certCentral.count('list')).toBe(10);
    expect(certCentral.count()).toBe(10);
    expect(read.ledger.account()).toMatchObject({
      source: 'live',
      upstreamCalls: 10,
      truncated: false,
      stale: false,
      unavailableFields: [],
      plans: [expect.stringContaining('orders from the list')],
    });
  });

  it('are two for all 62 fields of 1,000 orders by Custom Reports', async () => {
    const { certCentral, reader } = account(makeOrders(1_000));
    await reader.findMany({ ...allOrders, limit: 1 }, readOf(['id']));
    const before = certCentral.count();
    const page = await reader.findMany(allOrders, readOf(detailsFields));
    expect(page.orders).toHaveLength(1_000);
    expect([certCentral.count('custom'), certCentral.count() - before]).toEqual([1, 2]);
  });

  it('are not begun one by one for more orders than the budget has calls before the deadline', async () => {
    const { certCentral, reader } = account(makeOrders(200), { customReports: 'not-allowed' });
    // The double allows 100 calls at once and one in 180 ms then; the read has 10 s.
    await expect(reader.findMany(allOrders, readOf(['id', 'locale']))).rejects.toThrow(UpstreamBudgetExhausted);
    expect(certCentral.count('info')).toBe(0);
    const page = await reader.findMany({ ...allOrders, limit: 90 }, readOf(['id', 'locale']));
    expect([page.orders.length, certCentral.count('info')]).toEqual([90, 90]);
  });

  it('miss nothing of 62 fields where the key may not use Custom Reports, which is tried once', async () => {
    const { certCentral, orders, reader } = account(makeOrders(50), { customReports: 'not-allowed' });
    for (let turn = 0; turn < 2; turn += 1) {
      const read = readOf(detailsFields);
      const page = await reader.findMany(allOrders, read);
      expect(read.ledger.account().unavailableFields).toEqual([]);
      for (const [index, order] of page.orders.entries())
        for (const field of detailsFields)
          expect([field, order[field] ?? null]).toEqual([field, orders[index]![field] ?? null]);
    }
    expect(certCentral.count('custom')).toBeLessThanOrEqual(1);
  });

  it('are few for five rows with a detail field', async () => {
    const { certCentral, reader } = account(makeOrders(10_000));
    const page = await reader.findMany({ ...allOrders, limit: 5 }, readOf(['id', 'csr']));
    expect(page.orders).toHaveLength(5);
    expect(certCentral.count()).toBe(6);
  });

  it('stay few on later pages by a cursor, and by one that means nothing any more', async () => {
    const { certCentral, reader, orders } = account(makeOrders(10_000));
    const first = await reader.findMany({ ...allOrders, limit: 5 }, readOf(['id']));
    const position = first.positionOf(first.orders.at(-1)!);
    const before = certCentral.count();
    const second = await reader.findMany({ ...allOrders, limit: 5, after: position }, readOf(['id']));
    expect(second.orders.map(({ id }) => id)).toEqual(orders.slice(5, 10).map(({ id }) => id));
    expect(certCentral.count() - before).toBe(1);
    // From the middle of the list without a place in it: long pages, not thousands of short ones.
    const middle = { sortValues: [], id: orders[6_000]!.id };
    for (const after of [middle, { ...middle, listOffset: 42 }]) {
      const from = certCentral.count();
      const page = await reader.findMany({ ...allOrders, limit: 5, after }, readOf(['id']));
      expect(page.orders.map(({ id }) => id)).toEqual(orders.slice(6_001, 6_006).map(({ id }) => id));
      expect(certCentral.count() - from).toBeLessThanOrEqual(12);
    }
  });

  it('are one for each value of a filter with a few', async () => {
    const { certCentral, reader, orders } = account(makeOrders(300));
    const page = await reader.findMany(
      { ...allOrders, conditions: [{ op: 'in', field: 'organizationId', values: [5001, 5002, 5001] }] },
      readOf(['id', 'commonName']),
    );
    expect(page.orders).toHaveLength(
      orders.filter(({ organizationId }) => Number(organizationId) === 5001 || Number(organizationId) === 5002).length,
    );
    expect(certCentral.count()).toBe(2);
  });

  it('are none for a scope of nothing and for a filter that nothing can meet', async () => {
    const { certCentral, reader } = account(makeOrders(10));
    const nowhere = readOf(['id'], { scope: scopeOf() });
    expect(await reader.findMany({ ...allOrders, withTotal: true }, nowhere)).toMatchObject({
      orders: [],
      hasNext: false,
      total: 0,
    });
    expect(await reader.findMany(allOrders, nowhere)).toMatchObject({ total: null });
    expect(await reader.findByIds([orderId(730_001)], nowhere)).toEqual([]);
    expect(await reader.findByCertificate({ serialNumber: 'AB' }, nowhere)).toBeNull();
    expect(
      (
        await reader.findMany(
          { ...allOrders, conditions: [{ op: 'in', field: 'containerId', values: [] }] },
          readOf(['id']),
        )
      ).orders,
    ).toEqual([]);
    expect(certCentral.count()).toBe(0);
  });

  it('are two for a sorted first page of a large account by Custom Reports, its proof among them', async () => {
    const { certCentral, reader } = account(makeOrders(3_000));
    const page = await reader.findMany(
      { ...allOrders, sort: [{ field: 'dateCreated', direction: 'desc' }], limit: 5 },
      readOf(['id', 'locale', 'dateCreated']),
    );
    expect(page).toMatchObject({ hasNext: true });
    expect(certCentral.count('report')).toBe(0);
    expect(certCentral.count('info')).toBe(0);
    expect(certCentral.count()).toBe(2);
  });

  it('are made once for the pages of a run', async () => {
    const { certCentral, reader, orders } = account(makeOrders(2_500));
    const seen: number[] = [];
    let after = null as ReturnType<Awaited<ReturnType<typeof reader.findMany>>['positionOf']> | null;
    for (let more = true; more;) {
      const read = readOf(['id', 'commonName'], { run: { id: 'run-1', rowCap: 2_200, startedAtMs: 0, zone: 'UTC' } });
      const page = await reader.findMany({ ...allOrders, limit: 500, after }, read);
      seen.push(...page.orders.map(({ id }) => id));
      if (after === null) expect(read.ledger.truncated).toBe(true);
      more = page.hasNext;
      after = page.positionOf(page.orders.at(-1)!);
    }
    expect(seen).toEqual(orders.slice(0, 2_200).map(({ id }) => id));
    expect(certCentral.count()).toBeLessThanOrEqual(3);
  });
});

describe('findByIds', () => {
  it('asks for the same id once, leaves unknown ones out, and those outside the scope', async () => {
    const orders = makeOrders(20);
    const { certCentral, reader } = account(orders);
    const [first, second] = orders as [Order, Order];
    const found = await reader.findByIds([first.id, second.id, first.id, orderId(1)], readOf(['id', 'csr']));
    expect(found.map(({ id }) => id).sort()).toEqual([first.id, second.id]);
    expect(certCentral.count('info')).toBe(3);
    const elsewhere = readOf(['id'], { scope: scopeOf(99) });
    expect(await reader.findByIds([first.id, second.id], elsewhere)).toEqual([]);
    expect(await reader.findByIds([], readOf(['id']))).toEqual([]);
  });

  it('reads the whole account where that takes fewer calls, once its size is known', async () => {
    const orders = makeOrders(1_500);
    const { certCentral, reader } = account(orders);
    await reader.findMany({ ...allOrders, limit: 1 }, readOf(['id']));
    const before = certCentral.count();
    const wanted = orders.filter((_, index) => index % 3 === 0).map(({ id }) => id);
    const found = await reader.findByIds([...wanted, orderId(1)], readOf(['id', 'commonName']));
    expect(found.map(({ id }) => id).sort()).toEqual([...wanted].sort());
    expect(certCentral.count() - before).toBeLessThanOrEqual(3);
    expect(certCentral.count('info')).toBe(0);
  });

  it('gives what order info lacks from the other sources', async () => {
    const orders = makeOrders(5);
    const { reader } = account(orders);
    const read = readOf(['id', 'hasDuplicates', 'productId', 'keySize']);
    const [found] = await reader.findByIds([orders[2]!.id], read);
    expect(found).toMatchObject({
      id: orders[2]!.id,
      hasDuplicates: orders[2]!.hasDuplicates,
      productId: 1,
      keySize: orders[2]!.keySize,
    });
    expect(read.ledger.account().unavailableFields).toEqual([]);
  });
});

describe('findByCertificate', () => {
  const orders = makeOrders(30);
  const issued = orders.find(({ serialNumber }) => serialNumber != null)!;

  it('takes one call, by serial number or thumbprint, within the scope', async () => {
    const { certCentral, reader } = account(orders);
    expect(await reader.findByCertificate({ serialNumber: issued.serialNumber! }, readOf(['id', 'csr']))).toMatchObject(
      { order: { id: issued.id, csr: issued.csr }, copy: null },
    );
    expect(await reader.findByCertificate({ thumbprint: issued.thumbprint! }, readOf(['id']))).toMatchObject({
      order: { id: issued.id },
    });
    expect(await reader.findByCertificate({ thumbprint: 'FF' }, readOf(['id']))).toBeNull();
    expect(certCentral.count()).toBe(3);
    expect(
      await reader.findByCertificate({ thumbprint: issued.thumbprint! }, readOf(['id'], { scope: scopeOf(99) })),
    ).toBeNull();
  });

  it('never takes a serial number of digits for the order of that id', async () => {
    const [other, named] = [
      makeOrders(1)[0]!,
      { ...issued, id: orderId(999_999), serialNumber: String(makeOrders(1)[0]!.id) },
    ];
    const { reader } = account([other, named]);
    expect(await reader.findByCertificate({ serialNumber: String(other.id) }, readOf(['id']))).toMatchObject({
      order: { id: 999_999 },
    });
    const { reader: without } = account([other]);
    expect(await without.findByCertificate({ serialNumber: String(other.id) }, readOf(['id']))).toBeNull();
  });
});

describe('joins', () => {
  it('read the account once and the organizations with the orders', async () => {
    const { certCentral, reader, orders } = account(makeOrders(40), { customReports: 'not-allowed' });
    for (let turn = 0; turn < 2; turn += 1) {
      const page = await reader.findMany(
        allOrders,
        readOf(['id', 'accountId', 'organizationAddress1', 'organizationState', 'hasReissues']),
      );
      for (const [index, order] of page.orders.entries()) {
        expect(order).toMatchObject({
          accountId: 900_100,
          organizationAddress1: orders[index]!.organizationAddress1 ?? null,
          organizationState: orders[index]!.organizationState ?? null,
        });
      }
    }
    expect([certCentral.count('account'), certCentral.count('organizations'), certCentral.count('info')]).toEqual([
      1, 2, 0,
    ]);
  });

  it('ask for the account again after a failure, and for oneself when the one who asked has left', async () => {
    const { certCentral, reader, orders } = account(makeOrders(2));
    const working = certCentral.account.bind(certCentral);
    certCentral.account = () => Promise.reject(new Error('first caller left'));
    const read = () => reader.findByIds([orders[0]!.id], readOf(['id', 'accountId']));
    await expect(read()).rejects.toThrow('first caller left');
    let calls = 0;
    certCentral.account = (call) => {
      calls += 1;
      return calls === 1
        ? new Promise((_, reject) => setImmediate(() => reject(new Error('first caller left'))))
        : working(call);
    };
    const [first, second] = await Promise.allSettled([read(), read()]);
    expect(first).toMatchObject({ status: 'rejected' });
    expect(second).toMatchObject({ status: 'fulfilled', value: [{ accountId: 900_100 }] });
  });
});

describe('organizations and domains', () => {
  it('are visible where their own or an assigned division is', async () => {
    const { certCentral } = account([]);
    const reader = createOrganizationReader(createLiveLists(certCentral, clock), certCentral, clock);
    const ids = async (scope: ReadScope) =>
      (await reader.findAll(readOf(['id'], { scope }))).map(({ id }) => id as number);
    expect(await ids(everything)).toEqual([5001, 5002, 5003]);
    expect(await ids(scopeOf(10))).toHaveLength(3);
    expect(await ids(scopeOf(14))).toHaveLength(3);
    expect(await ids(scopeOf(99))).toEqual([]);
    expect(await ids(scopeOf())).toEqual([]);
  });

  it('are read one by one or all at once, whichever is fewer calls', async () => {
    const { certCentral } = account([]);
    const reader = createOrganizationReader(createLiveLists(certCentral, clock), certCentral, clock);
    expect(await reader.findByIds([5002, 5002] as never, readOf(['id']))).toMatchObject([{ id: 5002 }]);
    expect([certCentral.count('organization'), certCentral.count('organizations')]).toEqual([1, 0]);
    expect(await reader.findByIds([5001, 5002, 7] as never, readOf(['id']))).toHaveLength(2);
    expect([certCentral.count('organization'), certCentral.count('organizations')]).toEqual([1, 1]);
    expect(await reader.findByIds([5001] as never, readOf(['id'], { scope: scopeOf(99) }))).toEqual([]);
    // A list may be kept, so what need not be live is looked up there.
    expect(await reader.findByIds([5001] as never, readOf(['id'], { maxAgeMs: 1 }))).toHaveLength(1);
    expect([certCentral.count('organization'), certCentral.count('organizations')]).toEqual([2, 2]);
    expect(await reader.findByIds([5001, 5002] as never, readOf(['id'], { scope: scopeOf() }))).toEqual([]);
    expect(certCentral.count()).toBe(4);
  });

  it('are all there, or an error names the read that lost some', async () => {
    const { certCentral } = account([]);
    const domains = Array.from(
      { length: 1_200 },
      (_, index) => ({ id: index + 1, containerId: 14, organizationId: index % 2 }) as never,
    );
    let lost = 1;
    certCentral.listDomains = async ({ limit, offset }) => ({
      items: domains.slice(offset + (lost-- > 0 ? 1 : 0), offset + limit),
      total: domains.length,
    });
    const reader = createDomainReader(createLiveLists(certCentral, clock), certCentral, clock);
    expect(await reader.findAll(readOf(['id']))).toHaveLength(1_200);
    expect(await reader.findAll(readOf(['id']), [1 as never])).toHaveLength(600);
    lost = 100;
    await expect(reader.findAll(readOf(['id']))).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      details: { route: 'GET /domain' },
    });
  });
});
