import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NOON_MS, startEmulator, type Client } from './client.ts';

let client: Client;
beforeEach(async () => {
  client = await startEmulator({ orders: 60 });
});
afterEach(() => client.emulator.close());

const info = async (id: number) => (await client.get(`/order/certificate/${id}`)).body;

describe('orders made and changed by tests', () => {
  it('makes up what was not given, consistently, on all endpoints', async () => {
    const { status, body: made } = await client.control('POST', '/orders', {
      status: 'issued',
      certificate: { common_name: 'a.test', valid_till: '2026-12-01' },
      is_renewed: true,
      container: { id: 14 },
      organization: { id: 5001 },
    });
    expect(status).toBe(201);
    expect(made).toMatchObject({
      status: 'issued',
      is_renewed: true,
      certificate: {
        common_name: 'a.test',
        dns_names: ['a.test'],
        valid_from: '2025-12-01',
        valid_till: '2026-12-01',
        days_remaining: 16,
      },
      container: { id: 14, name: 'Retail' },
      organization: { id: 5001, name: 'Meridian Group Inc.' },
      technical_contact: { email: 'pki0@meridian.test' },
    });
    expect(await info(made.id)).toEqual(made);
    const [item] = (await client.get('/order/certificate?filters[common_name]=a.test')).body.orders;
    expect(item).toMatchObject({
      id: made.id,
      status: 'issued',
      certificate: { serial_number: made.certificate.serial_number },
    });
    const { data } = (
      await client.query(`{ order_details(common_name: "a.test") { id thumbprint csr container_name } }`)
    ).body;
    expect(data.order_details).toEqual([
      {
        id: String(made.id),
        thumbprint: made.certificate.thumbprint,
        csr: made.certificate.csr,
        container_name: 'Retail',
      },
    ]);
    expect((await client.get('/report/order?filters[common_name]=a.test')).text).toContain(
      `"${made.certificate.thumbprint}"`,
    );
    expect((await client.get(`/order/certificate/${made.certificate.thumbprint}`)).body.id).toBe(made.id);
  });

  it('puts new orders and new statuses, but not other edits, into the status-change list', async () => {
    const changes = async () => (await client.get('/order/certificate/status-changes?minutes=10')).body;
    expect(await changes()).toEqual({});
    const [{ id }] = (await client.get('/order/certificate?filters[status]=pending')).body.orders;
    await client.control('PATCH', `/orders/${id}`, { additional_emails: ['x@a.test'] });
    expect(await changes()).toEqual({});
    const { body: issued } = await client.control('PATCH', `/orders/${id}`, { status: 'issued' });
    expect(issued.certificate).toMatchObject({
      id: expect.any(Number),
      valid_from: '2026-11-15',
      serial_number: expect.any(String),
    });
    expect(await changes()).toEqual({
      orders: [{ order_id: id, certificate_id: issued.certificate.id, status: 'issued' }],
    });
  });

  it('counts what the shown status does as a change: setting it, and moving the last day', async () => {
    const statuses = async () => {
      const { orders = [] } = (await client.get('/order/certificate/status-changes?minutes=10')).body;
      return orders.map(({ status }: { status: string }) => status);
    };
    const [{ id }] = (await client.get('/order/certificate?filters[status]=expired')).body.orders;
    await client.control('PATCH', `/orders/${id}`, { status: 'expired' });
    expect(await statuses()).toEqual([]);
    await client.control('PATCH', `/orders/${id}`, { status: 'issued' });
    expect(await statuses()).toEqual(['issued']);
    await client.control('PATCH', `/orders/${id}`, { certificate: { valid_till: '2026-11-14' } });
    expect(await statuses()).toEqual(['expired']);
    await client.control('PATCH', `/orders/${id}`, { certificate: { valid_till: '2026-11-16' } });
    expect(await statuses()).toEqual(['issued']);
  });

  it('merges deep, and a new name gives a new certificate under the old serial number', async () => {
    const [{ id }] = (await client.get('/order/certificate?filters[status]=issued')).body.orders;
    const before = await info(id);
    const { body: after } = await client.control('PATCH', `/orders/${id}`, {
      certificate: { common_name: 'new.test' },
    });
    expect(after.certificate.serial_number).toBe(before.certificate.serial_number);
    expect(after.certificate.thumbprint).not.toBe(before.certificate.thumbprint);
    expect({ ...after, certificate: null }).toEqual({ ...before, certificate: null, purchased_dns_names: 0 });
    expect((await client.get(`/order/certificate/${before.certificate.thumbprint}`)).status).toBe(404);
  });

  it('shows expired once valid_till has passed, unless the caller set a status', async () => {
    const make = async (body: object) => (await client.control('POST', '/orders', body)).body.status;
    expect(await make({ certificate: { valid_till: '2026-11-14' } })).toBe('expired');
    expect(await make({ certificate: { valid_till: '2026-11-15' } })).toBe('issued');
    expect(await make({ status: 'issued', certificate: { valid_till: '2026-11-14' } })).toBe('issued');
  });

  it('takes the certificate away with a status before issuance', async () => {
    const [{ id }] = (await client.get('/order/certificate?filters[status]=issued')).body.orders;
    const { body } = await client.control('PATCH', `/orders/${id}`, { status: 'pending', price: null });
    expect(Object.keys(body.certificate)).not.toContain('valid_till');
    expect(Object.keys(body)).not.toContain('price');
  });

  it('removes orders', async () => {
    const [{ id }] = (await client.get('/order/certificate')).body.orders;
    expect((await client.control('DELETE', `/orders/${id}`)).status).toBe(204);
    expect((await client.get(`/order/certificate/${id}`)).status).toBe(404);
    expect((await client.get('/order/certificate')).body.page.total).toBe(59);
    expect((await client.control('DELETE', `/orders/${id}`)).status).toBe(404);
  });

  it.each([
    [{ colour: 'blue' }, 'colour'],
    [{ status: 'lost' }, 'status'],
    [{ certificate: { thumbprint: 'AA' } }, 'thumbprint'],
    [{ container: { id: 99 } }, 'There is no container 99'],
    [{ certificate: { valid_from: '2026-12-02', valid_till: '2026-12-01' } }, 'valid_till is before'],
    [{ certificate: { valid_till: '2026-02-31' } }, 'valid_till'],
  ])('names the problem of %j', async (body, problem) => {
    const { status, body: answer } = await client.control('POST', '/orders', body);
    expect(status).toBe(400);
    expect(answer.errors[0].message).toContain(problem);
  });
});

