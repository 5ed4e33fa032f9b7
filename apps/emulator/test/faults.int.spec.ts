import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmulator, type Client } from './client.ts';

interface Wire {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly location: string | undefined;
  readonly body: string;
  /** The error code of the connection, when it ended badly. */
  readonly error: string | undefined;
  readonly headersMs: number;
  readonly pieces: number;
}

let client: Client;
beforeEach(async () => {
  client = await startEmulator({ orders: 30 });
});
afterEach(() => client.emulator.close());

/** A request over a socket of its own, so that broken connections can be seen. */
function read(path = '/order/certificate'): Promise<Wire> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    let seen: Omit<Wire, 'body' | 'error' | 'pieces'> = {
      status: undefined,
      type: undefined,
      location: undefined,
      headersMs: 0,
    };
    const pieces: Buffer[] = [];
    const finish = (error?: string) =>
      resolve({ ...seen, body: Buffer.concat(pieces).toString(), error, pieces: pieces.length });
    const call = request(
      `${client.emulator.baseUrl}${path}`,
      { headers: { 'X-DC-DEVKEY': 'k' }, agent: false },
      (response) => {
        const { statusCode: status, headers } = response;
        seen = {
          status,
          type: headers['content-type'],
          location: headers.location,
          headersMs: performance.now() - startedMs,
        };
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => finish());
        response.on('error', (error: NodeJS.ErrnoException) => finish(error.code));
      },
    );
    call.on('error', (error: NodeJS.ErrnoException) => finish(error.code));
    call.end();
  });
}

const add = (fault: object) => client.control('POST', '/faults', fault);
const idsIn = (body: string): number[] => JSON.parse(body).orders.map(({ id }: { id: number }) => id);

describe('fault kinds', () => {
  it('status', async () => {
    await add({ kind: 'status', status: 503, count: 1 });
    await add({ kind: 'status', status: 429, count: 1 });
    expect(await read()).toMatchObject({ status: 503, type: 'application/json' });
    const limited = await read();
    expect([limited.status, JSON.parse(limited.body).errors[0].code]).toEqual([429, 'request_limit_exceeded']);
    expect((await read()).status).toBe(200);
    expect((await client.control('GET', '/stats')).body.limited).toBe(1);
  });

  it('delay, on top of another fault', async () => {
    await add({ kind: 'delay', delayMs: 80 });
    await add({ kind: 'status', status: 500 });
    const { status, headersMs } = await read();
    expect(status).toBe(500);
    expect(headersMs).toBeGreaterThanOrEqual(78);
  });

  it('slow-headers', async () => {
    await add({ kind: 'slow-headers', delayMs: 15 });
    const { status, headersMs, body } = await read();
    expect(status).toBe(200);
    expect(headersMs).toBeGreaterThan(100);
    expect(idsIn(body)).toHaveLength(30);
  });

  it('slow-body', async () => {
    await add({ kind: 'slow-body', delayMs: 15 });
    const { pieces, body } = await read();
    expect(pieces).toBeGreaterThan(5);
    expect(idsIn(body)).toHaveLength(30);
  });

  it('reset-before and reset-inside', async () => {
    await add({ kind: 'reset-before', count: 1 });
    expect(await read()).toMatchObject({ status: undefined, error: 'ECONNRESET', body: '' });
    await add({ kind: 'reset-inside', count: 1 });
    const inside = await read();
    expect(inside).toMatchObject({ status: 200, error: 'ECONNRESET' });
    expect(inside.body.length).toBeGreaterThan(0);
  });

  it('truncate, which HTTP does not notice', async () => {
    await add({ kind: 'truncate' });
    const { status, error, body } = await read();
    expect([status, error]).toEqual([200, undefined]);
    expect(body.startsWith('{"orders":[')).toBe(true);
    expect(() => JSON.parse(body)).toThrow();
  });

  it('garbage, html, empty and content-type', async () => {
    await add({ kind: 'garbage', count: 1 });
    await add({ kind: 'html', count: 1 });
    await add({ kind: 'html', status: 503, count: 1 });
    await add({ kind: 'empty', count: 1 });
    await add({ kind: 'content-type', count: 1 });
    const garbage = await read();
    expect(garbage).toMatchObject({ status: 200, type: 'application/json' });
    expect(() => JSON.parse(garbage.body)).toThrow();
    const html = await read();
    expect(html).toMatchObject({ status: 200, type: 'text/html' });
    expect(html.body).toMatch(/^<!DOCTYPE html>/);
    expect((await read()).status).toBe(503);
    expect(await read()).toMatchObject({ status: 200, type: 'application/json', body: '' });
    const mislabelled = await read();
    expect(mislabelled.type).toBe('text/plain');
    expect(idsIn(mislabelled.body)).toHaveLength(30);
  });

  it('wrong-shape', async () => {
    await add({ kind: 'wrong-shape' });
    const list = JSON.parse((await read()).body);
    expect(Array.isArray(list.orders)).toBe(false);
    expect(list.orders['0'].id).toBe(730000);
    expect(Array.isArray(JSON.parse((await read('/account')).body))).toBe(true);
    expect((await read('/report/order')).body.startsWith('customer_order_id,')).toBe(true);
  });

  it('wrong-field, in calls with this text in their query alone', async () => {
    await add({ kind: 'wrong-field', field: 'certificate.common_name', value: 'wrong.example', query: 'limit=2' });
    const names = async (path: string) =>
      JSON.parse((await read(path)).body).orders.map(({ certificate }: { certificate: { common_name: string } }) =>
        Number(certificate.common_name === 'wrong.example'),
      );
    expect(await names('/order/certificate?limit=2')).toEqual([1, 0]);
    expect(await names('/order/certificate?limit=3')).toEqual([0, 0, 0]);
    await add({ kind: 'wrong-field', field: 'status', value: null, route: 'GET /order/certificate/{id}' });
    expect(JSON.parse((await read('/order/certificate/730000')).body)).toMatchObject({ id: 730000, status: null });
    expect(await add({ kind: 'wrong-field' })).toMatchObject({ status: 400, text: expect.stringContaining('field') });
  });

  it('rename-column', async () => {
    await add({ kind: 'rename-column' });
    expect((await read('/report/order')).body.startsWith('order_id,customer_order_id_new,date_created,')).toBe(true);
    expect((await read()).status).toBe(200);
  });

  it('redirect', async () => {
    await add({ kind: 'redirect' });
    expect(await read()).toMatchObject({ status: 302, location: `${client.emulator.origin}/login` });
  });

  it('shift-page moves later pages by one row', async () => {
    const rows = idsIn((await read()).body);
    await add({ kind: 'shift-page' });
    expect(idsIn((await read('/order/certificate?limit=10')).body)).toEqual(rows.slice(0, 10));
    const second = JSON.parse((await read('/order/certificate?limit=10&offset=10')).body);
    expect(second.orders.map(({ id }: { id: number }) => id)).toEqual(rows.slice(11, 21));
    expect(second.page).toEqual({ total: 29, limit: 10, offset: 10 });
  });

  it('duplicate-row and drop-row, in JSON, CSV and Custom Reports', async () => {
    const rows = idsIn((await read()).body);
    const csvIds = async () =>
      [...(await read('/report/order')).body.matchAll(/^"(\d{6})"/gm)].map(([, id]) => Number(id));
    const queryIds = async () =>
      (await client.query('{ order_details { id } }')).body.data.order_details.map(({ id }: { id: string }) =>
        Number(id),
      );
    await add({ kind: 'duplicate-row' });
    const doubled = [rows[0], ...rows];
    expect(idsIn((await read()).body)).toEqual(doubled);
    expect(await csvIds()).toEqual(doubled);
    expect(await queryIds()).toEqual(doubled);
    await client.control('DELETE', '/faults');
    await add({ kind: 'drop-row' });
    expect(idsIn((await read()).body)).toEqual(rows.slice(1));
    expect(await csvIds()).toEqual(rows.slice(1));
    expect(await queryIds()).toEqual(rows.slice(1));
  });

  it('revoke-key refuses the key from the hit on, until faults are deleted', async () => {
    await add({ kind: 'revoke-key', route: 'GET /product', count: 1 });
    expect((await read('/account')).status).toBe(200);
    expect((await read('/product')).status).toBe(403);
    const { status, body } = await read('/account');
    expect([status, JSON.parse(body).errors[0].code]).toEqual([403, 'access_denied|access_denied_invalid_key']);
    expect((await client.get('/account')).status).toBe(200);
    await client.control('DELETE', '/faults');
    expect((await read('/account')).status).toBe(200);
  });
});

