import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AppError,
  fieldsFrom,
  factsOf,
  orderFields,
  silentLogger,
  type Order,
  type OrderField,
  type OrderId,
  type OrderSource,
} from '@certfolio/core';
import { startEmulator, type EmulatorProcess } from '@certfolio/testing';
import { createCertCentral, type CallReport, type CertCentralClient, type CertCentralOptions } from '../src/index.ts';
import { anyCall } from './service.ts';
import { systemClock } from './system-clock.ts';

const orderCount = 1_203;
/** Each 100 take 5 s. */
const callsAtOnce = process.env['CERTFOLIO_TEST_LONG'] ? 500 : 220;
/** Wide windows: these specs are about answers; the last group is about the budget. */
const unpaced = { windows: [{ calls: 100_000, windowMs: 1_000 }] };

function clientOf(emulator: EmulatorProcess, options: Partial<CertCentralOptions> = {}): CertCentralClient {
  return createCertCentral({
    baseUrl: emulator.baseUrl,
    apiKey: () => 'any-key',
    version: '0',
    settings: unpaced,
    logger: silentLogger,
    clock: systemClock,
    random: () => 0,
    ...options,
  });
}
const longCall = () => anyCall({ inMs: 60_000 });

async function listAll(client: CertCentralClient, limit: number): Promise<Order[]> {
  const orders: Order[] = [];
  for (let total = 1; orders.length < total;) {
    const page = await client.listOrders(
      { where: [], sort: { field: 'id', direction: 'asc' }, limit, offset: orders.length },
      longCall(),
    );
    total = page.total;
    orders.push(...page.orders);
  }
  return orders;
}

async function reportAll(client: CertCentralClient, fields = fieldsFrom('report')): Promise<Order[]> {
  const orders: Order[] = [];
  for await (const batch of client.orderReport({ where: [], fields, limit: 100_000, offset: 0 }, longCall()))
    orders.push(...batch);
  return orders;
}

async function customAll(client: CertCentralClient): Promise<readonly Order[]> {
  const result = await client.customReport(
    { fields: [...fieldsFrom('custom')], where: [], sort: null, limit: null },
    longCall(),
  );
  if (result.kind !== 'rows') throw new Error(result.kind);
  return result.orders;
}

