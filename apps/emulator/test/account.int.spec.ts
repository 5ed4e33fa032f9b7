import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NOON_MS, startEmulator, type Client } from './client.ts';

let client: Client;
beforeAll(async () => {
  client = await startEmulator({ orders: 2_000 });
});
afterAll(() => client.emulator.close());

interface Adjustment {
  readonly id: string;
  readonly credit?: string;
  readonly debit?: string;
  readonly balance_after: string;
  readonly transaction_type: string;
  readonly transaction_date: string;
  readonly expiration_date?: string;
}

const dayMs = 86_400_000;

describe('the balance', () => {
  it('belongs to a division, and has no limit where credit is unlimited', async () => {
    expect((await client.get('/finance/balance')).status).toBe(400);
    expect((await client.get('/finance/balance?container_id=99')).body.errors[0].code).toBe('not_found|container');
    const { body } = await client.get('/finance/balance?container_id=14');
    expect(Number(body.total_available_funds)).toBeCloseTo(Number(body.balance) + 2_000);
    const unlimited = (await client.get('/finance/balance?container_id=15')).body;
    expect(unlimited.unlimited_negative_balance).toBe(true);
    expect(Object.keys(unlimited)).not.toContain('negative_balance_limit');
    expect(Object.keys(unlimited)).not.toContain('total_available_funds');
  });

  it('has a history that adds up entry by entry, and ends at the balance', async () => {
    const { body } = await client.get('/finance/balance-history?limit=1000');
    const adjustments: Adjustment[] = body.adjustments;
    expect(adjustments[0]!.balance_after).toBe((await client.get('/finance/balance?container_id=10')).body.balance);
    for (const [at, { credit, debit, balance_after: after }] of adjustments.entries()) {
      expect((credit === undefined) !== (debit === undefined)).toBe(true);
      const before = adjustments[at + 1]?.balance_after;
      if (before !== undefined)
        expect(Number(after) - Number(before)).toBeCloseTo(Number(credit ?? 0) - Number(debit ?? 0));
      expect(Number(after)).toBeGreaterThan(0);
    }
  });

  it('moved in every way within six months, credits that end among them', async () => {
    const from = new Date(NOON_MS - 183 * dayMs).toISOString().slice(0, 10);
    const { body } = await client.get(`/finance/balance-history?limit=1000&filters[transaction_date]=>${from}`);
    const adjustments: Adjustment[] = body.adjustments;
    expect(adjustments.every(({ transaction_date: date }) => date > from)).toBe(true);
    const types = Map.groupBy(adjustments, ({ transaction_type: type }) => type);
    expect([...types.keys()].sort()).toEqual(['Charge', 'Credit', 'Deposit', 'Expiration', 'Refund']);
    expect(types.get('Credit')!.every(({ expiration_date: end }) => end !== undefined)).toBe(true);
    expect(types.get('Charge')!.length).toBeGreaterThan(50);
    const charges = await client.get('/finance/balance-history?filters[adjust_type]=Charge&filters[container_id]=14');
    expect(charges.body.page.total).toBeGreaterThan(10);
    expect(
      new Set(charges.body.adjustments.map(({ container }: { container: { id: number } }) => container.id)),
    ).toEqual(new Set([14]));
  });
});

