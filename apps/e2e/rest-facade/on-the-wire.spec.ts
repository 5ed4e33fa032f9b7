import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { createStage, type ProductProcess } from '../harness/index.ts';
import { ask, sendRaw, type Wish } from './bytes.ts';
import { startRecordingUpstream, type RecordingUpstream } from './recording-upstream.ts';

const stage = createStage();
const upstreamKey = 'the-account-s-own-certcentral-key-0001';

let upstream: RecordingUpstream;
let product: ProductProcess;
let key: string;

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  stage.defer(() => upstream.stop());
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  product = await stage.product({
    env: {
      CERTFOLIO_DATABASE_URL: database.url,
      CERTCENTRAL_API_KEY: upstreamKey,
      CERTCENTRAL_BASE_URL: upstream.baseUrl,
      LOG_LEVEL: 'debug',
    },
  });
  ({ key } = await product.createKey({ name: 'script', level: 'OPEN', rest: 'WRITE' }));
});
beforeEach(() => void upstream.reached.splice(0));

const facade = (path: string, { headers, ...wish }: Wish = {}) =>
  ask(`${product.url}/services/v2${path}`, { ...wish, headers: { 'X-DC-DEVKEY': key, ...headers } });
const raw = (bytes: string) => sendRaw(product.url, bytes.replaceAll('\n', '\r\n'));
/** Header fields as they reached CertCentral, in small letters. */
const fieldsOf = ({ rawHeaders }: { readonly rawHeaders: readonly string[] }) =>
  new Map(rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1]!]] : [])));

