import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { codesOf, graphqlType, startRunningGateway, type RunningGateway } from './running-gateway.ts';

const isLong = Boolean(process.env['CERTFOLIO_TEST_LONG']);
let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startRunningGateway();
});
afterAll(() => gateway.close());

function open(): Socket {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  return socket;
}

interface RawAnswer {
  readonly status: number | null;
  readonly headers: string;
  readonly body: string;
  /** Answers on this connection. */
  readonly count: number;
}

/** Sends bytes as they are and reads until the other side closes. */
function raw(bytes: string): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = open();
    let text = '';
    socket.on('data', (piece) => (text += piece.toString('latin1')));
    socket.on('close', () => {
      const [headers = '', body = ''] = text.split('\r\n\r\n', 2);
      const status = /^HTTP\/1\.1 (\d+)/.exec(headers)?.[1];
      resolve({
        status: status === undefined ? null : Number(status),
        headers: headers.toLowerCase(),
        body,
        count: text.match(/HTTP\/1\.1 \d+/g)?.length ?? 0,
      });
    });
    socket.write(bytes, 'latin1');
  });
}

const query = '{"query":"{__typename}"}';
const withKey = () => `Authorization: Bearer ${gateway.adminKey}\r\n`;
const post = (headers: string, body = query) =>
  `POST /graphql HTTP/1.1\r\nHost: a\r\n${withKey()}Content-Type: application/json\r\n${headers}\r\n${body}`;

describe('what is no request', () => {
  it.each<[string, number, () => string]>([
    ['two lengths', 400, () => post(`Content-Length: 3\r\nContent-Length: ${query.length}\r\n`)],
    [
      'a length and chunks',
      400,
      () => post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n'),
    ],
    [
      'two transfer encodings',
      400,
      () => post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
    ],
    ['an unknown transfer encoding', 400, () => post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
    ['a negative length', 400, () => post('Content-Length: -1\r\n')],
    ['a signed length', 400, () => post(`Content-Length: +${query.length}\r\n`)],
    ['a folded header', 400, () => post(`X-A: a\r\n b\r\nContent-Length: ${query.length}\r\n`)],
    ['a space before the colon', 400, () => post(`X-A : a\r\nContent-Length: ${query.length}\r\n`)],
    ['a NUL in a header', 400, () => post(`X-A: a\0b\r\nContent-Length: ${query.length}\r\n`)],
    ['bare line feeds', 400, () => 'GET /healthz HTTP/1.1\nHost: a\n\n'],
    ['no host', 400, () => 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['another protocol', 400, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', 400, () => `BREW /graphql HTTP/1.1\r\nHost: a\r\n${withKey()}\r\n`],
    [
      'bytes outside ASCII in the address',
      400,
      () => `GET /r/expiring\u00adsoon HTTP/1.1\r\nHost: a\r\n${withKey()}\r\n`,
    ],
    ['a header that is too long', 431, () => `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`],
  ])('%s is a %i, and nothing behind it is read as a request of its own', async (_what, status, bytes) => {
    const answer = await raw(`${bytes()}GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect([answer.status, answer.count]).toEqual([status, 1]);
    expect(answer.body).not.toContain('__typename');
  });

  it('is refused in the form of every other refusal', async () => {
    const { headers, body } = await raw('GET / HTTP/1.1\r\nHost : a\r\n\r\n');
    expect(JSON.parse(body)).toEqual({
      errors: [{ message: 'The HTTP request is malformed.', extensions: { code: 'BAD_REQUEST' } }],
    });
    expect(headers).toMatch(/x-request-id: [0-9a-f-]{36}/);
    expect(headers).toContain('cache-control: no-store');
    expect(headers).toContain('connection: close');
  });
});

it('several hosts in one request are a 400', async () => {
  const ask = (hosts: string) =>
    raw(`GET /graphql?query={__typename} HTTP/1.1\r\n${hosts}${withKey()}Connection: close\r\n\r\n`);
  expect((await ask('Host: a\r\n')).status).toBe(200);
  const answer = await ask('Host: a\r\nhost: b\r\n');
  expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('more than one host')]);
});

it('HTTP/1.0 without a host is answered and closed', async () => {
  const answer = await raw('GET /healthz HTTP/1.0\r\n\r\n');
  expect([answer.status, answer.body]).toEqual([200, '{"status":"ok"}']);
});

it('a compressed body is a 415 at every door that reads one', async () => {
  for (const path of ['/graphql', '/services/v2/reports/query']) {
    for (const body of [query, gzipSync(query).toString('latin1')]) {
      const answer = await raw(
        `POST ${path} HTTP/1.1\r\nHost: a\r\n${withKey()}Content-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect([path, answer.status, answer.body]).toEqual([
        path,
        415,
        expect.stringContaining('content encoding \\"gzip\\"'),
      ]);
    }
  }
  const plain = await gateway.post(query, { headers: { 'content-encoding': 'identity' } });
  expect(plain.status).toBe(200);
});

describe('addresses', () => {
  it.each([
    '/r/..%2f..%2fetc%2fpasswd',
    '/r/..%2fopenapi.json',
    '/r/%2e%2e/graphql',
    '/r/%00',
    '/r/expiring-soon%00.csv',
    '/r/expiring-soon.csv%00',
    '/r/a%0d%0aX-Evil:%201',
    '/r/expiring%E2%80%91soon',
    '/r/%D0%B5xpiring-soon',
    '/r/EXPIRING-SOON',
    '/r/__proto__',
    '/r/constructor.json',
    '/r/__proto__/explain',
    '/r/hasOwnProperty@1.csv',
    '/%2e%2e/%2e%2e/etc/passwd',
  ])('%s is nothing', async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: a\r\n${withKey()}Connection: close\r\n\r\n`);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.headers).not.toContain('x-evil');
    expect(answer.body).not.toMatch(/root:|node_modules|\/libs\//);
  });

  it.each(['/%', '/r/%zz', '/r/%c0%ae%c0%ae', '/r/%ff', `/graphql/${'a'.repeat(600)}`])(
    '%s is malformed',
    async (path) => {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: a\r\n${withKey()}Connection: close\r\n\r\n`);
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('BAD_REQUEST')]);
    },
  );

  it.each([
    'documentId=a&documentId=b',
    'query={__typename}&query={me{name}}',
    'query={__typename}&variables={}&variables={"a":1}',
    'query={__typename}&variables=[]',
    'query={__typename}&extensions={"persistedQuery":"x"}',
    'query={__typename}&extensions={"persistedQuery":{"version":1,"sha256Hash":["a"]}}',
  ])('a parameter twice or of the wrong shape is a 400: %s', async (search) => {
    const answer = await gateway.ask(`/graphql?${search}`);
    expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']]);
  });
});

