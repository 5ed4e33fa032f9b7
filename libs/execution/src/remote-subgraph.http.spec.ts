import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ReadLedger, containerId, type RequestContext } from '@certfolio/core';
import { identityHeader, verifyIdentity } from '@certfolio/graph-kit';
import { contextOf, loggerAtHand } from '../test/request-context.ts';
import { createRemoteSubgraph, fetchSubgraphSdl } from './remote-subgraph.http.ts';

const secret = 'a secret that both sides know, 32 bytes';
const clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: () => Promise.resolve(),
  schedule: () => () => undefined,
};
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve).closeAllConnections())),
  );
});

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: { query: string; variables: unknown; operationName?: string };
}

/** A subgraph's server that answers as told and keeps what it received. */
async function serve(
  answer: (response: ServerResponse, count: number) => void,
): Promise<{ url: string; received: Received[]; server: Server }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(text) });
      answer(response, received.length);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, received, server };
}

const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

function remote(urls: readonly string[], overrides: Partial<RequestContext> = {}) {
  const logger = loggerAtHand();
  const subgraph = createRemoteSubgraph({ name: 'orders', urls, secret, clock, logger });
  const context = contextOf(Date.now(), overrides);
  return {
    logger,
    context,
    run: (query = '{ x }', variables = {}, name?: string) => subgraph.run(query, variables, name, context),
  };
}

async function refusedUrl(): Promise<string> {
  const { url, server } = await serve(json({}));
  await new Promise((resolve) => server.close(resolve));
  return url;
}

describe('a subgraph over HTTP', () => {
  it('is asked with the query, the request id and a caller that it can verify', async () => {
    const { url, received } = await serve(json({ data: { x: 1 } }));
    const scope = { containers: new Set([containerId(14)]) };
    const { run, context } = remote([url], { run: { id: 'run-1', rowCap: 10, startedAtMs: 0, zone: 'UTC' } });
    const scoped = { ...context, principal: { ...context.principal, scope } };
    const subgraph = createRemoteSubgraph({ name: 'orders', urls: [url], secret, clock, logger: loggerAtHand() });
    expect(await subgraph.run('query Q($n: Int) { x }', { n: 1 }, 'Q', scoped)).toEqual({ data: { x: 1 } });
    await run();

    expect(received[0]!.body).toEqual({ query: 'query Q($n: Int) { x }', variables: { n: 1 }, operationName: 'Q' });
    expect(received[1]!.body).toEqual({ query: '{ x }', variables: {} });
    expect(received[0]!.headers).toMatchObject({ 'content-type': 'application/json', 'x-request-id': 'request-1' });
    const header = received[0]!.headers[identityHeader] as string;
    const verified = verifyIdentity(header, secret, Date.now(), new AbortController().signal)!;
    expect(verified.principal).toEqual(scoped.principal);
    expect(verified).toMatchObject({
      requestId: 'request-1',
      deadline: context.deadline,
      run: { id: 'run-1', rowCap: 10, startedAtMs: 0, zone: 'UTC' },
    });
    expect(verifyIdentity(header, `${secret}!`, Date.now(), new AbortController().signal)).toBeNull();
  });

  it('reports what it read, which is added to what is known', async () => {
    const account = {
      source: 'live',
      dataAsOf: '2026-11-23T10:00:00.000Z',
      upstreamCalls: 3,
      truncated: true,
      totalRows: null,
      unavailableFields: ['csr'],
      plans: ['orders from the list'],
    };
    const { url } = await serve(json({ data: { x: 1 }, extensions: { certfolioReads: account, other: 1 } }));
    const { run, context } = remote([url]);
    context.ledger.called();
    expect(await run()).toEqual({ data: { x: 1 } });
    expect(context.ledger.account()).toEqual({
      ...account,
      stale: false,
      expectedCalls: 0,
      expectedRows: [],
      upstreamCalls: 4,
    });
  });

  it('is told of the trace, and tells which calls it made', async () => {
    const call = {
      ...{ route: 'GET /account', method: 'GET', status: 200, outcome: 'ok', requestId: 'r1' },
      ...{ atMs: 1, durationMs: 2, waitedMs: 0, attempt: 1 },
    };
    const reads = { ...new ReadLedger().account(), calls: [call] };
    const { url, received } = await serve(json({ data: { x: 1 }, extensions: { certfolioReads: reads } }));
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { run, context } = remote([url], { traceparent, ledger: new ReadLedger({ keepsCalls: true }) });
    await run();
    expect(received[0]!.headers).toMatchObject({ traceparent });
    expect(context.ledger.account().calls).toEqual([call]);
    const untraced = remote([url]);
    await untraced.run();
    expect(received[1]!.headers).not.toHaveProperty('traceparent');
  });

  it('passes its errors on beside its data', async () => {
    const errors = [{ message: 'first is 0', path: ['orders', 0], extensions: { code: 'BAD_USER_INPUT' } }];
    const { url } = await serve(json({ data: { orders: null }, errors }));
    expect(await remote([url]).run()).toEqual({ data: { orders: null }, errors });
    const whole = await serve(json({ errors }, 400));
    expect(await remote([whole.url]).run()).toEqual({ data: null, errors });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['a signature it does not accept', json({ errors: [{ message: 'no' }] }, 401)],
    ['HTML', json('<html>502 Bad Gateway</html>', 502)],
    ['nothing', json('')],
    ['JSON that is no answer', json({ message: 'not found' }, 404)],
    ['an empty object', json({})],
    ['a list', json([])],
    ['null', json('null')],
    ['data that is no object', json({ data: 7 })],
    ['an empty list of errors and no data', json({ errors: [] })],
    ['reads that are none', json({ data: { x: 1 }, extensions: { certfolioReads: { upstreamCalls: 'many' } } })],
    [
      'a read at no instant',
      json({
        data: { x: 1 },
        extensions: {
          certfolioReads: {
            source: 'live',
            dataAsOf: 'soon',
            upstreamCalls: 1,
            truncated: false,
            unavailableFields: [],
            plans: [],
          },
        },
      }),
    ],
    [
      'an answer that breaks off',
      (response) => void response.writeHead(200, { 'content-length': 100 }).write('{"data":', () => response.destroy()),
    ],
    ['a connection that breaks off', (response) => void response.destroy()],
  ])('is named when it answers with %s', async (_name, answer) => {
    const { url, received } = await serve(answer);
    const { run, logger, context } = remote([url, url]);
    expect(await run()).toMatchObject({
      data: null,
      errors: [
        {
          message: expect.stringContaining('"orders"'),
          extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'orders' },
        },
      ],
    });
    expect(logger.lines).toMatchObject([{ level: 'warn', facts: { subgraph: 'orders' } }]);
    // It was reached, so no other replica may run the operation again.
    expect(received).toHaveLength(1);
    expect(context.ledger.account()).toMatchObject({ source: null, upstreamCalls: 0 });
  });
});

