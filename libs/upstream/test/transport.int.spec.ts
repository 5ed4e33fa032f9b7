import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  GatewayTimeout,
  orderId,
  UpstreamBudgetExhausted,
  UpstreamRefused,
  UpstreamUnavailable,
  type CustomReportRequest,
  type Order,
} from '@certfolio/core';
import { anyCall, refusal, sendJson, startService, type Answer } from './service.ts';

let running: Awaited<ReturnType<typeof startService>>[] = [];
afterEach(async () => {
  await Promise.all(running.map((service) => service.close()));
  running = [];
});

async function start(...args: Parameters<typeof startService>) {
  const service = await startService(...args);
  running.push(service);
  return service;
}

const account = { id: 900100, billing_account_name: 'Acme Test' };
const failsThen = (times: number, fault: Answer): Answer => {
  return (request, response, nth) => (nth <= times ? fault(request, response, nth) : sendJson(response, account));
};
const raw = (
  body: string,
  headers: Record<string, string> = { 'content-type': 'application/json' },
  status = 200,
): Answer => {
  return (_request, response) => response.writeHead(status, headers).end(body);
};
const reportHeader = 'order_id,common_name,csr,dns_names\n';
const reading = (client: Awaited<ReturnType<typeof start>>['client'], call = anyCall()) =>
  client.orderReport({ where: [], fields: new Set(['commonName', 'csr']), limit: 10, offset: 0 }, call);
const collect = async (batches: AsyncIterable<readonly Order[]>) => {
  const orders: Order[] = [];
  for await (const batch of batches) orders.push(...batch);
  return orders;
};

describe('a call', () => {
  it('carries key, product and accepted type', async () => {
    const { client, requests } = await start((_request, response) => sendJson(response, account));
    expect(await client.account(anyCall())).toEqual({ id: 900100, name: 'Acme Test' });
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/services/v2/account' });
    expect(requests[0]!.headers).toMatchObject({
      'x-dc-devkey': 'the-key',
      'user-agent': 'certfolio/1.2.3',
      accept: 'application/json',
    });
  });

  it('takes the key anew for every attempt', async () => {
    const keys = ['old', 'new'];
    const { client, requests } = await start(failsThen(1, raw('', {}, 500)), { apiKey: () => keys.shift()! });
    await client.account(anyCall());
    expect(requests.map(({ headers }) => headers['x-dc-devkey'])).toEqual(['old', 'new']);
  });

  it('is not sent with a key that no header can carry, and its place in the budget is free again', async () => {
    const { client, requests } = await start((_request, response) => sendJson(response, account), {
      apiKey: () => 'a\nb',
    });
    await expect(client.account(anyCall())).rejects.toThrow(UpstreamUnavailable);
    expect(requests).toHaveLength(0);
    expect(client.budgetState().used[0]!.calls).toBe(0);
  });

  it('is reported by its route, without ids and query', async () => {
    const { client, reports } = await start((_request, response) => {
      response.setHeader('x-request-id', 'r-1');
      sendJson(response, refusal('not_found|order'), 404);
    });
    expect(await client.orderInfo({ serialNumber: 'AB12' }, anyCall())).toBeNull();
    expect(reports).toEqual([
      expect.objectContaining({
        route: 'GET /order/certificate/{order_id}',
        method: 'GET',
        status: 404,
        attempt: 1,
        outcome: 'absent',
        requestId: 'r-1',
        bytes: 55,
      }),
    ]);
  });
});

