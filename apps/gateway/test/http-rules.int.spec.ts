import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  codesOf,
  graphqlType,
  sha256,
  startRunningGateway,
  templateFile,
  type Got,
  type RunningGateway,
} from './running-gateway.ts';

let gateway: RunningGateway;
let id: string;
/** From the beginning, so that nobody waits for their end alone: after how long each was closed. */
let slowClients: readonly Promise<number>[];
let servedMeanwhile: number;

beforeAll(async () => {
  gateway = await startRunningGateway();
  slowClients = Array.from({ length: 20 }, sendWithoutEnd);
  servedMeanwhile = (await gateway.post({ query: '{ me { name } }' })).status;
  ({ id } = await templateFile('expiring-soon'));
});
afterAll(() => gateway.close());

const uuid = /^[0-9a-f-]{36}$/;

describe('header fields', () => {
  it('every answer to a valid key tells its request id and its rate, refusals included', async () => {
    const answers: readonly [string, Promise<Got>][] = [
      ['data', gateway.post({ query: '{ me { name } }' })],
      ['by id', gateway.ask(`/graphql/${id}`)],
      ['a report', gateway.ask('/r/expiring-soon.csv')],
      ['openapi', gateway.ask('/r/openapi.json')],
      [
        'Custom Reports',
        gateway.ask('/services/v2/reports/query', { method: 'POST', body: { query: '{order_details(limit:1){id}}' } }),
      ],
      ['parse error', gateway.post({ query: '{' })],
      ['bad request', gateway.post([])],
      ['unknown id', gateway.post({ documentId: 'x' })],
      ['PUT', gateway.ask('/graphql', { method: 'PUT', body: {} })],
      ['DELETE of a report', gateway.ask('/r/expiring-soon', { method: 'DELETE' })],
      ['GET of Custom Reports', gateway.ask('/services/v2/reports/query')],
      ['unknown address', gateway.ask('/nothing/here')],
      ['unknown report', gateway.ask('/r/nothing')],
      ['too large', gateway.post({ query: 'x'.repeat(1_100_000) })],
      ['wrong media type', gateway.post('a=b', { headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
      ['broken address', gateway.ask('/graphql/%zz')],
      ['not acceptable', gateway.ask(`/graphql/${id}`, { headers: { accept: 'image/png' } })],
    ];
    for (const [what, promise] of answers) {
      const { headers, status } = await promise;
      expect([what, headers.get('x-request-id')]).toEqual([what, expect.stringMatching(uuid)]);
      expect([what, headers.get('ratelimit-policy')]).toEqual([
        what,
        '"requests";q=6000;w=60, "cost";q=50000000;w=60;qu="points"',
      ]);
      expect([what, headers.get('ratelimit')]).toEqual([
        what,
        expect.stringMatching(/^"requests";r=\d+;t=\d+, "cost";r=\d+;t=\d+$/),
      ]);
      if (status >= 400) expect([what, headers.get('cache-control')]).toEqual([what, 'no-store']);
      expect([what, headers.get('x-powered-by')]).toEqual([what, null]);
    }
  });

  it('a refused key gets a request id and no rate', async () => {
    for (const path of ['/graphql', '/r/expiring-soon', '/r/openapi.json']) {
      for (const key of [null, 'cfk_0123456789_nonsense', 'x'.repeat(40)]) {
        const { status, headers, json } = await gateway.ask(path, { key });
        expect([status, json?.errors?.[0]?.extensions?.['code']]).toEqual([401, 'UNAUTHENTICATED']);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
        expect(headers.get('cache-control')).toBe('no-store');
        expect(headers.get('ratelimit')).toBeNull();
      }
    }
  });

  it('the caller decides no request id', async () => {
    const { headers } = await gateway.ask('/graphql', { headers: { 'x-request-id': 'mine\tforged' } });
    expect(headers.get('x-request-id')).toMatch(uuid);
  });

  it('health, readiness and metrics carry neither and ask for no key', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const { status, headers } = await gateway.ask(path, { key: null });
      expect([path, status, headers.get('x-request-id'), headers.get('ratelimit')]).toEqual([path, 200, null, null]);
    }
  });
});

describe('keys', () => {
  it('in either header field; different ones in both are refused', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN' });
    const query = '{ me { name } }';
    const own = { 'x-dc-devkey': secret };
    expect((await gateway.post({ query }, { key: null, headers: own })).json?.['data'].me.name).toMatch(/^key-/);
    expect((await gateway.post({ query }, { key: secret, headers: own })).status).toBe(200);
    const both = await gateway.post({ query }, { headers: own });
    expect([both.status, codesOf(both)]).toEqual([400, ['BAD_REQUEST']]);
    expect(both.text).not.toContain(secret);
  });

  it('another scheme than Bearer is a 401', async () => {
    const answer = await gateway.ask('/graphql', {
      key: null,
      headers: { authorization: `Basic ${gateway.adminKey}` },
    });
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain(gateway.adminKey);
  });

  it('a revoked key stops working within 5 s', async () => {
    const { secret, id: keyId } = await gateway.makeKey({ level: 'OPEN' });
    const ask = () => gateway.post({ query: '{ me { name } }' }, { key: secret });
    expect((await ask()).status).toBe(200);
    const { json } = await gateway.post({
      query: 'mutation ($id: ID!) { revokeKey(id: $id) { revokedAt } }',
      variables: { id: keyId },
    });
    expect(json?.['data'].revokeKey.revokedAt).toEqual(expect.any(String));
    const revokedMs = performance.now();
    while ((await ask()).status !== 401) {
      expect(performance.now() - revokedMs).toBeLessThan(5_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(performance.now() - revokedMs).toBeLessThan(5_000);
    expect(codesOf(await ask())).toEqual(['UNAUTHENTICATED']);
  });

  it('an expired key stops working', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN', expiresAt: new Date(Date.now() + 1_500).toISOString() });
    const ask = () => gateway.post({ query: '{ me { name } }' }, { key: secret });
    expect((await ask()).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect((await ask()).status).toBe(401);
  });

  it('over its rate a key is refused with the wait, and told the state of its limit', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN', limits: { requestsPerMinute: 10, burst: 10 } });
    const answers = await Promise.all(
      Array.from({ length: 11 }, () => gateway.post({ query: '{ me { name } }' }, { key: secret })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(10).fill(200), 429]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(codesOf(refused)).toEqual(['RATE_LIMITED']);
    expect(refused.json!.errors![0]!.extensions).toMatchObject({
      policy: 'requests',
      retryAfterMs: expect.any(Number),
    });
    expect(refused.headers.get('retry-after')).toMatch(/^[56]$/);
    // the cost of the ten others is given back at 83 points a millisecond, but not all of it has to be yet
    expect(refused.headers.get('ratelimit')).toMatch(/^"requests";r=0;t=[56], "cost";r=(5000000|49999\d\d);t=[01]$/);
    expect(refused.headers.get('cache-control')).toBe('no-store');
  });
});

describe('methods', () => {
  const createKey = 'mutation { createKey(input: {name: "by-get"}) { secret } }';
  it('a mutation never runs by GET', async () => {
    for (const path of [`/graphql?query=${encodeURIComponent(createKey)}`]) {
      const answer = await gateway.ask(path, { headers: { accept: graphqlType } });
      expect([answer.status, codesOf(answer)]).toEqual([405, ['METHOD_NOT_ALLOWED']]);
      expect(answer.headers.get('allow')).toBe('POST');
    }
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(createKey) } };
    const both = `query=${encodeURIComponent(createKey)}&extensions=${encodeURIComponent(JSON.stringify(extensions))}`;
    expect((await gateway.ask(`/graphql?${both}`)).status).toBe(405);
    const { json } = await gateway.post({ query: '{ keys { name } }' });
    expect(JSON.stringify(json)).not.toContain('by-get');
  });

  it('HEAD of a mutation executes nothing either', async () => {
    await gateway.ask(`/graphql?query=${encodeURIComponent(createKey)}`, { method: 'HEAD' });
    const { json } = await gateway.post({ query: '{ keys { name } }' });
    expect(JSON.stringify(json)).not.toContain('by-get');
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s never executes', async (method) => {
    for (const path of [
      '/graphql',
      `/graphql/${id}`,
      `/graphql/persisted/${id}/ExpiringSoon`,
      '/r/expiring-soon',
      '/services/v2/reports/query',
    ]) {
      const answer = await gateway.ask(path, { method, body: { query: createKey } });
      expect([path, answer.status]).toEqual([path, 405]);
      expect(answer.headers.get('allow')).toMatch(/GET|POST/);
      expect(answer.json).not.toHaveProperty('data');
    }
    const { json } = await gateway.post({ query: '{ keys { name } }' });
    expect(JSON.stringify(json)).not.toContain('by-get');
  });
});