describe('replicas', () => {
  it('take turns', async () => {
    const [a, b] = [await serve(json({ data: { x: 'a' } })), await serve(json({ data: { x: 'b' } }))];
    const { run } = remote([a.url, b.url]);
    expect([await run(), await run(), await run()]).toEqual([
      { data: { x: 'a' } },
      { data: { x: 'b' } },
      { data: { x: 'a' } },
    ]);
  });

  it('stand in for one that cannot be reached', async () => {
    const { url } = await serve(json({ data: { x: 1 } }));
    const { run, logger } = remote([await refusedUrl(), url]);
    expect(await run()).toEqual({ data: { x: 1 } });
    expect(await run()).toEqual({ data: { x: 1 } });
    expect(logger.lines.length).toBeGreaterThanOrEqual(1);
  });

  it('that are all away, or none, are an error and not a rejection', async () => {
    expect(await remote([await refusedUrl(), await refusedUrl()]).run()).toMatchObject({
      errors: [{ message: expect.stringContaining('ECONNREFUSED'), extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
    expect(await remote([]).run()).toMatchObject({ errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] });
  });
});

describe('time', () => {
  it('ends at the deadline of the request, with the milliseconds that were waited', async () => {
    const { url } = await serve(() => undefined);
    const startedMs = Date.now();
    const answer = await remote([url], { deadline: new Date(startedMs + 80) }).run();
    expect(Date.now() - startedMs).toBeLessThan(2_000);
    expect(answer).toMatchObject({ data: null, errors: [{ extensions: { code: 'GATEWAY_TIMEOUT' } }] });
    const waitedMs = Number(/within (\d+) ms/.exec(answer.errors![0]!.message)![1]);
    expect(waitedMs).toBeGreaterThanOrEqual(70);
  });

  it('ends when the caller has gone', async () => {
    const abort = new AbortController();
    const { url } = await serve(() => abort.abort(new Error('client gone')));
    expect(await remote([url], { signal: abort.signal }).run()).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
  });
});

describe('the SDL of a subgraph', () => {
  it('is read over HTTP', async () => {
    const { url, received } = await serve(json({ data: { _service: { sdl: 'type Query { x: Int }' } } }));
    expect(await fetchSubgraphSdl('orders', url, 'identity', 1_000)).toBe('type Query { x: Int }');
    expect(received[0]!.headers[identityHeader]).toBe('identity');
  });

  it('that cannot be had names the subgraph', async () => {
    const silent = await serve(() => undefined);
    for (const url of [
      (await serve(json({ data: {} }))).url,
      (await serve(json('<html>', 500))).url,
      await refusedUrl(),
      silent.url,
    ]) {
      await expect(fetchSubgraphSdl('orders', url, 'identity', 200)).rejects.toMatchObject({
        code: 'SUBGRAPH_UNAVAILABLE',
        details: { subgraph: 'orders' },
      });
    }
  });
});
