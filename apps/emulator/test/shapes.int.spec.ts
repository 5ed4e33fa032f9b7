import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmulator, type Client } from './client.ts';

let client: Client;
beforeAll(async () => {
  client = await startEmulator();
});
afterAll(() => client.emulator.close());

/** Names and JSON types of an object, sorted: `id:number`. */
function shape(value: object): string[] {
  return Object.entries(value)
    .map(([name, part]) => `${name}:${Array.isArray(part) ? 'array' : typeof part}`)
    .sort();
}

async function listed(filter: string) {
  const { body } = await client.get(`/order/certificate?${filter}`);
  return body.orders;
}

describe('list orders', () => {
  it('has the fields and types of the documented sample for an issued order', async () => {
    const orders: { is_multi_year_plan?: string }[] = await listed(
      'filters[status]=issued&filters[product_name_id]=ssl_basic&filters[valid_till]=>2026-11-15',
    );
    const order: any = orders.find((one) => one.is_multi_year_plan === undefined); // eslint-disable-line @typescript-eslint/no-explicit-any
    expect(shape(order)).toEqual([
      'certificate:object',
      'container:object',
      'date_created:string',
      'disable_renewal_notifications:boolean',
      'duplicates_count:number',
      'has_duplicates:boolean',
      'has_reissues:boolean',
      'id:number',
      'is_renewed:boolean',
      'number_of_sans:number',
      'order_valid_till:string',
      'order_validity:object',
      'organization:object',
      'price:number',
      'product:object',
      'product_name_id:string',
      'reissues_count:number',
      'status:string',
      'validity_years:number',
    ]);
    expect(shape(order.certificate)).toEqual([
      'cert_validity:object',
      'common_name:string',
      'days_remaining:number',
      'dns_names:array',
      'id:number',
      'serial_number:string',
      'signature_hash:string',
      'valid_from:string',
      'valid_till:string',
    ]);
    expect(shape(order.organization)).toEqual(['id:number', 'name:string']);
    expect(shape(order.container)).toEqual(['id:number', 'is_active:boolean', 'name:string']);
    expect(shape(order.product)).toEqual(['name:string', 'name_id:string', 'type:string']);
    expect(order.date_created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(order.certificate.dns_names[0]).toBe(order.certificate.common_name);
  });

  it('leaves out what is not there yet: no validity, serial number or price while approval is awaited', async () => {
    const [order] = await listed('filters[status]=needs_approval');
    expect(Object.keys(order)).not.toEqual(expect.arrayContaining(['price']));
    expect(Object.keys(order)).not.toContain('order_valid_till');
    expect(Object.keys(order.certificate).sort()).toEqual([
      'cert_validity',
      'common_name',
      'dns_names',
      'id',
      'signature_hash',
    ]);
  });

  it('marks a multi-year plan with the text "1", and leaves the key out otherwise', async () => {
    const orders: { is_multi_year_plan?: unknown }[] = await listed('');
    expect(new Set(orders.map((order) => order.is_multi_year_plan))).toEqual(new Set(['1', undefined]));
    expect(orders.some((order) => 'is_multi_year_plan' in order && order.is_multi_year_plan === undefined)).toBe(false);
  });

  it('has no organization on DV orders', async () => {
    const orders: { organization?: unknown }[] = await listed('filters[product_name_id]=ssl_dv_geotrust');
    expect(orders.length).toBeGreaterThan(0);
    expect(orders.filter((order) => 'organization' in order)).toEqual([]);
  });

  it('shows every status of the vocabulary in a small account', async () => {
    const orders: { status: string }[] = await listed('');
    expect([...new Set(orders.map(({ status }) => status))].sort()).toEqual([
      'canceled',
      'expired',
      'issued',
      'needs_approval',
      'needs_csr',
      'pending',
      'processing',
      'reissue_pending',
      'rejected',
      'revoked',
      'waiting_pickup',
    ]);
  });
});

describe('order info', () => {
  it('has numbers as texts below certificate, flags as numbers where the service has them, and no nulls', async () => {
    const [{ id }] = await listed('filters[status]=issued&filters[product_name_id]=ssl_basic');
    const { body } = await client.get(`/order/certificate/${id}`);
    expect(body.auto_renew === 0 || body.auto_renew === 1).toBe(true);
    expect(typeof body.certificate.purchased_dns_names).toBe('string');
    expect(typeof body.purchased_dns_names).toBe('number');
    expect(typeof body.certificate.receipt_id).toBe('string');
    expect(typeof body.receipt_id).toBe('number');
    expect(typeof body.renewed_order_id).toBe('number');
    expect(body.certificate.thumbprint).toMatch(/^[0-9A-F]{40}$/);
    expect(body.certificate.csr).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
    expect(body.product.validation_description).toBe('Normal Organization Validation');
    expect(JSON.stringify(body)).not.toContain('null');
  });

  it('has a certificate without id, thumbprint, serial number and dates before issuance', async () => {
    const [{ id }] = await listed('filters[status]=needs_approval');
    const { body } = await client.get(`/order/certificate/${id}`);
    for (const name of [
      'id',
      'thumbprint',
      'serial_number',
      'valid_from',
      'valid_till',
      'days_remaining',
      'date_issued',
    ]) {
      expect(Object.keys(body.certificate)).not.toContain(name);
    }
    expect(body.requests[0].status).toBe('pending');
  });

  it('is found by serial number and by thumbprint of the primary certificate, not by those of a duplicate', async () => {
    const [{ id }] = await listed('filters[product_name_id]=ssl_wildcard&filters[status]=issued&sort=-id');
    const { body: order } = await client.get(`/order/certificate/${id}`);
    expect((await client.get(`/order/certificate/${order.certificate.serial_number}`)).body.id).toBe(id);
    expect((await client.get(`/order/certificate/${order.certificate.thumbprint}`)).body.id).toBe(id);
    expect((await client.get(`/order/certificate/${order.certificate.thumbprint.toLowerCase()}`)).body.id).toBe(id);
    const [duplicate] = (await client.get(`/order/certificate/${id}/duplicate`)).body.certificates;
    expect((await client.get(`/order/certificate/${duplicate.thumbprint}`)).status).toBe(404);
  });

  it('tells CAA texts only for pending orders, and only when asked', async () => {
    const [{ id }] = await listed('filters[status]=pending');
    expect((await client.get(`/order/certificate/${id}`)).body.caa_status_message).toBeUndefined();
    expect(
      (await client.get(`/order/certificate/${id}?include_caa_status=true`)).body.caa_status_message,
    ).toBeDefined();
  });

  it('lists duplicates with archived as text and reissues with archived as number', async () => {
    const [wildcard] = await listed('filters[product_name_id]=ssl_wildcard&sort=-duplicates_count,-id');
    const orders: { id: number; duplicates_count: number; reissues_count: number }[] = await listed('');
    const duplicated = orders.find((order) => order.duplicates_count > 0) ?? wildcard;
    const duplicates = (await client.get(`/order/certificate/${duplicated.id}/duplicate`)).body.certificates;
    expect(duplicates).toHaveLength(duplicated.duplicates_count);
    expect(duplicates[0].archived).toBe('0');
    expect(duplicates[0].ca_cert_id).toMatch(/^\d+$/);
    expect(Object.keys(duplicates[0])).toEqual(
      expect.arrayContaining(['firstname', 'lastname', 'sub_id', 'public_id']),
    );

    const reissued = orders.find((order) => order.reissues_count > 0);
    const reissues = (await client.get(`/order/certificate/${reissued?.id}/reissue`)).body.certificates;
    expect(reissues[0].archived).toBe(0);
    expect(typeof reissues[0].purchased_dns_names).toBe('string');
  });
});

describe('the rest of the account', () => {
  it.each([
    ['/user', 'users'],
    ['/organization', 'organizations'],
    ['/domain', 'domains'],
    ['/service-user', 'users'],
  ])('%s answers page totals', async (path, key) => {
    const { body } = await client.get(`${path}?limit=2&offset=1`);
    expect(body[key]).toHaveLength(2);
    expect(body.page).toEqual({ total: expect.any(Number), limit: 2, offset: 1 });
  });

  it.each(['/account', '/container', '/product', '/account/metadata'])('%s answers no page', async (path) => {
    expect((await client.get(path)).body.page).toBeUndefined();
  });

  it('embeds organizations in domains and divisions with is_active as text', async () => {
    const { body } = await client.get('/domain?limit=1');
    expect(body.domains[0].organization.is_active).toBe('1');
    expect((await client.get('/organization?limit=1')).body.organizations[0].is_active).toBe(true);
  });

  it('gives DCV expiry as Mountain day, or as UTC instant when asked', async () => {
    const day = (await client.get('/domain?limit=1')).body.domains[0].dcv_expiration.ov;
    const instant = (await client.get('/domain?limit=1&include_dcv_expiration_time=true')).body.domains[0]
      .dcv_expiration.ov;
    expect(day).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(instant).toMatch(/T\d\d:\d\d:\d\d\+00:00$/);
    expect(Math.abs(Date.parse(instant) - Date.parse(day))).toBeLessThan(31 * 3_600_000);
  });

  it('walks the tree of divisions', async () => {
    const { containers } = (await client.get('/container/14/children')).body;
    expect(containers.map(({ parent_id: parent }: { parent_id: number }) => parent)).toEqual([14, 14]);
    expect((await client.get('/container/20/parent')).body.id).toBe(14);
    expect((await client.get('/container/99')).status).toBe(404);
  });

  it('gives validation types in upper case and years as texts only in product info', async () => {
    expect((await client.get('/product/ssl_basic')).body).toMatchObject({
      validation_type: 'OV',
      allowed_validity_years: ['1'],
    });
    expect((await client.get('/product')).body.products[0].allowed_validity_years).toEqual([1]);
    expect((await client.get('/product/nothing')).body.errors[0].code).toBe('not_found|product');
  });
});

describe('conventions of the wire', () => {
  it('answers JSON as exactly application/json, without rate limit headers', async () => {
    const { headers } = await client.get('/account');
    expect(headers.get('content-type')).toBe('application/json');
    expect([...headers.keys()].filter((name) => name.includes('ratelimit') || name === 'retry-after')).toEqual([]);
  });

  it.each(['/order/certificate?', '//order///certificate', '/order/certificate/'])('accepts %s', async (path) => {
    expect((await client.get(path)).body.page.total).toBe(300);
  });

  it('refuses a missing key with 403', async () => {
    const response = await fetch(`${client.emulator.baseUrl}/account`);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      errors: [
        { code: 'access_denied|access_denied_invalid_key', message: 'Access denied due to access_denied_invalid_key.' },
      ],
    });
  });

  it('answers 404, 405, 406 and HEAD', async () => {
    expect((await client.get('/nothing/here')).body.errors[0].code).toBe('not_found|route');
    expect((await client.get('/order/certificate/999999999')).body.errors[0].code).toBe('not_found|order');
    const wrong = await client.send('DELETE', '/order/certificate');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await client.get('/account', { accept: 'application/xml' })).status).toBe(406);
    expect((await client.get('/account', { accept: 'application/xml, */*;q=0.1' })).status).toBe(200);
    const head = await client.send('HEAD', '/account');
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('answers lists as CSV when asked', async () => {
    const { text, headers } = await client.get('/order/certificate?limit=2', { accept: 'text/csv' });
    expect(headers.get('content-type')).toBe('text/csv');
    expect(text.split('\n')[0]).toMatch(/^id,certificate_id,/);
  });

  it('can leave the key of an empty list out', async () => {
    const other = await startEmulator({ orders: 0, emptyLists: 'omit' });
    expect((await other.get('/order/certificate')).body).toEqual({ page: { total: 0, limit: 1000, offset: 0 } });
    expect((await other.get('/organization')).body.page.total).toBe(25);
    await other.emulator.close();
    expect((await client.get('/order/certificate?filters[id]=1')).body).toEqual({
      orders: [],
      page: { total: 0, limit: 1000, offset: 0 },
    });
  });
});