describe('bodies', () => {
  it('over the limit is a 413, of any content', async () => {
    for (const body of [JSON.stringify({ query: 'x'.repeat(1_100_000) }), 'x'.repeat(3_000_000)]) {
      const answer = await gateway.post(body);
      expect([answer.status, codesOf(answer)]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
    }
    const justBelow = await gateway.post({ query: '{ me { name } }', variables: { padding: 'x'.repeat(1_000_000) } });
    expect(justBelow.status).not.toBe(413);
  });

  it('a chunked body over the limit is a 413 as well', async () => {
    const chunk = new Uint8Array(64 * 1_024).fill(32);
    const send = () =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json' },
        body: ReadableStream.from(Array<Uint8Array>(17).fill(chunk)),
        duplex: 'half',
      } as RequestInit).then(
        ({ status }) => status,
        () => 'cut off', // The connection is closed with the refusal; a client that still writes may see only that.
      );
    let outcome = await send();
    for (let attempt = 0; outcome === 'cut off' && attempt < 10; attempt += 1) outcome = await send();
    expect(outcome).toBe(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'application/graphql',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
  ])('of type %s is a 415', async (type) => {
    const answer = await gateway.post('{"query":"{ me { name } }"}', { headers: { 'content-type': type } });
    expect([answer.status, codesOf(answer)]).toEqual([415, ['UNSUPPORTED_MEDIA_TYPE']]);
  });

  it('a batch of operations is refused', async () => {
    const answer = await gateway.post([{ query: '{ me { name } }' }, { query: '{ me { name } }' }]);
    expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']]);
  });

  it.each(['', '{', 'null', '"text"', '12', '{"query":', '\u0000', '[]', '{"query": 1}', '{"query": ""}'])(
    '%j is a 400',
    async (body) => {
      for (const accept of [graphqlType, 'application/json']) {
        const answer = await gateway.post(body, { headers: { accept } });
        expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']]);
      }
    },
  );

  it('broken UTF-8 is a 400', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
    });
    expect(response.status).toBe(400);
  });

  it('a deeply nested body does no harm', async () => {
    const variables = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const answer = await gateway.post(`{"query":"{ me { name } }","variables":{"a":${variables}}}`);
    expect(answer.status).toBeLessThan(500);
    const text = await gateway.post({ query: `${'{ a '.repeat(200_000)}${'}'.repeat(200_000)}` });
    expect(text.status).toBeLessThan(500);
  });
});

