import { createHash, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmulator, type Client } from './client.ts';

let client: Client;
beforeAll(async () => {
  client = await startEmulator();
});
afterAll(() => client.emulator.close());

const firstOrder = async (filter: string) => (await client.get(`/order/certificate?${filter}&limit=1`)).body.orders[0];

describe('approval requests', () => {
  it('list those that wait, with the short order, and tell one with the whole order', async () => {
    const { body } = await client.get('/request?filters[status]=pending');
    const waiting = await firstOrder('filters[status]=needs_approval');
    expect(body.page.total).toBe(body.requests.length);
    expect((await client.get('/request?status=pending')).body).toEqual(body);
    const request = body.requests.find(({ order }: { order: { id: number } }) => order.id === waiting.id);
    expect(request).toMatchObject({
      type: 'new_request',
      order: { certificate: { common_name: waiting.certificate.common_name } },
    });
    expect(Object.keys(request)).not.toContain('processor');
    const { body: info } = await client.get(`/request/${request.id}`);
    expect(info).toMatchObject({
      status: 'pending',
      order: { id: waiting.id, status: 'needs_approval', unsubmitted_domains: [] },
    });
    expect(Object.keys(info)).not.toContain('date_processed');
  });
});

describe('validation of an order', () => {
  it('has ids as texts and covers every name', async () => {
    const { id, certificate } = await firstOrder('filters[product_name_id]=ssl_multi_domain');
    const { body } = await client.get(`/order/certificate/${id}/validation`);
    expect(body.order_id).toBe(String(id));
    expect(typeof body.organization_id).toBe('string');
    const names = body.dns_name_validations.flatMap((one: { dns_names: string[] }) => one.dns_names);
    expect(names.sort()).toEqual([...certificate.dns_names].sort());
  });
});

describe('expiring summary', () => {
  it('renames its count when certificates are asked for', async () => {
    const { expiring_orders: plain } = (await client.get('/report/order/expiring')).body;
    expect(plain.map(({ days_expiring: days }: { days_expiring: number }) => days)).toEqual([90, 60, 30, -7]);
    const { expiring_orders: more } = (await client.get('/report/order/expiring?include_expiring_certs=true')).body;
    expect(more[2]).toEqual({ days_expiring: 30, count: plain[2].order_count, expiring_certs: plain[2].order_count });
    const found = await client.get(
      '/order/certificate?filters[valid_till]=2026-11-16...2026-12-14&filters[is_renewed]=0&filters[status]=issued',
    );
    expect(plain[2].order_count).toBe(found.body.page.total);
  });
});

describe('certificate files', () => {
  it('form a chain that verifies up to the root', async () => {
    const { id } = await firstOrder('filters[status]=issued');
    const { certificate } = (await client.get(`/order/certificate/${id}`)).body;
    const { text, headers } = await client.get(`/certificate/${certificate.id}/download/format/pem_all`);
    expect(headers.get('content-type')).toBe('application/x-pem-file');
    const [leaf, issuer, root] = text
      .split(/(?<=-----END CERTIFICATE-----\r\n)/)
      .map((pem) => new X509Certificate(pem));
    if (leaf === undefined || issuer === undefined || root === undefined) throw new Error('The chain is too short.');
    expect(createHash('sha1').update(leaf.raw).digest('hex').toUpperCase()).toBe(certificate.thumbprint);
    expect([leaf.verify(issuer.publicKey), issuer.verify(root.publicKey), root.verify(root.publicKey)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([leaf.checkIssued(issuer), issuer.checkIssued(root), issuer.ca, leaf.ca]).toEqual([true, true, true, false]);
    expect((await client.get(`/certificate/download/order/${id}/format/pem_all`)).text).toBe(text);
    expect((await client.get(`/certificate/${certificate.id}/chain`)).body.intermediates).toHaveLength(3);
  });

  it('exist for duplicates, with the thumbprint of their list', async () => {
    const { orders } = (await client.get('/order/certificate?filters[product_name_id]=ssl_wildcard')).body;
    const order = orders.find(({ has_duplicates: has }: { has_duplicates: boolean }) => has);
    const [duplicate] = (await client.get(`/order/certificate/${order.id}/duplicate`)).body.certificates;
    const { text } = await client.get(`/certificate/${duplicate.id}/download/format/pem_nointermediate`);
    expect(new X509Certificate(text).fingerprint.replaceAll(':', '')).toBe(duplicate.thumbprint);
  });
});

it('unit orders tell what one bundles', async () => {
  const { orders } = (await client.get('/units/order?filters[status]=completed')).body;
  expect(orders.map(({ id }: { id: number }) => id)).toEqual([1003, 1004, 1006, 1007, 1008]);
  expect((await client.get('/units/order/1003')).body).toMatchObject({
    can_cancel: true,
    bundle: [{ units: 5, cost: 10 }],
  });
  const { cost, bundle } = (await client.get('/units/order/1006')).body;
  expect(bundle).toHaveLength(2);
  expect(cost).toBe(bundle.reduce((sum: number, part: { cost: number }) => sum + part.cost, 0));
  expect((await client.get('/units/order?sort=-cost&limit=1')).body.orders[0].id).toBe(1008);
});