describe('against the emulator', () => {
  let emulator: EmulatorProcess;
  let client: CertCentralClient;

  beforeAll(async () => {
    emulator = await startEmulator({ orders: orderCount, seed: 7, limits: 'off' });
    client = clientOf(emulator);
  });
  afterAll(async () => {
    await client?.stop();
    await emulator?.stop();
  });

  describe('every order', () => {
    let sources: ReadonlyMap<OrderSource, ReadonlyMap<OrderId, Order>>;

    beforeAll(async () => {
      const [list, report, custom] = await Promise.all([listAll(client, 500), reportAll(client), customAll(client)]);
      const info: Order[] = [];
      for (let at = 0; at < list.length; at += 50) {
        const found = await Promise.all(list.slice(at, at + 50).map(({ id }) => client.orderInfo(id, longCall())));
        info.push(...found.map((order) => order!));
      }
      const byId = (orders: readonly Order[]) => new Map(orders.map((order) => [order.id, order]));
      sources = new Map([
        ['list', byId(list)],
        ['report', byId(report)],
        ['custom', byId(custom)],
        ['info', byId(info)],
      ]);
    });

    it('comes exactly once from each source, with the fields the source carries', () => {
      for (const [source, orders] of sources) {
        expect([source, orders.size]).toEqual([source, orderCount]);
        const fields = [...fieldsFrom(source)].filter((field) => factsOf(field).kind !== 'document').sort();
        for (const order of orders.values()) expect(Object.keys(order).sort()).toEqual(fields);
      }
    });

    it('is the same in all of them', () => {
      const differences: string[] = [];
      const names = [...sources.keys()];
      for (const [id, listed] of sources.get('list')!) {
        for (const field of orderFields.keys()) {
          const values = names.flatMap((source) => {
            const order = sources.get(source)!.get(id)!;
            if (!(field in order) || isKnownGap(source, field, listed)) return [];
            return [[source, JSON.stringify(order[field])] as const];
          });
          if (new Set(values.map(([, value]) => value)).size > 1)
            differences.push(`${id} ${field} ${values.join(' ')}`);
        }
      }
      expect(differences.slice(0, 10)).toEqual([]);
    });

    it('has something in every field somewhere', () => {
      const empty = [...sources].flatMap(([source, orders]) =>
        [...fieldsFrom(source)]
          .filter((field) => [...orders.values()].every((order) => order[field] === null))
          .map((field) => `${source} ${field}`),
      );
      expect(empty).toEqual([]);
    });

    it('is named by a witness beside a narrower answer of Custom Reports', async () => {
      const all = [...sources.get('custom')!.values()];
      const result = await client.customReport(
        {
          fields: ['csr'],
          where: [{ field: 'status', op: 'eq', value: 'issued' }],
          sort: { field: 'validTill', direction: 'desc' },
          limit: 5,
          witness: { fields: ['status', 'validTill'], where: [] },
        },
        longCall(),
      );
      if (result.kind !== 'rows') throw new Error(result.kind);
      expect(result.orders).toHaveLength(5);
      expect(new Map(result.witness!.map((order) => [order.id, order]))).toEqual(
        new Map(all.map(({ id, status, validTill }) => [id, { id, status, validTill }])),
      );
    });

    it('is found by its serial number and thumbprint', async () => {
      const issued = [...sources.get('report')!.values()].find(
        ({ thumbprint, status }) => thumbprint !== null && status === 'issued',
      )!;
      const expected = { id: issued.id, commonName: issued.commonName };
      expect(await client.orderInfo({ serialNumber: issued.serialNumber! }, longCall())).toMatchObject(expected);
      expect(await client.orderInfo({ thumbprint: issued.thumbprint! }, longCall())).toMatchObject(expected);
    });

    it('is found by filters that the list and Custom Reports share', async () => {
      const all = [...sources.get('list')!.values()];
      const { containerId, organizationId } = all.find((order) => order.organizationId !== null)!;
      const day = '2026-01-01';
      for (const [where, meets] of [
        [{ field: 'containerId', op: 'eq', value: containerId! }, (order: Order) => order.containerId === containerId],
        [
          { field: 'organizationId', op: 'eq', value: organizationId! },
          (order: Order) => order.organizationId === organizationId,
        ],
        [{ field: 'status', op: 'eq', value: 'revoked' }, (order: Order) => order.status === 'revoked'],
        [
          { field: 'validTill', op: 'gte', value: day },
          (order: Order) => order.validTill != null && order.validTill >= day,
        ],
        [
          { field: 'dateCreated', op: 'gte', value: `${day}T00:00:00Z` },
          (order: Order) => order.dateCreated! >= `${day}T00:00:00Z`,
        ],
      ] as const) {
        const expected = all.filter(meets).map(({ id }) => id);
        expect(expected.length).toBeGreaterThan(0);
        const page = await client.listOrders({ where: [where], sort: null, limit: 1_000, offset: 0 }, longCall());
        const found = page.orders.filter(meets).map(({ id }) => id);
        if (page.total <= 1_000) expect(found.sort()).toEqual(expected.sort());
      }
    });
  });

  it('every other endpoint answers with what its type says', async () => {
    const page = { limit: 1_000, offset: 0 };
    const account = await client.account(longCall());
    expect(account).toEqual({ id: expect.any(Number), name: expect.any(String) });

    const organizations = await client.listOrganizations(page, longCall());
    expect(organizations.items).toHaveLength(organizations.total);
    expect(organizations.items.some(({ validations }) => validations.length > 0)).toBe(true);
    const [organization] = organizations.items;
    expect(await client.organization(organization!.id, longCall())).toMatchObject({
      id: organization!.id,
      name: organization!.name,
    });
    expect(await client.organization(1, longCall())).toBeNull();
    expect((await client.organizationValidations(organization!.id, longCall()))!.length).toBeGreaterThan(0);

    const domains = await client.listDomains(page, longCall());
    expect(domains.items).toHaveLength(domains.total);
    expect(domains.items.some(({ dcvExpiresOv }) => dcvExpiresOv !== null)).toBe(true);
    const domain = domains.items.find(({ dcvMethod }) => dcvMethod !== null)!;
    expect(await client.domain(domain.id, longCall())).toMatchObject({
      id: domain.id,
      name: domain.name,
      organizationId: domain.organizationId,
    });
    expect(await client.domain(1, longCall())).toBeNull();

    const containers = await client.listContainers(longCall());
    expect(containers.filter(({ parentId }) => parentId === null)).toHaveLength(1);
    const users = await client.listUsers(page, longCall());
    expect(users.items).toHaveLength(users.total);
    const serviceUsers = await client.listServiceUsers(page, longCall());
    expect(serviceUsers.items).toHaveLength(serviceUsers.total);
    expect([...users.items, ...serviceUsers.items].filter(({ isServiceUser }) => isServiceUser)).toEqual(
      serviceUsers.items,
    );
    const products = await client.listProducts(longCall());
    expect(await client.productInfo(products[0]!.nameId, longCall())).toMatchObject({ name: products[0]!.name });
    expect(await client.productInfo('no_such_product', longCall())).toBeNull();
    expect((await client.customFieldDefinitions(longCall())).length).toBeGreaterThan(0);
    expect((await client.organizationContacts(organization!.id, longCall()))!.contacts.length).toBeGreaterThan(0);
    expect(await client.organizationContacts(1, longCall())).toBeNull();

    const requests = await client.listRequests(page, longCall());
    expect(requests.items.length).toBe(Math.min(1_000, requests.total));
    expect(requests.items.some(({ orderId, requester }) => orderId !== null && requester !== null)).toBe(true);
    expect(await client.balance(containers[0]!.id, longCall())).toMatchObject({
      balance: expect.stringMatching(/^-?\d+\.\d\d$/),
      currency: 'USD',
    });
    // An account with several divisions has to name one.
    await expect(client.balance(null, longCall())).rejects.toMatchObject({ code: 'UPSTREAM_REFUSED' });
    const adjustments = await client.listBalanceAdjustments(page, longCall());
    expect(adjustments.items.every(({ credit, debit }) => (credit === null) !== (debit === null))).toBe(true);
    const unitOrders = await client.listUnitOrders(page, longCall());
    expect(unitOrders.items).toHaveLength(unitOrders.total);
    expect((await client.unitBundles(unitOrders.items[0]!.id, longCall()))!.length).toBeGreaterThan(0);
    expect(await client.unitBundles(1, longCall())).toBeNull();

    expect(await client.orderInfo(1 as OrderId, longCall())).toBeNull();
    expect(await client.orderWithParts(1 as OrderId, longCall())).toBeNull();
    expect(await client.duplicates(1 as OrderId, longCall())).toBeNull();
    expect(await client.validation(1 as OrderId, longCall())).toBeNull();
  });

  it('order info with and without its parts is one call when both are asked for together', async () => {
    const { orders } = await client.listOrders({ where: [], sort: null, limit: 1_000, offset: 0 }, longCall());
    const withOrganization = orders.filter(({ organizationId }) => organizationId != null);
    const { id } = withOrganization.at(-1)!;
    await emulator.control('stats', { method: 'DELETE' });
    const [order, parts] = await Promise.all([client.orderInfo(id, longCall()), client.orderWithParts(id, longCall())]);
    expect(parts!.order).toEqual(order);
    expect(parts!.requests.length).toBeGreaterThan(0);
    expect(await emulator.control('stats')).toMatchObject({ total: 1 });
    expect(await client.validation(id, longCall())).toMatchObject({
      orderId: id,
      organizationId: withOrganization.at(-1)!.organizationId,
    });
  });

  it('duplicates and reissues of orders that have them are read', async () => {
    const { orders } = await client.listOrders({ where: [], sort: null, limit: 1_000, offset: 0 }, longCall());
    const duplicated = orders.find(({ hasDuplicates }) => hasDuplicates)!;
    const reissued = orders.find(({ hasReissues }) => hasReissues)!;
    expect((await client.duplicates(duplicated.id, longCall()))!.length).toBeGreaterThan(0);
    expect((await client.reissues(reissued.id, longCall()))!.length).toBeGreaterThan(0);
  });

  it('a status change is seen in both kinds of window', async () => {
    const { orders } = await client.listOrders(
      { where: [{ field: 'status', op: 'eq', value: 'pending' }], sort: null, limit: 1, offset: 0 },
      longCall(),
    );
    const { id } = orders[0]!;
    await emulator.control(`orders/${id}`, { method: 'PATCH', body: { status: 'canceled' } });
    const nowMs = Date.now();
    const windows = [{ lastSeconds: 120 }, { from: new Date(nowMs - 60_000), to: new Date(nowMs + 60_000) }];
    for (const window of windows) {
      expect(await client.statusChanges(window, longCall())).toContainEqual({
        orderId: id,
        certificateId: expect.any(Number),
        status: 'canceled',
      });
    }
  });

  describe('with a fault', () => {
    afterEach(async () => {
      await emulator.control('faults', { method: 'DELETE' });
    });
    const fault = (kind: string, more: object = {}) =>
      emulator.control('faults', { method: 'POST', body: { kind, ...more } });

    const passing = ['reset-before', 'reset-inside', 'truncate', 'garbage', 'html', 'empty', 'content-type'];
    it.each([
      ...passing.map((kind) => [kind, {}] as const),
      ...[429, 500, 502, 503, 504].map((status) => ['status', { status }] as const),
    ])(
      '%s %j that passes, every read gives the right answer',
      async (kind, more) => {
        const page = { where: [], sort: { field: 'id', direction: 'asc' }, limit: 20, offset: 0 } as const;
        const expected = await client.listOrders(page, longCall());
        // A pause after a 429 is the client's, so each case brings its own.
        const own = clientOf(emulator);
        await fault(kind, { count: 2, ...more });
        expect(await own.listOrders(page, longCall())).toEqual(expected);
        await emulator.control('faults', { method: 'DELETE' });
        await fault(kind, { count: 1, ...more });
        const report: string | Order[] = await reportAll(own, new Set<OrderField>(['commonName'])).catch(
          (error: unknown) => codeOf(error),
        );
        // Rows that were given out cannot be taken back, so a report that breaks later is an error.
        if (report !== 'UPSTREAM_UNAVAILABLE') expect(report).toHaveLength(orderCount);
        await own.stop();
      },
      20_000,
    );

    const lasting = [...passing, 'wrong-shape', 'redirect', 'slow-headers', 'slow-body', 'delay'];
    it.each(lasting)('%s that lasts, every read ends in a named error or the right answer, in time', async (kind) => {
      const own = clientOf(emulator, { settings: { ...unpaced, breaker: { failures: 1_000 } } });
      await fault(kind, { delayMs: 5_000 });
      const startedMs = Date.now();
      const soon = () => anyCall({ inMs: 1_000 });
      const reads: readonly Promise<unknown>[] = [
        own.listOrders({ where: [], sort: null, limit: 50, offset: 0 }, soon()),
        own.orderInfo(1 as OrderId, soon()),
        own.account(soon()),
        own.listOrganizations({ limit: 10, offset: 0 }, soon()),
        own.listContainers(soon()),
        own.customReport({ fields: ['id'], where: [], sort: null, limit: 5 }, soon()),
        (async () => {
          for await (const _batch of own.orderReport(
            { where: [], fields: new Set(['csr']), limit: 500, offset: 0 },
            soon(),
          ));
        })(),
      ];
      const outcomes = await Promise.allSettled(reads);
      expect(Date.now() - startedMs).toBeLessThan(2_500);
      const codes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'answered' : codeOf(outcome.reason)));
      for (const code of codes) expect(['UPSTREAM_UNAVAILABLE', 'GATEWAY_TIMEOUT', 'answered']).toContain(code);
      // None of these can be mistaken for an answer; order 1 does not exist, so only its bend may pass for a refusal.
      expect(codes.filter((_code, index) => index !== 1)).not.toContain('answered');
      await own.stop();
    });

    it('a key that is revoked in mid-run is a refusal with CertCentral’s code', async () => {
      const own = clientOf(emulator, { apiKey: () => 'soon-revoked' });
      await own.account(longCall());
      await fault('revoke-key', { count: 1 });
      const error: unknown = await own.listContainers(longCall()).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'UPSTREAM_REFUSED',
        upstreamStatus: 403,
        upstreamCode: 'access_denied|access_denied_invalid_key',
      });
      await own.stop();
    });
  });
});