describe('a read is tried again', () => {
  const faults: readonly (readonly [string, Answer])[] = [
    ...[500, 502, 503, 504].map((status) => [`after ${status}`, raw('oops', {}, status)] as const),
    ['after a reset before the headers', (request) => request.socket.resetAndDestroy()],
    [
      'after a reset inside the body',
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"id":');
        setTimeout(() => request.socket.resetAndDestroy(), 20);
      },
    ],
    ['after truncated JSON', raw('{"id": 9001')],
    ['after garbage', raw('\u0000\u0001')],
    ['after HTML', raw('<html>', { 'content-type': 'text/html' })],
    ['after the wrong content type', raw('{"id":1}', { 'content-type': 'text/plain' })],
    ['after an answer without a content type', raw('{"id":1}', {})],
    ['after an empty body', raw('')],
    ['after half a refusal', raw('{"errors":[{"code":"access_den', { 'content-type': 'application/json' }, 403)],
    ['after a 404 in HTML', raw('<html>', { 'content-type': 'text/html' }, 404)],
  ];

  it.each(faults)('%s', async (_name, fault) => {
    const { client, requests, reports } = await start(failsThen(2, fault));
    const call = anyCall();
    expect(await client.account(call)).toEqual({ id: 900100, name: 'Acme Test' });
    expect(requests).toHaveLength(3);
    expect(call.ledger.upstreamCalls).toBe(3);
    expect(reports.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'ok'],
    ]);
  });

  it.each(faults)('three times in all, then the error names the cause: %s', async (_name, fault) => {
    const { client, requests } = await start(fault);
    await expect(client.account(anyCall())).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringContaining('GET /account: '),
    });
    expect(requests).toHaveLength(3);
  });

  it('after a refused connection', async () => {
    const service = await start((_request, response) => sendJson(response, account));
    await new Promise((resolve) => service.server.close(resolve));
    const call = anyCall();
    await expect(service.client.account(call)).rejects.toThrow('connection refused');
    expect(call.ledger.upstreamCalls).toBe(3);
  });

  it('also the query of Custom Reports, which is a POST that changes nothing', async () => {
    const { client, requests } = await start((_request, response, nth) =>
      nth === 1 ? response.writeHead(503).end() : sendJson(response, { data: { order_details: [{ id: '7' }] } }),
    );
    const result = await client.customReport({ fields: ['id'], where: [], sort: null, limit: 1 }, anyCall());
    expect(result).toEqual({ kind: 'rows', orders: [{ id: 7 }], witness: null });
    expect(requests.map(({ method, text }) => [method, JSON.parse(text)])).toEqual(
      Array(2).fill(['POST', { query: '{ order_details(limit: 1) { id } }' }]),
    );
  });

  it('never beyond its deadline', async () => {
    const { client, requests } = await start(raw('', {}, 500), { random: () => 0.99 });
    await expect(client.account(anyCall({ inMs: 200 }))).rejects.toThrow('it answered 500');
    expect(requests).toHaveLength(1);
  });
});

