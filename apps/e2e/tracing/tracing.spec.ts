import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { createStage, dataOf, statsOf, toldFacts, type ProductProcess } from '../harness/index.ts';
import { startCollector, type Collector, type ReceivedSpan } from './collector.ts';

const stage = createStage();
const upstreamKey = 'the-key-of-certcentral';
let collector: Collector;
let emulator: EmulatorProcess;
let product: ProductProcess;

beforeAll(async () => {
  collector = await startCollector();
  stage.defer(() => collector.stop());
  emulator = await stage.emulator({ orders: 120 });
  const files = await mkdtemp(join(tmpdir(), 'certfolio-tracing-'));
  stage.defer(() => rm(files, { recursive: true, force: true }));
  const config = join(files, 'certfolio.yaml');
  await writeFile(config, `destinations:\n  folder: { kind: folder, path: ${JSON.stringify(files)} }\n`);
  product = await stage.productOn(emulator, {
    upstreamKey,
    env: {
      CERTFOLIO_CONFIG: config,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=pki',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
}, 60_000);
beforeEach(() => {
  collector.spans.length = 0;
});

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpanId = '00f067aa0ba902b7';
const traceparent = (flags: '00' | '01') => `00-${traceId}-${callerSpanId}-${flags}`;
/** Waits for the span of a request, which is sent after those of its calls. */
async function spanOf(isIt: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = collector.spans.find(isIt);
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`No such span among ${JSON.stringify(collector.spans.map(({ name }) => name))}.`);
}
const below = (parent: ReceivedSpan) => collector.spans.filter((span) => span.parentSpanId === parent.spanId);

it('a report is a span in the trace of its caller, with the calls of CertCentral below it', async () => {
  const before = await statsOf(emulator);
  const answer = await product.admin.fetch('/r/expiring-soon.json?days=365', {
    headers: { traceparent: traceparent('01') },
  });
  expect(answer.status).toBe(200);
  const calls = (await statsOf(emulator)).total - before.total;
  expect(calls).toBeGreaterThan(0);

  const span = await spanOf((each) => each.traceId === traceId && each.kind === 2);
  expect(span).toMatchObject({
    parentSpanId: callerSpanId,
    name: 'report-url expiring-soon',
    failure: null,
    attributes: {
      'http.response.status_code': 200,
      'certfolio.request_id': answer.headers.get('x-request-id'),
      'certfolio.decision': 'ok',
      'certfolio.template': 'expiring-soon@1',
      'certfolio.rows': toldFacts(answer).rows,
      'certfolio.upstream_calls': calls,
    },
    resource: { 'service.name': 'certfolio', 'deployment.environment': 'test' },
  });
  const made = below(span);
  expect(made).toHaveLength(calls);
  for (const call of made) {
    const [method, path] = call.name.split(' ');
    const attributes = {
      'http.request.method': method,
      'url.template': path,
      'http.response.status_code': 200,
      'certfolio.outcome': 'ok',
    };
    expect(call).toMatchObject({ traceId, kind: 3, failure: null, attributes });
    expect(call.startMs).toBeGreaterThanOrEqual(Math.floor(span.startMs));
    expect(call.endMs).toBeLessThanOrEqual(span.endMs + 1);
  }
  expect(collector.requests[0]).toMatchObject({
    path: '/v1/traces',
    headers: { 'content-type': 'application/x-protobuf', 'x-tenant': 'pki' },
  });
});

it('a call of the REST façade is one, too', async () => {
  const list = await product.admin.fetch('/services/v2/order/certificate?limit=1');
  expect(list.status).toBe(200);
  const span = await spanOf(({ name }) => name === 'rest GET /order/certificate');
  expect(span.attributes).toMatchObject({ 'http.route': 'GET /order/certificate', 'http.response.status_code': 200 });
  expect(below(span)).toMatchObject([{ name: 'GET /order/certificate', kind: 3 }]);
});

it('so is a run of a schedule', async () => {
  const yaml = '- { name: yearly, template: wildcards, cron: 0 4 29 2 *, to: [folder] }\n';
  dataOf(await product.admin.graphql('mutation ($yaml: String!) { applySchedules(yaml: $yaml) { name } }', { yaml }));
  const begun = dataOf<{ runSchedule: { id: string } }>(
    await product.admin.graphql('mutation { runSchedule(name: "yearly") { id } }'),
  );
  const span = await spanOf(({ name }) => name === 'schedule wildcards');
  expect(span.attributes).toMatchObject({ 'certfolio.request_id': begun.runSchedule.id, 'certfolio.decision': 'ok' });
  expect(below(span).length).toBe(span.attributes['certfolio.upstream_calls']);
  expect(below(span).length).toBeGreaterThan(0);
});

it('one that the caller does not sample is sent by nobody', async () => {
  await product.admin.fetch('/r/expiring-soon.json', { headers: { traceparent: traceparent('00') } });
  await product.admin.graphql('{ __typename }');
  await spanOf(({ name }) => name === 'graphql (text)');
  expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
});

it('what CertCentral did wrong is a failure, with each attempt; what the caller did wrong is none', async () => {
  await emulator.control('faults', {
    method: 'POST',
    body: { route: 'GET /order/certificate/{id}', kind: 'status', status: 500, count: 0 },
  });
  try {
    await product.admin.graphql('query Broken { order(id: 1) { id certificate { keySize } } }');
  } finally {
    await emulator.control('faults', { method: 'DELETE' });
  }
  const broken = await spanOf(({ attributes }) => attributes['graphql.operation.name'] === 'Broken');
  expect(broken.failure).toBe('UPSTREAM_UNAVAILABLE');
  const attempts = below(broken);
  expect(attempts.length).toBeGreaterThan(1);
  expect(attempts[1]).toMatchObject({
    failure: 'failed',
    attributes: { 'http.response.status_code': 500, 'http.request.resend_count': 1 },
  });

  await product.admin.graphql('query Wrong { nothing }');
  const wrong = await spanOf(({ attributes }) => attributes['certfolio.decision'] === 'GRAPHQL_VALIDATION_FAILED');
  expect(wrong.failure).toBeNull();
});

it('no key and no value of a variable is sent', async () => {
  const name = 'a-name-that-nobody-has.example.test';
  await product.admin.graphql(
    'query Search($name: String!) { orders(filter: { commonName: { eq: $name } }) { totalCount } }',
    { name },
  );
  await spanOf(({ attributes }) => attributes['graphql.operation.name'] === 'Search');
  for (const secret of [product.adminKey, upstreamKey, name]) expect(collector.bytes()).not.toContain(secret);
});

it('a collector elsewhere is reached through the proxy of the environment', async () => {
  const proxy = await startCollector();
  stage.defer(() => proxy.stop());
  const elsewhere = 'http://traces.example.test:4318';
  const behind = await stage.productOn(emulator, {
    upstreamKey: 'behind',
    env: {
      ...{ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: elsewhere, OTEL_BSP_SCHEDULE_DELAY: '50' },
    },
  });
  await behind.admin.graphql('{ __typename }');
  expect(await behind.stop()).toBe(0);
  expect(proxy.requests).toMatchObject([{ path: `${elsewhere}/v1/traces` }]);
  expect(proxy.spans).toMatchObject([{ name: 'graphql (text)' }]);
}, 60_000);

describe('a collector that is away', () => {
  it('holds nobody up, is told of once a minute, and does not hold the end', async () => {
    const gone = await startCollector();
    const { url } = gone;
    await gone.stop();
    const lonely = await stage.productOn(emulator, {
      upstreamKey: 'another',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '50' },
    });
    for (let times = 0; times < 3; times += 1) {
      const startedMs = performance.now();
      expect((await lonely.admin.report('expiring-soon.json')).status).toBe(200);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
      await sleep(200);
    }
    const startedMs = performance.now();
    expect(await lonely.stop()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(8_000);
    const told = lonely
      .output()
      .split('\n')
      .filter((line) => line.includes('Traces could not be sent'));
    expect(told.length).toBe(1);
  }, 60_000);
});
