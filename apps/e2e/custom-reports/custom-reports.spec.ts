import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream, createStage, customReportsFields, type Caller, type ProductProcess } from '../harness/index.ts';

const stage = createStage();
let emulator: EmulatorProcess;
let product: ProductProcess;
let script: Caller;
/** What DigiCert's endpoint answers to the same request. */
let digicert: (
  body: string | object,
) => Promise<{ readonly status: number; readonly text: string; readonly type: string | null }>;
let orders: readonly { readonly id: number; readonly status: string }[];
let orderId: number;

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 600 });
  product = await stage.productOn(emulator);
  script = await product.createKey({ name: 'reporting-script', level: 'OPEN' });
  digicert = async (body) => {
    const isText = typeof body === 'string';
    const response = await fetch(`${emulator.baseUrl}/reports/query`, {
      method: 'POST',
      headers: { 'X-DC-DEVKEY': 'any', 'Content-Type': isText ? 'application/graphql' : 'application/json' },
      body: isText ? body : JSON.stringify(body),
    });
    return { status: response.status, text: await response.text(), type: response.headers.get('Content-Type') };
  };
  orders = ((await askUpstream(emulator, '/order/certificate')) as { orders: { id: number; status: string }[] }).orders;
  orderId = orders[0]!.id;
});

/** Same body, byte by byte, as the endpoint it stands in for. */
async function expectSameAsDigicert(body: string | object) {
  const [ours, theirs] = await Promise.all([script.customReports(body), digicert(body)]);
  expect(theirs.status).toBe(200);
  expect(ours.text).toBe(theirs.text);
  expect(ours.status).toBe(200);
  expect(ours.headers.get('Content-Type')).toBe('application/json');
  return ours;
}

describe('requests to the Custom Reports endpoint are answered as DigiCert answers them', () => {
  it('a list with filter, limit and sort', async () => {
    const { json } = await expectSameAsDigicert(
      '{order_details(status:"pending",limit:5,sort:["valid_from","DESC"]){id,status,common_name,dns_names,organization_id,valid_from,valid_till}}',
    );
    expect(json.data!['order_details']).toHaveLength(5);
    const { json: issued } = await expectSameAsDigicert(
      '{order_details(status:"issued",limit:5,sort:["valid_from","DESC"]){id,valid_from,purchased_dns_names}}',
    );
    expect(issued.data!['order_details']).toHaveLength(5);
  });

  it('one order under a name of the caller’s', async () => {
    const { json } = await expectSameAsDigicert(
      `{ my_order: order_details_by_id(id: ${orderId}) { id status common_name } }`,
    );
    expect(json.data!['my_order']).toMatchObject({ id: String(orderId) });
  });

  it('two queries in one request', async () => {
    const { json } = await expectSameAsDigicert(
      `{ order_details(status:"revoked",limit:3,sort:["id","ASC"]) { id } order_details_by_id(id: ${orderId}) { id valid_till } }`,
    );
    expect(Object.keys(json.data!)).toEqual(['order_details', 'order_details_by_id']);
    const twice = await expectSameAsDigicert(
      `{ b: order_details_by_id(id: ${orderId}) { status id } a: order_details_by_id(id: ${orderId}) { id status } }`,
    );
    expect(Object.keys(twice.json.data!)).toEqual(['b', 'a']);
  });

  it('fields in the order asked, all of them text', async () => {
    const { text } = await expectSameAsDigicert(
      `{order_details_by_id(id:${orderId}){valid_till id auto_renew common_name cost}}`,
    );
    expect(text).toMatch(
      /"order_details_by_id":\{"valid_till":"[^"]+","id":"\d+","auto_renew":"[01]","common_name":"[^"]+","cost":"[\d.]+"\}/,
    );
    await expectSameAsDigicert(`{order_details_by_id(id:${orderId}){id valid_till common_name auto_renew}}`);
  });

  it('every field of an order of every status, by id and in the list', async () => {
    const fields = (await customReportsFields(product)).join(' ');
    await expectSameAsDigicert(`{order_details{${fields}}}`);
    const idByStatus = new Map(orders.map(({ id, status }) => [status, id]));
    expect(idByStatus.size).toBeGreaterThan(8);
    for (const id of idByStatus.values()) {
      await expectSameAsDigicert(`{order_details_by_id(id:${id}){${fields}}}`);
      // What order info can give comes from there, and has to be the same.
      await expectSameAsDigicert(
        `{order_details_by_id(id:${id}){id status certificate_tracker_id common_name dns_names cost csr locale dcv_method date_created}}`,
      );
    }
  });

  it('null where there is no data, and for an id that is unknown', async () => {
    const { text } = await expectSameAsDigicert(
      '{order_details(status:"pending",limit:1,sort:["id","ASC"]){serial_number valid_till}}',
    );
    expect(text).toBe('{"data":{"order_details":[{"serial_number":null,"valid_till":null}]}}');
    expect((await expectSameAsDigicert('{order_details_by_id(id:1){id}}')).text).toBe(
      '{"data":{"order_details_by_id":null}}',
    );
    expect((await expectSameAsDigicert('{order_details(common_name:"no.such.name"){id}}')).text).toBe(
      '{"data":{"order_details":[]}}',
    );
  });

  it('as one JSON line, with variables, with named operations', async () => {
    await expectSameAsDigicert({ query: '{order_details(status:"pending",limit:2,sort:["id","ASC"]){id,status}}' });
    const { json: one } = await script.customReports(`{order_details_by_id(id:${orderId}){thumbprint}}`);
    const { thumbprint } = one.data!['order_details_by_id'] as { thumbprint: string };
    const byThumbprint = await expectSameAsDigicert({
      query: 'query ByThumbprint($t: String!) { order_details(thumbprint: $t) { id thumbprint } }',
      variables: { t: thumbprint },
    });
    expect(byThumbprint.json.data!['order_details']).toEqual([{ id: String(orderId), thumbprint }]);
    await expectSameAsDigicert({
      query: `query A { order_details_by_id(id: ${orderId}) { id } } query B { order_details_by_id(id: ${orderId}) { status } }`,
      operationName: 'B',
    });
  });

  it('without an order of its own, as the list gives it', async () => {
    await expectSameAsDigicert('{order_details{id status common_name}}');
  });
});