describe('requests that wait', () => {
  it('are of several kinds and ages', async () => {
    const { requests, page } = (await client.get('/request')).body;
    expect(page.limit).toBe(0);
    expect(page.total).toBeGreaterThan(2_000);
    expect(requests).toHaveLength(1_000);
    const waiting = [
      ...(await client.get('/request?filters[status]=pending&limit=1000')).body.requests,
      ...(await client.get('/request?filters[status]=submitted&limit=1000')).body.requests,
    ] as { id: number; date: string; type: string; processor?: unknown; order: { id: number } }[];
    expect(new Set(waiting.map(({ type }) => type))).toEqual(new Set(['new_request', 'revoke', 'reissue']));
    expect(waiting.filter(({ processor }) => processor !== undefined)).toEqual([]);
    const days = waiting.map(({ date }) => (NOON_MS - Date.parse(date)) / dayMs);
    expect([days.some((age) => age < 15.5), days.some((age) => age > 20), days.some((age) => age > 40)]).toEqual([
      true,
      true,
      true,
    ]);
    for (const { id, order } of waiting.slice(0, 5)) {
      const { body } = await client.get(`/order/certificate/${order.id}`);
      expect(body.requests.map((request: { id: number }) => request.id)).toContain(id);
      expect(body.has_pending_request).toBe(true);
    }
  });

  it('have ids of their own', async () => {
    const pages = await Promise.all(
      [0, 1_000, 2_000].map((offset) => client.get(`/request?limit=1000&offset=${offset}`)),
    );
    const ids = pages.flatMap(({ body }) => body.requests.map(({ id }: { id: number }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(pages[0]!.body.page.total);
  });
});

describe('users', () => {
  it('have all roles, some are inactive, some limited to divisions', async () => {
    const { users } = (await client.get('/user')).body as {
      users: { access_roles: { id: number }[]; status: string; container_assignments?: unknown[] }[];
    };
    expect(new Set(users.flatMap(({ access_roles: roles }) => roles.map(({ id }) => id)))).toEqual(
      new Set([1, 2, 3, 4, 5]),
    );
    expect(users.some(({ status }) => status === 'inactive')).toBe(true);
    const assigned = users.flatMap(({ container_assignments: divisions = [] }) => divisions.length).filter(Boolean);
    expect(new Set(assigned)).toEqual(new Set([1, 2]));
  });

  it('for programs have the restriction of their key as role', async () => {
    for (const path of ['/service-user', '/user/api-only']) {
      const { users } = (await client.get(path)).body as { users: { access_roles: { id: number }[] }[] };
      expect(users.map(({ access_roles: [role] }) => role!.id)).toEqual([0, 100, 101, 102, 103]);
    }
  });
});

describe('accounts below this one', () => {
  it('list their orders, with a certificate for immediate ones only', async () => {
    const { orders, page } = (await client.get('/account/subaccount/order')).body;
    expect(orders).toHaveLength(page.total);
    for (const order of orders) {
      expect(Object.keys(order).includes('certificate')).toBe(order.subaccount.account_id !== 900_202);
      expect(order).toMatchObject({ order_price: { cost: expect.any(Number), currency: 'USD' } });
      if (order.certificate !== undefined)
        expect(Object.keys(order.certificate).includes('thumbprint')).toBe(order.status !== 'pending');
    }
    expect((await client.get(`/account/subaccount/order/${orders[3].id}`)).body).toEqual(orders[3]);
    expect((await client.get('/account/subaccount/order/1')).body.errors[0].code).toBe('not_found|order');
    const pending = (await client.get('/account/subaccount/order?filters[status]=pending')).body;
    expect(pending.page.total).toBe(orders.filter(({ status }: { status: string }) => status === 'pending').length);
  });

  it('have organizations of their own', async () => {
    const { organizations } = (await client.get('/account/subaccount/900200/organization')).body;
    expect(organizations).toHaveLength(1);
    expect((await client.get('/account/subaccount/1/organization')).status).toBe(404);
  });
});

describe('order notes', () => {
  it('are read where they were written, and stand in order info', async () => {
    const [{ id }] = (await client.get('/order/certificate?limit=1')).body.orders;
    const written = await client.send('POST', `/order/certificate/${id}/note`, { text: 'seen by audit' });
    expect(written.status).toBe(201);
    const { notes } = (await client.get(`/order/certificate/${id}/note`)).body;
    expect(notes).toContainEqual({ id: written.body.id, text: 'seen by audit' });
    expect((await client.get(`/order/certificate/${id}`)).body.notes).toEqual(notes);
  });
});

it('the file for platform 29 is the PEM chain', async () => {
  const [{ certificate }] = (await client.get('/order/certificate?filters[status]=issued&limit=1')).body.orders;
  const { text } = await client.get(`/certificate/${certificate.id}/download/platform/29`);
  expect(text).toBe((await client.get(`/certificate/${certificate.id}/download/format/pem_all`)).text);
});

it('the validation of an EV order names who answers for the organization', async () => {
  const { orders } = (await client.get('/order/certificate?filters[product_name_id]=ssl_ev_plus')).body;
  const bodies = await Promise.all(
    orders.slice(0, 20).map(({ id }: { id: number }) => client.get(`/order/certificate/${id}/validation`)),
  );
  const contacts = bodies.flatMap(({ body }) =>
    body.organization_validations.flatMap((one: { verified_contacts?: object[] }) => one.verified_contacts ?? []),
  );
  expect(contacts[0]).toMatchObject({
    user_id: expect.any(Number),
    first_name: expect.any(String),
    status: expect.any(String),
  });
});
