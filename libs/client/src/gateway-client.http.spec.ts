import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { createGatewayClient, type Fetch } from './gateway-client.http.ts';
import { GatewayError } from './gateway-error.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
const key = 'cfk_0123456789_topsecret';

/** A client whose requests are answered by hand and kept. */
function clientWith(answer: () => Response | Promise<Response>) {
  const requests: { url: string; init: RequestInit }[] = [];
  const fetch: Fetch = async (url, init) => {
    requests.push({ url, init });
    return answer();
  };
  return { client: createGatewayClient({ url: 'http://gate.test', key, fetch, nowMs: () => nowMs }), requests };
}

async function failure(work: Promise<unknown>): Promise<GatewayError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

const json = (body: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(body), init);
const refusal = (code: string, status: number, extra: object = {}, headers: Record<string, string> = {}) =>
  json(
    { errors: [{ message: 'No.', extensions: { code, ...extra } }] },
    { status, headers: { 'x-request-id': 'req-1', ...headers } },
  );

describe('query', () => {
  it('posts document and variables with the key and answers the data', async () => {
    const { client, requests } = clientWith(() => json({ data: { me: { name: 'x' } } }));
    expect(await client.query('{ me { name } }', { a: 1 })).toEqual({ me: { name: 'x' } });
    expect(requests[0]).toMatchObject({
      url: 'http://gate.test/graphql',
      init: {
        method: 'POST',
        body: '{"query":"{ me { name } }","variables":{"a":1}}',
        headers: { authorization: `Bearer ${key}` },
        redirect: 'manual',
      },
    });
  });

  it('throws the first error with code, status, request id and facts, also when it came with 200', async () => {
    const { client } = clientWith(() => refusal('PERSISTED_QUERY_NOT_IN_LIST', 200, { nearest: ['expiring-soon'] }));
    const error = await failure(client.query('{ a }'));
    expect(error).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_IN_LIST',
      message: 'No.',
      status: 200,
      requestId: 'req-1',
      retryAfterMs: null,
    });
    expect(error.details.get('nearest')).toEqual(['expiring-soon']);
  });

  it('says so when what answers is not a gateway', async () => {
    const { client } = clientWith(() => new Response('<html>hello</html>'));
    expect(await failure(client.query('{ a }'))).toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      message: expect.stringContaining('http://gate.test'),
    });
  });
});

describe('waiting', () => {
  it.each([
    [
      'the milliseconds of the body',
      refusal('RATE_LIMITED', 429, { retryAfterMs: 1_500 }, { 'retry-after': '2' }),
      1_500,
    ],
    ['seconds', refusal('RATE_LIMITED', 429, {}, { 'retry-after': '6' }), 6_000],
    ['a date', refusal('RATE_LIMITED', 429, {}, { 'retry-after': 'Mon, 23 Nov 2026 12:00:03 GMT' }), 3_000],
    ['nothing', refusal('RATE_LIMITED', 429, {}, { 'retry-after': 'soon' }), null],
  ])('reads %s', async (_what, response, retryAfterMs) => {
    const { client } = clientWith(() => response);
    expect((await failure(client.query('{ a }'))).retryAfterMs).toBe(retryAfterMs);
  });
});

describe('runTemplate', () => {
  it('gives the head at once and the bytes as they arrive', async () => {
    const headers = {
      'x-request-id': 'req-2',
      ratelimit: '"requests";r=37;t=3',
      'ratelimit-policy': '"requests";q=60;w=60',
      'content-type': 'text/csv',
    };
    const { client, requests } = clientWith(() => new Response('a,b\n1,2\n', { headers }));
    const answer = await client.runTemplate('expiring-soon', { format: 'csv', variables: new Map([['days', '30']]) });
    expect(answer).toMatchObject({
      status: 200,
      requestId: 'req-2',
      rateLimit: '"requests";r=37;t=3',
      rateLimitPolicy: '"requests";q=60;w=60',
      contentType: 'text/csv',
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('a,b\n1,2\n');
    expect(requests[0]?.url).toBe('http://gate.test/r/expiring-soon.csv?days=30');
  });

  it('says that an answer is not complete when the connection breaks off inside it', async () => {
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(new TextEncoder().encode('a,b\n'));
          controller.error(new TypeError('terminated'));
        },
      },
      { highWaterMark: 0 },
    );
    const { client } = clientWith(() => new Response(body));
    const answer = await client.runTemplate('x', { format: 'csv', variables: new Map() });
    const read = async () => {
      for await (const _chunk of answer.body);
    };
    expect(await failure(read())).toMatchObject({ code: 'GATEWAY_BROKE_OFF' });
  });

  it('cancels the connection when the reader stops early', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(8)),
      cancel: () => void (cancelled = true),
    });
    const { client } = clientWith(() => new Response(body));
    for await (const _chunk of (await client.runTemplate('x', { format: 'csv', variables: new Map() })).body) break;
    expect(cancelled).toBe(true);
  });

  it.each([
    [401, 'UNAUTHENTICATED'],
    [502, 'UNEXPECTED_ANSWER'],
    [503, 'SERVICE_UNAVAILABLE'],
  ])('makes a sentence of a %i that a proxy answered', async (status, code) => {
    const { client } = clientWith(() => new Response('<html/>', { status }));
    const error = await failure(client.runTemplate('x', { format: 'csv', variables: new Map() }));
    expect(error).toMatchObject({
      code,
      status,
      message: `The gateway answered with status ${status} and without saying why.`,
    });
  });
});