describe('what reaches CertCentral', () => {
  it('is the call as it was written, with the key of the account in place of the caller’s', async () => {
    await facade('/order/certificate/7?filters[status]=issued&filters%5Ba%5D=%C3%A4+b&x&=&limit=1', {
      headers: { Accept: 'text/csv;q=0.5', 'X-Trace': ['one', 'two'], 'accept-encoding': 'gzip, br' },
    });
    const [call] = upstream.reached;
    expect(call!.url).toBe(
      '/services/v2/order/certificate/7?filters[status]=issued&filters%5Ba%5D=%C3%A4+b&x&=&limit=1',
    );
    expect(call!.rawHeaders.join('\n')).toMatch(
      /Accept\ntext\/csv;q=0.5\nX-Trace\none\nX-Trace\ntwo\naccept-encoding\ngzip, br/,
    );
    const fields = fieldsOf(call!);
    expect(fields.get('x-dc-devkey')).toBe(upstreamKey);
    expect(fields.get('host')).toBe(new URL(upstream.baseUrl).host);
    expect(fields.has('user-agent')).toBe(false);
  });

  it('has nothing of the hop to us, no cookie, no field of ours and no key of the caller', async () => {
    await facade('/user/me', {
      headers: {
        Authorization: `Bearer ${key}`,
        Cookie: 'session=1',
        'Certfolio-Fresh': 'live',
        'X-Forwarded-For': '10.0.0.1',
        Forwarded: 'for=10.0.0.1',
        Connection: 'close, x-private',
        'X-Private': '1',
        TE: 'trailers',
        'User-Agent': 'script/1',
      },
    });
    const [call] = upstream.reached;
    expect([...fieldsOf(call!).keys()].sort()).toEqual(['connection', 'host', 'user-agent', 'x-dc-devkey']);
    expect(call!.rawHeaders.join('\n')).not.toContain(key);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'may be a %s, with a body of any type and length',
    async (method) => {
      const body = Buffer.from(Array.from({ length: 300_000 }, (_each, at) => at % 251));
      const sent = await facade('/anything', { method, body, headers: { 'Content-Type': 'made up; ;' } });
      expect([sent.status, upstream.reached.length]).toEqual([200, 1]);
      const [call] = upstream.reached;
      expect([call!.method, call!.body!.equals(body)]).toEqual([method, true]);
      expect(fieldsOf(call!).get('content-length')).toBe('300000');
    },
  );

  it('has a body without a length when the caller told none', async () => {
    await facade('/anything', { method: 'POST', body: 'abc', isChunked: true });
    const [call] = upstream.reached;
    expect([fieldsOf(call!).get('transfer-encoding'), call!.body!.toString()]).toEqual(['chunked', 'abc']);
  });

  it('comes once, also when the caller waits to be told to go on', async () => {
    const sent = await facade('/anything', { method: 'PUT', body: '{}', headers: { Expect: '100-continue' } });
    expect([sent.status, upstream.reached.length]).toEqual([200, 1]);
    expect(fieldsOf(upstream.reached[0]!).has('expect')).toBe(false);
  });

  it.each([
    ['/order/certificate/', '/services/v2/order/certificate/'],
    ['//user/me', '/services/v2//user/me'],
    ['/user//me?a=//b', '/services/v2/user//me?a=//b'],
    ['//evil.example/x', '/services/v2//evil.example/x'],
    ['/@evil.example', '/services/v2/@evil.example'],
    ['/http://evil.example/', '/services/v2/http://evil.example/'],
    ['/order/certificate/%2Fa%3Fb', '/services/v2/order/certificate/%2Fa%3Fb'],
  ])('is never at another host, whatever the path says: %s', async (path, reached) => {
    expect((await facade(path)).status).toBe(200);
    expect(upstream.reached.map(({ url }) => url)).toEqual([reached]);
  });

  it('is what an absolute address names below our own host', async () => {
    const answer = await raw(
      `GET http://evil.example/services/v2/user/me HTTP/1.1\nHost: evil.example\nx-dc-devkey: ${key}\nConnection: close\n\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(upstream.reached.map(({ url }) => url)).toEqual(['/services/v2/user/me']);
  });

  it.each(['x-dc-devkey', 'X-DC-DEVKEY', 'X-Dc-DevKey'])('takes the key as %s', async (name) => {
    expect(await raw(`GET /services/v2/user/me HTTP/1.0\n${name}: ${key}\n\n`)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('what does not reach CertCentral', () => {
  it.each(['/../user', '/user/../../x', '/%2e%2e/user', '/user/%2E%2e%2fx', '/..%5cx', '/./user', '/user/..;/x'])(
    'is a path that climbs: %s',
    async (path) => {
      const sent = await facade(path);
      expect([sent.status, JSON.parse(sent.body.toString())]).toMatchObject([
        400,
        { errors: [{ code: 'bad_request_format' }] },
      ]);
      expect(upstream.reached).toEqual([]);
    },
  );

  it('is a TRACE, which would show the key of the account', async () => {
    expect((await facade('/user/me', { method: 'TRACE' })).status).toBe(405);
    expect(upstream.reached).toEqual([]);
  });

  it('is a request whose end two readers could see in two places', async () => {
    const head = `POST /services/v2/order HTTP/1.1\nHost: x\nX-DC-DEVKEY: ${key}\n`;
    for (const lengths of [
      'Content-Length: 3\nContent-Length: 4\n\nabcd',
      'Content-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n',
      'Transfer-Encoding: chunked, identity\n\n0\n\n',
      'Transfer-Encoding: xchunked\n\n0\n\n',
      'Content-Length: +3\n\nabc',
    ]) {
      const answer = await raw(head + lengths);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('{"errors":[{"code":"bad_request_format",');
    }
    expect(upstream.reached).toEqual([]);
  });

  it('is a header that is longer than anybody takes', async () => {
    const sent = await facade(`/order/certificate?filters[search]=${'x'.repeat(20_000)}`);
    expect([sent.status, JSON.parse(sent.body.toString())]).toMatchObject([
      431,
      { errors: [{ code: 'bad_request_format' }] },
    ]);
    expect(upstream.reached).toEqual([]);
  });

  it('is a body over the limit', async () => {
    const sent = await raw(
      `POST /services/v2/order HTTP/1.1\nHost: x\nX-DC-DEVKEY: ${key}\nContent-Length: 999999999\nConnection: close\n\n`,
    );
    expect(sent).toMatch(/^HTTP\/1\.1 413 /);
    expect(upstream.reached).toEqual([]);
  });
});

describe('what the caller gets', () => {
  it('is the answer as CertCentral wrote it, its coding included', async () => {
    const zipped = gzipSync('{"a":1}');
    upstream.on('/zipped', (response) => {
      response.writeHead(207, 'Of Its Own', [
        'Content-Type',
        'application/json',
        'Content-Encoding',
        'gzip',
        'X-Twice',
        'one',
        'X-Twice',
        'two',
        'Set-Cookie',
        'a=1',
        'Strict-Transport-Security',
        'max-age=1',
        'X-Request-Id',
        'theirs',
        'Content-Length',
        String(zipped.length),
      ]);
      response.end(zipped);
    });
    const { status, statusText, headers, body } = await facade('/zipped', { headers: { 'Accept-Encoding': 'gzip' } });
    expect([status, statusText, body.equals(zipped), gunzipSync(body).toString()]).toEqual([
      207,
      'Of Its Own',
      true,
      '{"a":1}',
    ]);
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'x-twice': 'one, two' });
    expect(headers).toMatchObject({ 'certfolio-upstream-request-id': 'theirs', 'x-request-id': /^/ });
    expect(headers).not.toHaveProperty('set-cookie');
    expect(headers).not.toHaveProperty('strict-transport-security');
  });

  it('is a redirect, which is not followed', async () => {
    upstream.on('/elsewhere', (response) => response.writeHead(302, { Location: 'http://evil.example/' }).end());
    const { status, headers } = await facade('/elsewhere');
    expect([status, headers.location, upstream.reached.length]).toEqual([302, 'http://evil.example/', 1]);
  });

  it('may come before the end of what is sent', async () => {
    // Kept open: a server that closes while it is sent to resets the connection, and the answer may be lost with it.
    const headers = { 'Content-Type': 'text/plain', Connection: 'keep-alive' };
    upstream.on('/early', (response) => response.writeHead(409, headers).end('no'));
    for (let times = 1; times <= 10; times += 1) {
      const got = await facade('/early', { method: 'POST', body: Buffer.alloc(20_000_000) });
      expect([got.status, got.body.toString(), upstream.reached.length]).toEqual([409, 'no', times]);
    }
  });

  it('may come before the end of what is never sent whole, which is waited for 3 s', async () => {
    upstream.on('/early', (response) => response.writeHead(409).end('no'));
    const startedMs = performance.now();
    const answer = await raw(
      `POST /services/v2/early HTTP/1.1\nHost: x\nX-DC-DEVKEY: ${key}\nConnection: close\nContent-Length: 100\n\nbegun`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 409 /);
    expect(performance.now() - startedMs).toBeGreaterThan(2_900);
  });

  it('is sent while it comes', async () => {
    const first = Promise.withResolvers<void>();
    upstream.on('/slow', (response) => {
      response.writeHead(200, { 'Content-Type': 'text/csv' }).write('a,b\n');
      void first.promise.then(() => response.end('1,2\n'));
    });
    const call = request(`${product.url}/services/v2/slow`, { headers: { 'X-DC-DEVKEY': key } });
    call.end();
    const [response] = (await once(call, 'response')) as [NodeJS.ReadableStream];
    const [piece] = (await once(response, 'data')) as [Buffer];
    expect(piece.toString()).toBe('a,b\n');
    first.resolve();
    await once(response.resume(), 'end');
  });
});

describe('a caller who leaves', () => {
  const leave = async (method: string) => {
    const before = upstream.reached.length;
    const call = request(`${product.url}/services/v2/waiting`, { method, headers: { 'X-DC-DEVKEY': key } });
    call.on('error', () => undefined);
    call.end();
    while (upstream.reached.length === before) await sleep(5);
    call.destroy();
    return upstream.reached.at(-1)!;
  };

  it('ends a read at CertCentral, too, and no write that was sent', async () => {
    const held: ServerResponseEnd[] = [];
    upstream.on('/waiting', (response) => held.push(() => response.end('{}')));
    const read = await leave('GET');
    while (!read.isLeft) await sleep(5);
    const write = await leave('PUT');
    // The read's connection closed within a moment; the write's stays for as long as CertCentral takes.
    await sleep(300);
    expect(write.isLeft).toBe(false);
    for (const end of held) end();
  });
});
type ServerResponseEnd = () => void;

it('no key is in what the product prints, at its most talkative', () => {
  const printed = product.output();
  expect(printed).toContain('Called CertCentral');
  for (const secret of [key, upstreamKey]) expect(printed).not.toContain(secret);
});