describe('the short way past the framework', () => {
  it('answers every POST of JSON as the framework does', async () => {
    const { secret: listed } = await gateway.makeKey({ level: 'LISTED' });
    const asks: readonly [string, unknown, Record<string, string>?, (string | null)?][] = [
      ['data', { query: '{ me { name } }' }],
      ['extensions', { query: '{ me { name } }' }, { 'certfolio-extensions': '1' }],
      ['the newer media type', { query: '{ me { name } }' }, { accept: graphqlType }],
      ['a parse error', { query: '{' }, { accept: graphqlType }],
      ['by id', { documentId: id }],
      ['an unknown id', { documentId: 'x' }],
      ['a batch', []],
      ['no JSON', '{'],
      ['a text that is not listed', { query: '{ me { name } }' }, {}, listed],
      ['nothing acceptable', { query: '{ me { name } }' }, { accept: 'image/png' }],
      ['another freshness', { query: '{ me { name } }' }, { 'certfolio-fresh': 'soon' }],
      ['no key', { query: '{ me { name } }' }, {}, null],
      ['a wrong key', { query: '{ me { name } }' }, {}, 'x'.repeat(40)],
    ];
    for (const [what, body, headers = {}, key] of asks) {
      const told = async (type: string) => {
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        const options = { headers: { ...headers, 'content-type': type }, ...(key === undefined ? {} : { key }) };
        const got = await gateway.post(text, options);
        // What differs from request to request, and what any server adds.
        const varies = new Set(['x-request-id', 'ratelimit', 'date', 'connection', 'keep-alive', 'content-length']);
        const fields = [...got.headers].filter(([name]) => !varies.has(name)).sort();
        return { status: got.status, fields, text: got.text.replaceAll(/[0-9a-f-]{36}|"dataAsOf":"[^"]*"/g, '…') };
      };
      // Node's own spelling goes the short way, any other through the framework.
      const [short, long] = [await told('application/json'), await told('application/json; charset="utf-8"')];
      expect([what, short]).toEqual([what, long]);
    }
  });

  it('is not taken by a body that is too long, and no key is asked less than elsewhere', async () => {
    const { status, headers } = await gateway.post({ query: 'x'.repeat(1_100_000) });
    expect([status, headers.get('content-type')]).toEqual([413, 'application/json; charset=utf-8']);
    const { secret } = await gateway.makeKey({ limits: { requestsPerMinute: 1, burst: 2 } });
    const statuses: number[] = [];
    for (let nth = 0; nth < 3; nth += 1)
      statuses.push((await gateway.post({ query: '{ me { name } }' }, { key: secret })).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('caching of what is read by id', () => {
  it('GET of a template has an entity tag, and answers 304 to it', async () => {
    const first = await gateway.ask(`/graphql/${id}?variables={"days":60}`);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(first.headers.get('cache-control')).toMatch(/^private/);
    const vary = first.headers.get('vary')!.toLowerCase();
    for (const name of ['accept', 'authorization', 'x-dc-devkey']) expect(vary).toContain(name);

    for (const given of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await gateway.ask(`/graphql/${id}?variables={"days":60}`, { headers: { 'if-none-match': given } });
      expect([given, again.status, again.text]).toEqual([given, 304, '']);
      expect(again.headers.get('etag')).toBe(etag);
      expect(again.headers.get('vary')).toBe(first.headers.get('vary'));
      expect(again.headers.get('ratelimit')).not.toBeNull();
    }
    const other = await gateway.ask(`/graphql/${id}?variables={"days":365}`, { headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);
  });

  it('POST, free texts and refusals are not to be stored', async () => {
    for (const answer of [
      await gateway.post({ documentId: id }),
      await gateway.ask(`/graphql?query=${encodeURIComponent('{ me { name } }')}`),
      await gateway.post({ documentId: 'unknown' }),
    ]) {
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('etag')).toBeNull();
    }
  });
});

describe('what is never told', () => {
  it('a refusal holds no stack, no path of a file and no key', async () => {
    const answers = await Promise.all([
      gateway.post({ query: '{ nothing }' }),
      gateway.post({ query: '{' }),
      gateway.post({ query: `{ order(id: "999999999") { id } }`, operationName: 'x' }),
      gateway.post('{'),
      gateway.ask('/graphql/%zz'),
      gateway.ask('/r/expiring-soon?days=x'),
      gateway.ask('/services/v2/reports/query', { method: 'POST', body: '{' }),
      gateway.ask(`/nothing/${gateway.adminKey}`),
    ]);
    for (const { text, status } of answers) {
      expect(status).toBeGreaterThanOrEqual(200);
      expect(text).not.toMatch(/\bat .*\.(ts|js|mjs):\d+|node_modules|stacktrace|\/apps\/|\/libs\//);
    }
    expect(gateway.process.stderr()).not.toContain(gateway.adminKey);
    expect((await gateway.ask('/metrics', { key: null })).text).not.toContain(gateway.adminKey);
  });
});

describe('slow clients', () => {
  it('a request whose header does not end is closed within 20 s, and others are served meanwhile', async () => {
    for (const closedMs of await Promise.all(slowClients)) expect(closedMs).toBeLessThan(20_000);
    expect(servedMeanwhile).toBe(200);
  }, 30_000);
});

/** Sends the fields of a header without an end. @returns after how long it was closed */
function sendWithoutEnd(): Promise<number> {
  const { hostname, port } = new URL(gateway.url);
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n');
    });
    const drip = setInterval(() => socket.write('X-Slow: 1\r\n'), 1_000);
    socket.on('error', () => undefined);
    socket.resume();
    socket.on('close', () => {
      clearInterval(drip);
      resolve(performance.now() - startedMs);
    });
  });
}