describe('values', () => {
  const ask = (text: string, variables: unknown = {}) =>
    gateway.post({ query: text, variables }, { headers: { accept: graphqlType } });

  it('names that every object inherits are names like others', async () => {
    const { json } = await ask('{ __proto__: __typename constructor: __typename toString: me { name } }');
    expect(Object.keys(json!['data'])).toEqual(['__proto__', 'constructor', 'toString']);
    const none = await ask(
      '{ a: container(id: "__proto__") { id } b: user(id: "constructor") { id } c: product(nameId: "constructor") { nameId } d: organization(id: "NaN") { id } e: domain(id: "1e3") { id } f: order(id: -1) { id } g: order(id: 99999999999999999999999) { id } }',
    );
    expect(none.json).toEqual({ data: { a: null, b: null, c: null, d: null, e: null, f: null, g: null } });
    const named = await gateway.post({ query: 'query A { __typename }', operationName: '__proto__' });
    expect(codesOf(named)).toEqual(['OPERATION_RESOLUTION_FAILURE']);
  });

  it('what no database text can hold finds nothing, and no value is part of a statement', async () => {
    for (const value of ['\u0000', '\ud800', "'; drop table mirror_orders;--", '\\', '%'.repeat(60) + 'x', '${1}']) {
      const answer = await ask(
        'query ($a: String) { orders(first: 1, filter: { commonName: { eq: $a } }) { totalCount } like: orders(first: 1, filter: { commonName: { like: $a }, dnsName: { contains: $a } }) { nodes { id } } }',
        { a: value },
      );
      expect([value, answer.status, answer.json?.errors]).toEqual([value, 200, undefined]);
      expect(answer.json!['data'].orders.totalCount).toBe(0);
    }
  });

  it('numbers, days, zones and cursors out of range are refused by name', async () => {
    for (const argument of [
      'first: -1',
      'first: 100000',
      'first: 1, after: "W10="',
      'first: 1, after: "\\u0000"',
      'first: 1, filter: { validTill: { nextDays: 2147483647 } }',
      'first: 1, filter: { validTill: { gte: "-271822-01-01" } }',
      'first: 1, filter: { validTill: { gte: "today+99999999999d" } }',
      'first: 1, filter: { timeZone: "../../etc/passwd", validTill: { gte: "today" } }',
    ]) {
      const answer = await ask(`{ orders(${argument}) { totalCount } }`);
      expect([argument, answer.status, codesOf(answer)]).toEqual([argument, 400, ['BAD_USER_INPUT']]);
    }
  });

  it('JSON that nests deeply is refused, and large lists are read', async () => {
    const deep = `{"query":"query ($f: OrderFilter) { orders(filter: $f) { totalCount } }","variables":{"f":${'{"not":'.repeat(8_000)}{}${'}'.repeat(8_000)}}}`;
    expect(codesOf(await gateway.post(deep))).toEqual(['BAD_REQUEST']);
    const ids = Array.from({ length: 20_000 }, (_, index) => index);
    const wide = await ask('query ($ids: [ID!]) { orders(first: 1, filter: { id: { in: $ids } }) { totalCount } }', {
      ids,
    });
    expect(wide.json).toEqual({ data: { orders: { totalCount: 0 } } });
  });
});

it('slow bodies hold nothing up', async () => {
  const startedMs = performance.now();
  const closed = Array.from({ length: 50 }, () => {
    const socket = open();
    socket.write(post('Content-Length: 100000\r\n', '{"query":"'));
    const drip = setInterval(() => socket.write(' '), 500);
    socket.resume();
    return {
      socket,
      end: new Promise<number>((resolve) =>
        socket.on('close', () => {
          clearInterval(drip);
          resolve(performance.now() - startedMs);
        }),
      ),
    };
  });
  for (let round = 0; round < 6; round += 1) {
    const askedMs = performance.now();
    expect((await gateway.post({ query: '{ me { name } }' })).status).toBe(200);
    expect(performance.now() - askedMs).toBeLessThan(1_500);
    await sleep(250);
  }
  // Which the product does after 30 s; the short run does not wait for it.
  if (!isLong) for (const { socket } of closed) socket.destroy();
  for (const { end } of closed) expect(await end).toBeLessThan(35_000);
}, 60_000);