describe('clock', () => {
  it('moves days remaining, expiry and the status-change window, and keeps running', async () => {
    const { id } = (await client.control('POST', '/orders', { certificate: { valid_till: '2026-11-20' } })).body;
    expect((await info(id)).certificate.days_remaining).toBe(5);
    await client.control('PUT', '/clock', { now: '2026-11-20T23:59:59Z' });
    expect(await info(id)).toMatchObject({ status: 'issued', certificate: { days_remaining: 0 } });
    const { body } = await client.control('PUT', '/clock', { now: '2026-11-21T00:00:30Z' });
    expect(body.now).toBe('2026-11-21T00:00:30.000Z');
    expect(await info(id)).toMatchObject({ status: 'expired', certificate: { days_remaining: -1 } });
    const { orders } = (await client.get('/order/certificate/status-changes?minutes=1')).body;
    expect(orders).toContainEqual({ order_id: id, certificate_id: expect.any(Number), status: 'expired' });
  });

  it('refuses what is not a date', async () => {
    expect((await client.control('PUT', '/clock', { now: 'soon' })).status).toBe(400);
    expect((await client.control('GET', '/clock')).body).toEqual({ now: new Date(NOON_MS).toISOString() });
  });
});

describe('status-change list', () => {
  it('needs a window of at most seven days', async () => {
    const codeOf = async (search: string) =>
      (await client.get(`/order/certificate/status-changes?${search}`)).body.errors?.[0].code;
    expect(await codeOf('')).toBe('bad_request_format');
    expect(await codeOf('minutes=10080')).toBeUndefined();
    expect(await codeOf('minutes=10080&seconds=1')).toBe('time_frame_too_long');
    expect(await codeOf('seconds=604801')).toBe('time_frame_too_long');
    expect(await codeOf('filters[status_last_updated]=2026-11-01...2026-11-08')).toBeUndefined();
    expect(await codeOf('filters[status_last_updated]=2026-11-01...2026-11-08+0:0:1')).toBe('time_frame_too_long');
    expect(await codeOf('filters[status_last_updated]=yesterday')).toBe('bad_request_format');
  });

  it('reads ranges in Mountain time, unpadded too', async () => {
    const { id } = (await client.control('POST', '/orders', {})).body; // 12:00 UTC is 05:00 in Denver in November
    const idsIn = async (range: string) => {
      const { orders = [] } = (
        await client.get(`/order/certificate/status-changes?filters[status_last_updated]=${range}`)
      ).body;
      return orders.map(({ order_id: orderId }: { order_id: number }) => orderId);
    };
    expect(await idsIn('2026-11-15+04:59:59...2026-11-15+05:00:00')).toContain(id);
    expect(await idsIn('2026-11-15+5:0:1...2026-11-15+6:0:0')).not.toContain(id);
    expect(await idsIn('2026-11-9+4:5:9...2026-11-15+5:0:1')).toContain(id);
    expect(await idsIn('2026-11-15%2B11:00:00...2026-11-15%2B13:00:00')).not.toContain(id);
  });
});