describe('choosing calls', () => {
  it('hits the named route only, with or without method', async () => {
    await add({ kind: 'status', route: '/order/certificate/{id}' });
    await add({ kind: 'status', status: 502, route: 'GET /account' });
    expect((await read('/order/certificate')).status).toBe(200);
    expect((await read('/order/certificate/730000')).status).toBe(500);
    expect((await read('/account')).status).toBe(502);
  });

  it('hits about the share of calls that rate asks for', async () => {
    await add({ kind: 'status', rate: 0.3 });
    const statuses = await Promise.all(Array.from({ length: 200 }, () => read('/product/ssl_basic')));
    const hits = statuses.filter(({ status }) => status === 500).length;
    expect(hits).toBeGreaterThan(35);
    expect(hits).toBeLessThan(90);
  });

  it('answers the fault with an id, lists, and removes one', async () => {
    const { status, body } = await add({ kind: 'empty', route: '/account' });
    expect([status, body]).toEqual([
      201,
      { id: 1, kind: 'empty', route: '/account', rate: 1, count: 0, delayMs: 1000, hits: 0 },
    ]);
    expect((await client.control('GET', '/faults')).body.faults).toHaveLength(1);
    expect((await client.control('DELETE', '/faults/1')).status).toBe(204);
    expect((await client.control('DELETE', '/faults/1')).status).toBe(404);
  });

  it.each([
    [{}, 'kind'],
    [{ kind: 'fire' }, 'kind'],
    [{ kind: 'status', rate: 2 }, 'rate'],
    [{ kind: 'status', status: 99 }, 'status'],
    [{ kind: 'delay', delay: 5 }, 'delay'],
    ['{', 'not JSON'],
  ])('names the problem of %j', async (fault, problem) => {
    const { status, body } = await client.control('POST', '/faults', fault);
    expect(status).toBe(400);
    expect(body.errors[0].message).toContain(problem);
  });
});