describe('health', () => {
  it('answers also for a gateway that is not ready', async () => {
    const { client } = clientWith(() =>
      json({ parts: {} }, { status: 503, headers: { date: 'Mon, 23 Nov 2026 12:00:03 GMT' } }),
    );
    expect(await client.health()).toEqual({ ready: false, status: 503, report: { parts: {} }, dateMs: nowMs + 3_000 });
  });
});

describe('the key', () => {
  it('is in no error and in no print of the client', async () => {
    const { client } = clientWith(() =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })),
    );
    const error = await failure(client.health());
    expect(error).toMatchObject({
      code: 'GATEWAY_UNREACHABLE',
      message: 'No gateway answers at http://gate.test (ECONNREFUSED).',
    });
    expect(inspect([client, error], { depth: 9, showHidden: true })).not.toContain('topsecret');
  });

  it('is refused before it is sent when it cannot be one', () => {
    const create = () =>
      createGatewayClient({
        url: 'http://gate.test',
        key: `${key}\nx`,
        fetch: () => Promise.reject(new Error()),
        nowMs: () => nowMs,
      });
    expect(create).toThrow(
      expect.objectContaining({ code: 'BAD_KEY_FORMAT', message: expect.not.stringContaining('topsecret') }),
    );
  });

  it('does not follow a redirect', async () => {
    const { client } = clientWith(
      () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.test/' } }),
    );
    expect(await failure(client.query('{ a }'))).toMatchObject({
      code: 'GATEWAY_REDIRECTED',
      message: expect.stringContaining('https://elsewhere.test/'),
    });
  });
});

describe('streams', () => {
  it('come down as they are sent, or are refused with the code', async () => {
    const { client, requests } = clientWith(() => new Response('one\ntwo\n'));
    const { body } = await client.download('/audit.ndjson?since=today');
    let text = '';
    for await (const chunk of body) text += new TextDecoder().decode(chunk);
    expect(text).toBe('one\ntwo\n');
    expect(requests[0]).toMatchObject({
      url: 'http://gate.test/audit.ndjson?since=today',
      init: { redirect: 'manual' },
    });
    const refused = clientWith(() => refusal('FORBIDDEN', 403));
    expect(await failure(refused.client.download('/backup'))).toMatchObject({ code: 'FORBIDDEN', status: 403 });
  });

  const chunks = async function* (failing = false) {
    yield new Uint8Array([1, 2]);
    if (failing) throw new Error('the disk is gone');
  };
  const taking: Fetch = async (_url, init) => {
    const bytes = await new Response(init.body).arrayBuffer().catch((cause: unknown) => {
      throw new TypeError('fetch failed', { cause });
    });
    return json({ bytes: bytes.byteLength });
  };
  const uploader = (fetch: Fetch) => createGatewayClient({ url: 'http://gate.test', key, fetch, nowMs: () => nowMs });

  it('go up as they come, and are answered in JSON', async () => {
    const options = { contentType: 'application/x' };
    expect(await uploader(taking).upload('/restore', chunks(), options)).toEqual({ bytes: 2 });
    const refused = clientWith(() => refusal('BAD_REQUEST', 400));
    expect(await failure(refused.client.upload('/restore', chunks(), options))).toMatchObject({ code: 'BAD_REQUEST' });
    expect(refused.requests[0]!.init.headers).toMatchObject({ 'content-type': 'application/x' });
  });

  it('that fail where they come from say why, not that no gateway answers', async () => {
    const uploading = uploader(taking).upload('/restore', chunks(true), { contentType: 'application/x' });
    await expect(uploading).rejects.toThrow('the disk is gone');
  });
});