describe('writes', () => {
  it('stores custom fields, notes, revocations and cancellations', async () => {
    const [{ id }] = (await client.get('/order/certificate?filters[status]=issued&sort=-valid_till')).body.orders;
    const path = `/order/certificate/${id}`;
    const field = await client.send('POST', `${path}/custom-field`, { metadata_id: 112, value: '4711' });
    expect([field.status, field.text]).toEqual([204, '']);
    const wrong = await client.send('POST', `${path}/custom-field`, { metadata_id: 112, value: 'many' });
    expect([wrong.status, wrong.body.errors[0].code]).toEqual([400, 'invalid_custom_field_value']);
    expect((await client.send('POST', `${path}/note`, { text: 'hello' })).status).toBe(201);
    expect((await client.send('PUT', `${path}/revoke`, {})).status).toBe(201);
    expect(await info(id)).toMatchObject({
      status: 'issued',
      has_pending_request: true,
      custom_fields: expect.arrayContaining([{ metadata_id: 112, label: 'Cost center', value: '4711' }]),
      notes: expect.arrayContaining([{ id: expect.any(Number), text: 'hello' }]),
    });
    expect((await client.send('PUT', `${path}/revoke`, { skip_approval: true })).status).toBe(204);
    expect((await info(id)).status).toBe('revoked');
    expect((await client.send('PUT', `${path}/status`, { status: 'CANCELED' })).status).toBe(204);
    expect((await info(id)).status).toBe('canceled');
  });

  it('are refused to view-only keys, as are other areas to restricted ones', async () => {
    const keys = new Map([
      ['v', 'view-only'],
      ['o', 'orders'],
      ['f', 'full'],
    ] as const);
    const guarded = await startEmulator({ orders: 5, keys });
    const as = (key: string, method: string, path: string, body?: unknown) =>
      guarded.send(method, path, body, { 'X-DC-DEVKEY': key });
    expect((await as('v', 'GET', '/order/certificate')).status).toBe(200);
    const refused = await as('v', 'POST', '/order/certificate/730000/note', { text: 'x' });
    expect([refused.status, refused.body.errors[0].code]).toEqual([403, 'access_denied|missing_permission']);
    expect((await as('o', 'GET', '/organization')).status).toBe(403);
    expect((await as('o', 'GET', '/order/certificate')).status).toBe(200);
    expect((await as('o', 'GET', '/user/me')).status).toBe(200);
    expect((await as('f', 'GET', '/organization')).status).toBe(200);
    expect((await as('x', 'GET', '/account')).body.errors[0].code).toBe('access_denied|access_denied_invalid_key');
    await guarded.emulator.close();
  });
});

describe('stats', () => {
  it('counts calls by route and key, and leaves control routes out', async () => {
    await client.get('/order/certificate?limit=1');
    await client.get('/order/certificate/730000');
    await client.get('/nothing');
    const { body } = await client.control('GET', '/stats');
    expect(body).toEqual({
      total: 3,
      calls: { 'GET /order/certificate': 1, 'GET /order/certificate/{id}': 1, 'GET (no such route)': 1 },
      byKey: { test: 3 },
      limited: 0,
      peak5s: 3,
      peak180s: 3,
      bytes: expect.any(Number),
    });
    expect((await client.control('DELETE', '/stats')).status).toBe(204);
    expect((await client.control('GET', '/stats')).body).toEqual({
      total: 0,
      calls: {},
      byKey: {},
      limited: 0,
      peak5s: 0,
      peak180s: 0,
      bytes: 0,
    });
  });
});