describe('refusals have the form of the endpoint', () => {
  it.each([
    ['no selection', '{order_details_by_id(id:1)}'],
    ['an empty selection', '{order_details_by_id(id:1){}}'],
    ['a list without selection', '{order_details(limit:1)}'],
    ['no query at all', '{'],
  ])('%s is a syntax error', async (_name, query) => {
    for (const body of [query, { query }]) {
      const { status, json, headers } = await script.customReports(body);
      expect([status, headers.get('Content-Type')]).toEqual([400, 'application/json']);
      expect(json.errors![0]!.message).toMatch(/^Syntax Error/);
      expect(Object.keys(json)).toEqual(['errors']);
    }
  });

  it('a field or a query that it does not have is a 400, the rest of the graph included', async () => {
    for (const query of [
      '{order_details(limit:1){nonsense}}',
      '{orders{nodes{id}}}',
      '{me{name}}',
      '{__schema{types{name}}}',
    ])
      expect([query, (await script.customReports(query)).status]).toEqual([query, 400]);
  });

  it('never has extensions', async () => {
    for (const body of [
      '{order_details(limit:1){id}}',
      '{order_details(limit:1){nonsense}}',
      '{order_details_by_id(id:1){id}}',
    ]) {
      const { text } = await script.fetch('/services/v2/reports/query', {
        method: 'POST',
        headers: { 'Content-Type': 'application/graphql', 'Certfolio-Extensions': '1' },
        body,
      });
      expect(text).not.toContain('extensions');
    }
  });

  it('other methods are 405', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status, headers } = await script.fetch(
        '/services/v2/reports/query?query={order_details_by_id(id:1){id}}',
        { method },
      );
      expect([method, status, headers.get('Allow'), headers.get('Content-Type')]).toEqual([
        method,
        405,
        'POST',
        'application/json',
      ]);
    }
  });

  it('a bad key is CertCentral’s 403', async () => {
    const theirs = await fetch(`${emulator.baseUrl}/order/certificate`);
    expect(theirs.status).toBe(403);
    const code = ((await theirs.json()) as { errors: { code: string }[] }).errors[0]!.code;
    const withoutKey = await fetch(`${product.url}/services/v2/reports/query`, {
      method: 'POST',
      body: '{order_details{id}}',
    });
    expect([withoutKey.status, withoutKey.headers.get('Content-Type')]).toEqual([403, 'application/json']);
    expect((await withoutKey.json()) as object).toMatchObject({ errors: [{ code }] });
    const { status, json } = await product.as('no-key-of-ours').customReports('{order_details{id}}');
    expect([status, json.errors![0]!.code]).toEqual([403, 'access_denied|access_denied_invalid_key']);
  });

  it('the key is accepted in the header that scripts send', async () => {
    const response = await fetch(`${product.url}/services/v2/reports/query`, {
      method: 'POST',
      headers: { 'X-DC-DEVKEY': script.key, 'Content-Type': 'application/graphql' },
      body: `{order_details_by_id(id:${orderId}){id}}`,
    });
    expect(await response.text()).toBe(`{"data":{"order_details_by_id":{"id":"${orderId}"}}}`);
  });

  it('the limit of the key is CertCentral’s 429', async () => {
    const slow = await product.createKey({ name: 'slow', level: 'OPEN', limits: { requestsPerMinute: 6, burst: 1 } });
    expect((await slow.customReports('{order_details_by_id(id:1){id}}')).status).toBe(200);
    const { status, headers, json } = await slow.customReports('{order_details_by_id(id:1){id}}');
    expect([status, headers.get('Content-Type'), headers.get('Retry-After')]).toEqual([429, 'application/json', '10']);
    expect(json.errors![0]!.code).toBe('request_limit_exceeded');
    expect(Object.keys(json)).toEqual(['errors']);
  });
});