describe('the call budget against the emulator', () => {
  let emulator: EmulatorProcess;
  beforeAll(async () => {
    emulator = await startEmulator({ orders: 300, seed: 7, latency: '0-400', keys: 'paced,viewer:view-only' });
  });
  afterAll(async () => {
    await emulator?.stop();
  });

  it(`${callsAtOnce} calls at once meet no 429, and CertCentral counts no more than 100 in any 5 s`, async () => {
    const reports: CallReport[] = [];
    const client = createCertCentral({
      baseUrl: emulator.baseUrl,
      apiKey: () => 'paced',
      version: '0',
      logger: silentLogger,
      clock: systemClock,
      random: Math.random,
      onCall: (report) => reports.push(report),
    });
    await emulator.control('stats', { method: 'DELETE' });
    // Each caller has its own path, so that none are shared.
    const lanes = ['interactive', 'scheduled', 'shadow', 'backfill'] as const;
    const calls = Array.from({ length: callsAtOnce }, (_, n) =>
      client.listOrders(
        { where: [], sort: null, limit: 1, offset: n },
        anyCall({ inMs: 120_000, lane: lanes[n % 4]!, onBehalfOf: `key-${n % 7}` }),
      ),
    );
    const tooLate = client.account(anyCall({ inMs: 1_000, lane: 'backfill' })).catch((error: unknown) => error);
    expect(await tooLate).toMatchObject({ code: 'UPSTREAM_BUDGET_EXHAUSTED' });
    expect(await Promise.all(calls)).toHaveLength(callsAtOnce);
    const stats = (await emulator.control('stats')) as { total: number; limited: number; peak5s: number };
    expect(stats).toMatchObject({ total: callsAtOnce, limited: 0 });
    expect(stats.peak5s).toBeLessThanOrEqual(100);
    // A fifth is kept free for keys that come with a few calls.
    expect(stats.peak5s).toBeGreaterThan(70);
    expect(reports.every(({ status }) => status === 200)).toBe(true);
    await client.stop();
  }, 50_000);

  it('a key that may only read gets all but Custom Reports', async () => {
    const client = clientOf(emulator, { apiKey: () => 'viewer' });
    expect(await client.customReport({ fields: ['id'], where: [], sort: null, limit: 1 }, longCall())).toEqual({
      kind: 'not-allowed',
    });
    expect((await client.listOrders({ where: [], sort: null, limit: 1, offset: 0 }, longCall())).total).toBe(300);
    await client.stop();
  });
});

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : String(error);
}

/** Where the sources are documented, or known, to differ. */
function isKnownGap(source: OrderSource, field: OrderField, listed: Order): boolean {
  // Order info leaves out the certificate's id until something was issued; the list does not.
  return source === 'info' && field === 'certificateId' && listed.serialNumber === null;
}