describe('a read is not tried again', () => {
  it.each([
    [400, 'bad_request_format'],
    [401, 'unauthorized'],
    [403, 'access_denied|missing_permission'],
    [404, 'not_found|route'],
    [406, 'not_acceptable'],
  ])('after a refusal with %i, which keeps CertCentral’s code', async (status, code) => {
    const { client, requests } = await start((_request, response) => sendJson(response, refusal(code), status));
    const error: unknown = await client.account(anyCall()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UpstreamRefused);
    expect(error).toMatchObject({ upstreamCode: code, upstreamStatus: status });
    expect(requests).toHaveLength(1);
  });

  it('after a redirect, which is not followed', async () => {
    let elsewhere = 0;
    const trap = createServer((_request, response) => {
      elsewhere += 1;
      response.end();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const target = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;
    const { client, requests } = await start(raw('', { location: `${target}/services/v2/account?secret=1` }, 302));
    await expect(client.account(anyCall())).rejects.toThrow(`it redirects to ${target}, where the key must not go`);
    expect([requests.length, elsewhere]).toEqual([1, 0]);
    await new Promise((resolve) => trap.close(resolve));
  });

  it('after JSON of the wrong shape, and names the place', async () => {
    const { client, requests } = await start((_request, response) =>
      sendJson(response, { orders: 'none', page: { total: 3 } }),
    );
    await expect(client.listOrders({ where: [], sort: null, limit: 10, offset: 0 }, anyCall())).rejects.toThrow(
      'unexpected shape: orders is a text',
    );
    expect(requests).toHaveLength(1);
  });

  it('when the body is longer than allowed, with or without an announced length', async () => {
    for (const headers of [{ 'content-length': '2000' }, {}]) {
      const { client, requests } = await start(
        (_request, response) =>
          response.writeHead(200, { 'content-type': 'application/json', ...headers }).end('x'.repeat(2_000)),
        { settings: { maxBodyBytes: 1_000 } },
      );
      await expect(client.account(anyCall())).rejects.toThrow('longer than 1000 bytes');
      expect(requests).toHaveLength(1);
    }
  });
});

it('tells of an answer of Custom Reports that is too long, so that the rows can be read elsewhere', async () => {
  for (const headers of [{ 'content-length': '2000' }, {}]) {
    const { client, requests, reports } = await start(
      (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/json', ...headers }).end('x'.repeat(2_000)),
      { settings: { maxBodyBytes: 1_000 } },
    );
    const request = { fields: ['id'], where: [], sort: null, limit: null } as const;
    expect(await client.customReport(request, anyCall())).toEqual({ kind: 'too-long' });
    expect([requests.length, reports.map(({ outcome }) => outcome)]).toEqual([1, ['failed']]);
  }
});

describe('time', () => {
  it('runs out at the deadline while the headers are waited for', async () => {
    const { client, reports } = await start(() => undefined);
    await expect(client.account(anyCall({ inMs: 150 }))).rejects.toBeInstanceOf(GatewayTimeout);
    expect(reports).toEqual([expect.objectContaining({ outcome: 'timeout', status: null })]);
  });

  it('runs out at the deadline inside a slow body', async () => {
    const { client } = await start(
      (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
    );
    await expect(client.account(anyCall({ inMs: 150 }))).rejects.toBeInstanceOf(GatewayTimeout);
  });

  it.each([
    ['headers', { headersMs: 100 }, () => undefined, 'no headers within the time-out'],
    [
      'body',
      { idleBodyMs: 100 },
      (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
      'the body stood still longer than the time-out inside the body',
    ],
    ['whole', { totalMs: 100 }, () => undefined, 'it was not complete within 100 ms'],
  ] as const satisfies readonly (readonly [string, object, Answer, string])[])(
    'of the %s is bounded by itself',
    async (_phase, timeouts, answer, message) => {
      const { client, requests, reports } = await start(answer as Answer, { settings: { timeouts, attempts: 2 } });
      const failure: unknown = await client.account(anyCall({ inMs: 20_000 })).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UpstreamUnavailable);
      expect(String(failure)).toContain(message);
      expect(requests).toHaveLength(2);
      for (const { durationMs } of reports) expect(durationMs).toBeGreaterThanOrEqual(99);
      for (const { durationMs } of reports) expect(durationMs).toBeLessThan(2_000);
    },
  );

  it('for a body to stand still begins anew with each piece of it', async () => {
    const pieces = [...JSON.stringify({ id: 5 })];
    const { client, requests } = await start(
      async (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        for (const piece of pieces) {
          response.write(piece);
          await sleep(60);
        }
        response.end();
      },
      { settings: { timeouts: { headersMs: 200, idleBodyMs: 200 }, attempts: 1 } },
    );
    expect(await client.account(anyCall({ inMs: 20_000 }))).toMatchObject({ id: 5 });
    expect(requests).toHaveLength(1);
  });

  it('is given back when the caller leaves', async () => {
    const { client, reports } = await start(() => undefined);
    const leaving = new AbortController();
    const reason = new Error('gone');
    const call = client.account(anyCall({ signal: leaving.signal }));
    setTimeout(() => leaving.abort(reason), 50);
    await expect(call).rejects.toBe(reason);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(reports).toEqual([expect.objectContaining({ outcome: 'aborted' })]);
  });
});

describe('a 429', () => {
  it('makes all callers wait, then the call succeeds, more than three times if need be', async () => {
    const limited: Answer = (_request, response) => {
      response.setHeader('retry-after', '1');
      sendJson(response, refusal('request_limit_exceeded'), 429);
    };
    const { client, requests } = await start(failsThen(2, limited));
    const startedMs = Date.now();
    expect(await client.account(anyCall())).toMatchObject({ id: 900100 });
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(1_990);
    expect(requests).toHaveLength(3);
  });

  it('is a refusal when the pause outlasts the deadline, with the time to come back', async () => {
    const { client } = await start(raw('{}', { 'content-type': 'application/json', 'retry-after': '9' }, 429));
    const error: unknown = await client.account(anyCall()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UpstreamBudgetExhausted);
    expect((error as UpstreamBudgetExhausted).retryAfterMs).toBeGreaterThan(8_500);
    await expect(client.listContainers(anyCall())).rejects.toBeInstanceOf(UpstreamBudgetExhausted);
  });
});

describe('identical reads in flight', () => {
  const slowly: Answer = (_request, response) => void setTimeout(() => sendJson(response, account), 150);

  it('are one call, counted for the one who made it', async () => {
    const { client, requests } = await start(slowly);
    const calls = [anyCall(), anyCall(), anyCall()];
    expect(await Promise.all(calls.map((call) => client.account(call)))).toHaveLength(3);
    expect(requests).toHaveLength(1);
    expect(calls.map(({ ledger }) => ledger.upstreamCalls)).toEqual([1, 0, 0]);
    await client.account(anyCall());
    expect(requests).toHaveLength(2);
  });

  it('go on when one of their callers leaves, the first one included', async () => {
    const { client, requests } = await start(slowly);
    const leaving = new AbortController();
    const first = client.account(anyCall({ signal: leaving.signal }));
    const second = client.account(anyCall());
    leaving.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(await second).toMatchObject({ id: 900100 });
    expect(requests).toHaveLength(1);
  });

  it('are broken off when all have left', async () => {
    const { client, server } = await start(() => undefined);
    const leaving = new AbortController();
    const both = [
      client.account(anyCall({ signal: leaving.signal })),
      client.account(anyCall({ signal: leaving.signal })),
    ];
    setTimeout(() => leaving.abort(new Error('gone')), 50);
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(0);
    expect(client.budgetState().inFlight).toBe(0);
  });

  it('keep each caller’s own deadline, shorter or longer than that of the first', async () => {
    const { client, requests } = await start(
      (_request, response) => void setTimeout(() => sendJson(response, account), 400),
    );
    const first = client.account(anyCall({ inMs: 300 }));
    const shorter = client.account(anyCall({ inMs: 100 }));
    const longer = client.account(anyCall({ inMs: 3_000 }));
    await expect(shorter).rejects.toBeInstanceOf(GatewayTimeout);
    await expect(first).rejects.toBeInstanceOf(GatewayTimeout);
    expect(await longer).toMatchObject({ id: 900100 });
    expect(requests).toHaveLength(2);
  });

  it('do not hold an urgent caller in a slow lane', async () => {
    const { client } = await start((_request, response) => sendJson(response, account), {
      settings: { windows: [{ calls: 1, windowMs: 300 }] },
    });
    await client.listContainers(anyCall()).catch(() => undefined);
    const order: string[] = [];
    const noted = (name: string) => () => order.push(name);
    const slow = client.account(anyCall({ lane: 'backfill' })).then(noted('slow'));
    const other = client.customFieldDefinitions(anyCall({ lane: 'scheduled' })).catch(noted('other'));
    const urgent = client.account(anyCall()).then(noted('urgent'));
    await Promise.all([slow, other, urgent]);
    expect(order[0]).toBe('urgent');
  });
});

describe('the circuit breaker', () => {
  it('opens after failures in a row, fails fast, and closes by a probe', async () => {
    const service = await start((_request, response) => sendJson(response, account), {
      settings: { breaker: { failures: 4, openMs: 200 }, attempts: 2 },
    });
    const { client, server, port } = service;
    await new Promise((resolve) => server.close(resolve));
    for (let time = 0; time < 2; time += 1)
      await expect(client.account(anyCall())).rejects.toThrow('connection refused');
    expect(client.breakerState()).toBe('open');
    const call = anyCall();
    await expect(client.account(call)).rejects.toThrow('left alone');
    expect(call.ledger.upstreamCalls).toBe(0);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => setTimeout(resolve, 210));
    expect(client.breakerState()).toBe('half-open');
    expect(await client.account(anyCall())).toMatchObject({ id: 900100 });
    expect(client.breakerState()).toBe('closed');
  });
});

describe('the order report', () => {
  const csv = { 'content-type': 'text/csv' };

  it('comes as rows, values with line breaks and quotes included', async () => {
    const { client, requests } = await start(
      raw(`${reportHeader}"7","a ""b"", c","-----BEGIN\r\nX\r\n",""\n"8","d","",""\n`, csv),
    );
    expect(await collect(reading(client))).toEqual([
      { id: 7, commonName: 'a "b", c', csr: '-----BEGIN\r\nX\r\n' },
      { id: 8, commonName: 'd', csr: null },
    ]);
    expect(requests[0]).toMatchObject({
      url: '/services/v2/report/order?limit=10&offset=0',
      headers: { accept: 'text/csv' },
    });
  });

  it('is tried again before its first piece, not after', async () => {
    const failing = await start((_request, response, nth) =>
      nth < 3 ? response.writeHead(502).end() : raw(`${reportHeader}"7","a","",""\n`, csv)(_request, response, nth),
    );
    expect(await collect(reading(failing.client))).toHaveLength(1);
    const breaking = await start((request, response) => {
      response.writeHead(200, csv).write(`${reportHeader}"7","a","",""\n"8","b`);
      setTimeout(() => request.socket.resetAndDestroy(), 50);
    });
    await expect(collect(reading(breaking.client))).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(breaking.requests).toHaveLength(1);
  });

  it.each([
    ['inside a value', `${reportHeader}"7","a","",""\n"8","b`],
    ['after a value', `${reportHeader}"7","a","",""\n"8","b"`],
    ['after a comma', `${reportHeader}"7","a",`],
    ['inside its header', 'order_id,common_na'],
  ])('that ends %s is an error, although HTTP found it complete', async (_place, body) => {
    const { client } = await start(raw(body, csv));
    await expect(collect(reading(client))).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      message: expect.stringContaining('unexpected shape'),
    });
  });

  it('that nothing says the length of is refused, since a cut would not be seen', async () => {
    const server = createTcpServer((socket) => {
      socket.once('data', () =>
        socket.end(
          `HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\nconnection: close\r\n\r\n${reportHeader}"7","a","",""\n`,
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { client } = await start(() => undefined, {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/v2`,
    });
    await expect(collect(reading(client))).rejects.toThrow('nothing in it tells where the report ends');
    await new Promise((resolve) => server.close(resolve));
  });

  it('closes its connection when the reader stops early', async () => {
    const { client, server, reports } = await start((_request, response) => {
      response.writeHead(200, csv).write(reportHeader + '"7","a","",""\n'.repeat(1_000));
    });
    for await (const _batch of reading(client)) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(0);
    expect(reports).toEqual([expect.objectContaining({ outcome: 'aborted', status: 200 })]);
  });
});

describe('a proxy', () => {
  it('is used when given, and passed by for names in NO_PROXY', async () => {
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(request.url!);
      sendJson(response, account);
    });
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url!}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const httpProxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const through = await start((_request, response) => sendJson(response, account), { proxy: { httpProxy } });
    await through.client.account(anyCall()).catch(() => undefined);
    expect(seen.length).toBeGreaterThan(0);
    expect(through.requests).toHaveLength(0);
    const direct = await start((_request, response) => sendJson(response, account), {
      proxy: { httpProxy, noProxy: '127.0.0.1' },
    });
    await direct.client.account(anyCall());
    expect(direct.requests).toHaveLength(1);
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });
});

describe('Custom Reports', () => {
  const request: CustomReportRequest = { fields: ['id', 'techTitle', 'locale'], where: [], sort: null, limit: null };
  const ask = async (answer: Answer, more: Partial<CustomReportRequest> = {}) => {
    const { client } = await start(answer);
    return client.customReport({ ...request, ...more }, anyCall());
  };
  const unknown = {
    errors: [
      { message: 'Cannot query field "tech_title" on type "order_details".' },
      { message: 'Cannot query field "locale" on type "x".' },
    ],
  };

  it('may be closed to the key', async () => {
    expect(
      await ask((_request, response) => sendJson(response, refusal('access_denied|missing_permission'), 403)),
    ).toEqual({ kind: 'not-allowed' });
    await expect(
      ask((_request, response) => sendJson(response, refusal('access_denied|access_denied_invalid_key'), 403)),
    ).rejects.toBeInstanceOf(UpstreamRefused);
  });

  it.each([200, 400])('may not know fields, said with %i', async (status) => {
    expect(await ask((_request, response) => sendJson(response, unknown, status))).toEqual({
      kind: 'unknown-fields',
      fields: ['techTitle', 'locale'],
    });
  });

  it('gives no rows beside an error', async () => {
    const partial = {
      errors: [{ message: 'Something else' }],
      data: { order_details: [{ id: '1', tech_title: null, locale: null }] },
    };
    await expect(ask((_request, response) => sendJson(response, partial))).rejects.toThrow('Something else');
  });

  describe('with a witness', () => {
    const witness = { fields: ['status'], where: [] } as const;
    const rows = [{ id: '1', tech_title: null, locale: 'en' }];
    const askBoth = (body: unknown, status = 200) =>
      ask((_request, response) => sendJson(response, body, status), { witness });

    it('gives the rows of both', async () => {
      expect(await askBoth({ data: { order_details: rows, witness: [{ id: '2', status: 'issued' }] } })).toEqual({
        kind: 'rows',
        orders: [{ id: 1, techTitle: null, locale: 'en' }],
        witness: [{ id: 2, status: 'issued' }],
      });
    });

    it.each([
      ['an error', { errors: [{ message: 'Only one query is supported.' }] }, 200],
      ['an error', { errors: [{ message: 'Only one query is supported.' }] }, 400],
      ['an error of the REST kind', refusal('invalid_request'), 400],
      ['one answer', { data: { order_details: [{ id: '2', status: 'issued' }] } }, 200],
    ])('may be refused, by %s: %j with %i', async (_what, body, status) => {
      expect(await askBoth(body, status)).toEqual({ kind: 'witness-refused' });
    });

    it.each([200, 400])('names the fields it does not know all the same, said with %i', async (status) => {
      expect(await askBoth(unknown, status)).toEqual({ kind: 'unknown-fields', fields: ['techTitle', 'locale'] });
    });

    it('gives no row of the witness that lacks a field', async () => {
      await expect(askBoth({ data: { order_details: rows, witness: [{ id: '2' }] } })).rejects.toThrow(
        'data.witness[0].status is missing',
      );
    });
  });

  it('without a witness gives an error for what is refused', async () => {
    const body = { errors: [{ message: 'Only one query is supported.' }] };
    for (const status of [200, 400]) {
      await expect(ask((_request, response) => sendJson(response, body, status))).rejects.toBeInstanceOf(
        UpstreamRefused,
      );
    }
  });

  it('gives no row that lacks a field', async () => {
    await expect(
      ask((_request, response) => sendJson(response, { data: { order_details: [{ id: '1', locale: null }] } })),
    ).rejects.toThrow('data.order_details[0].tech_title is missing');
  });
});

describe('a restart', () => {
  it('does not spend the windows twice, after a clean end or another', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cert-central-'));
    const budgetLogPath = join(folder, 'calls.json');
    const first = await start((_request, response) => sendJson(response, account), { budgetLogPath });
    for (let call = 0; call < 3; call += 1) await first.client.account(anyCall());
    await first.client.stop();

    const second = await start((_request, response) => sendJson(response, account), { budgetLogPath });
    expect(second.client.budgetState().used.map(({ calls }) => calls)).toEqual([3, 3]);

    const text = readFileSync(budgetLogPath, 'utf8');
    writeFileSync(budgetLogPath, text.replace('"clean":true', '"clean":false'));
    const third = await start((_request, response) => sendJson(response, account), { budgetLogPath });
    expect(third.client.budgetState().used.map(({ calls }) => calls)).toEqual([98, 98]);
    await expect(third.client.account(anyCall({ inMs: 1_000 }))).rejects.toBeInstanceOf(UpstreamBudgetExhausted);
    await third.client.stop();
    rmSync(folder, { recursive: true });
  });
});

describe('the client', () => {
  it('refuses addresses over which the key would be seen, or that are not the Services API', async () => {
    for (const baseUrl of [
      'http://www.digicert.com/services/v2',
      'https://www.digicert.com/',
      'https://u:p@h/services/v2',
      'digicert',
    ]) {
      await expect(start(() => undefined, { baseUrl })).rejects.toThrow(TypeError);
    }
  });

  it('names wrong settings', async () => {
    await expect(start(() => undefined, { settings: { attempts: 0, reportZone: 'Mars' } })).rejects.toThrow(
      /attempts[\s\S]*reportZone|reportZone[\s\S]*attempts/,
    );
  });

  it('does not let an id leave its path', async () => {
    const { client, requests } = await start((_request, response) =>
      sendJson(response, refusal('not_found|order'), 404),
    );
    expect(await client.orderInfo({ serialNumber: '../account?x=#' }, anyCall())).toBeNull();
    expect(requests[0]!.url).toBe('/services/v2/order/certificate/..%2Faccount%3Fx%3D%23');
    await expect(client.orderInfo({ thumbprint: '..' }, anyCall())).rejects.toThrow(TypeError);
    await expect(client.duplicates(orderId(1), anyCall())).resolves.toBeNull();
  });

  it('reads service users by their older path where the newer one is unknown, and does not ask for that again', async () => {
    const robots = { users: [{ id: 7, username: 'robot' }], page: { total: 1 } };
    const { client, requests } = await start((request, response) =>
      request.url!.includes('/service-user')
        ? sendJson(response, refusal('not_found|route'), 404)
        : sendJson(response, robots),
    );
    const page = { limit: 1_000, offset: 0 };
    const found = { total: 1, items: [expect.objectContaining({ id: 7, isServiceUser: true })] };
    expect(await client.listServiceUsers(page, anyCall())).toEqual(found);
    expect(await client.listServiceUsers(page, anyCall())).toEqual(found);
    expect(requests.map(({ url }) => url.replace(/^.*v2|\?.*$/g, ''))).toEqual([
      '/service-user',
      '/user/api-only',
      '/user/api-only',
    ]);
  });
});
