import { readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  codesOf,
  graphqlType,
  startRunningGateway,
  templateFile,
  type Got,
  type MadeKey,
  type RunningGateway,
} from './running-gateway.ts';

let gateway: RunningGateway;
let templates: readonly string[];
/** Of an order that there is, in the division that a key below sees. */
let aName: string;

beforeAll(async () => {
  const folder = join(import.meta.dirname, '../../../templates');
  templates = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5));
  gateway = await startRunningGateway({ EMULATOR_ORDERS: '1500' });
  await untilMirrorIsFilled(gateway);
  const filter = '{ containerId: { in: [17] }, isWildcard: false }';
  const { json } = await gateway.post({
    query: `{ orders(first: 1, filter: ${filter}) { nodes { certificate { commonName } } } }`,
  });
  aName = (json!.data as { orders: { nodes: { certificate: { commonName: string } }[] } }).orders.nodes[0]!.certificate
    .commonName;
});

afterAll(() => gateway.close());

async function untilMirrorIsFilled({ ask }: RunningGateway): Promise<void> {
  while ((await ask('/readyz', { key: null })).json!['mirrors'].default?.isFilled !== true) await sleep(100);
}

const costOf = ({ json }: Got) =>
  json!['extensions'].certfolio.cost as { estimated: number; actual: number; remaining: number };
/** What is left of the limits, by policy, as the header says. */
function leftIn({ headers }: Got): ReadonlyMap<string, number> {
  const items = [...headers.get('ratelimit')!.matchAll(/"(\w+)";r=(\d+)/g)];
  return new Map(items.map(([, policy, left]) => [policy!, Number(left)]));
}
const told = { headers: { 'certfolio-extensions': '1' } };
const as = ({ secret }: MadeKey, path: string, headers = {}) => gateway.ask(path, { key: secret, headers });
const idOf = async (name: string) => (await templateFile(name)).id;
const byIdPath = async (name: string) =>
  `/graphql?documentId=${await idOf(name)}${name === 'where-is-name' ? `&variables={"name":"${aName}"}` : ''}`;
/** What they tell is not in the mirror, or is only once it was asked for. */
const readsLive = new Set(['balance-and-burn', 'unused-units', 'keys-and-signatures', 'duplicates-and-reissues']);

/** Objects of a value of an answer, wherever they are; none of our scalars is an object. */
function objectsIn(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  const below = Object.values(value).reduce<number>((sum, member) => sum + objectsIn(member), 0);
  return Array.isArray(value) ? below : below + 1;
}

describe('the cost of templates', () => {
  it('is what their answers hold', async () => {
    for (const name of templates) {
      const answer = await gateway.ask(await byIdPath(name), told);
      expect({ name, points: costOf(answer).actual }).toEqual({ name, points: objectsIn(answer.json!['data']) - 1 });
    }
  });

  describe('is estimated within a tenth where no run has told yet, and later', () => {
    // A process of its own has learned nothing. What explain says is said before anything ran at all.
    let fresh: RunningGateway;
    const secrets = new Map<string, string>();
    const explained = new Map<string, { estimated: number; isGuess: boolean }>();
    const searchOf = (name: string) => (name === 'where-is-name' ? `?name=${aName}` : '');

    beforeAll(async () => {
      fresh = await startRunningGateway({ EMULATOR_ORDERS: '700' });
      await untilMirrorIsFilled(fresh);
      const makeKey = async (containers: readonly number[]) =>
        (await fresh.makeKey({ level: 'OPEN', containers })).secret;
      secrets.set('a key that sees all', fresh.adminKey).set('a key of one division', await makeKey([17]));
      secrets.set('a key of two divisions', await makeKey([14, 16])).set('a key of none', await makeKey([]));
      for (const [who, key] of secrets)
        for (const name of templates) {
          const { json } = await fresh.ask(`/r/${name}/explain${searchOf(name)}`, { key });
          explained.set(`${who} ${name}`, json!['cost']);
        }
    }, 120_000);

    afterAll(() => fresh.close());

    it.each(['a key that sees all', 'a key of one division', 'a key of two divisions', 'a key of none'])(
      'for %s, by each door',
      async (who) => {
        const key = secrets.get(who)!;
        for (const name of templates) {
          const [report, byId] = [`/r/${name}.json${searchOf(name)}`, await byIdPath(name)];
          const first = explained.get(`${who} ${name}`)!;
          for (const [run, path] of [report, byId, report, byId].entries()) {
            const answer = await fresh.ask(path, { ...told, key });
            const { estimated, actual } = costOf(answer);
            // What little there is, is counted: nothing of a few is a tenth.
            const isClose = (points: number) => Math.abs(points - actual) <= actual * 0.1;
            const met = { name, run, estimated, actual, explained: first.estimated };
            const areClose = isClose(estimated) && (run > 0 || isClose(first.estimated));
            expect({ ...met, areClose }).toEqual({ ...met, areClose: true });
            if (!readsLive.has(name)) expect(answer.json!['extensions'].certfolio.upstreamCalls).toBe(0);
          }
        }
      },
      120_000,
    );

    it('without a guess, but for what is not read by then', () => {
      const guesses = [...explained].filter(([, { isGuess }]) => isGuess).map(([what]) => what);
      // What unit orders are made of, and copies, which take a call for each order.
      expect(guesses.filter((what) => !/ (unused-units|duplicates-and-reissues)$/.test(what))).toEqual([]);
      expect(guesses).toContain('a key that sees all unused-units');
    });
  });

  it('is told by explain, which takes nothing of it', async () => {
    const key = await gateway.makeKey({ level: 'OPEN' });
    const { estimated } = (await as(key, '/r/inventory-full/explain')).json!['cost'];
    expect(leftIn(await as(key, '/r/inventory-full/explain')).get('cost')).toBe(5_000_000);
    const { actual } = costOf(await as(key, '/r/inventory-full.json'));
    expect(Math.abs(estimated - actual)).toBeLessThanOrEqual(actual * 0.1);
  });

  it('is counted by door', async () => {
    const text = async () => (await gateway.ask('/metrics', { key: null })).text;
    const pointsAt = (metrics: string, door: string) =>
      Number(new RegExp(`certfolio_cost_points_total\\{door="${door}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
    const before = await text();
    const { actual } = costOf(await gateway.ask('/r/wildcards.json'));
    const custom = await gateway.ask('/services/v2/reports/query', {
      method: 'POST',
      body: { query: '{ order_details(limit: 7) { id } }' },
    });
    expect(custom.status).toBe(200);
    await gateway.post({ query: '{ me { name } }' });
    const after = await text();
    const grown = ['report-url', 'custom-reports', 'graphql'].map(
      (door) => pointsAt(after, door) - pointsAt(before, door),
    );
    expect(grown).toEqual([actual, 7, 1]);
  });
});

describe('points per minute', () => {
  it('are one budget for all doors, told at each', async () => {
    const key = await gateway.makeKey({ level: 'OPEN', limits: { costPerMinute: 1_000_000 } });
    let left = 1_000_000;
    const spend = async (path: string, options = {}) => {
      const answer = await gateway.ask(path, { key: key.secret, ...options });
      expect(answer.headers.get('ratelimit-policy')).toBe('"requests";q=600;w=60, "cost";q=1000000;w=60;qu="points"');
      return answer;
    };
    // A minute brings a million back, 17 in a millisecond, so what was spent is seen only roughly.
    const big = await spend('/r/inventory-full.json');
    const { actual } = costOf(big);
    expect(actual).toBeGreaterThan(3_000);
    left = leftIn(await spend('/r/openapi.json')).get('cost')!;
    expect(left).toBeLessThanOrEqual(1_000_000);
    expect(costOf(big).remaining).toBeLessThanOrEqual(1_000_000 - actual);
  });

  it('that an operation would never fit into refuse it with both numbers', async () => {
    const key = await gateway.makeKey({ level: 'OPEN', limits: { costPerMinute: 500 } });
    const body = { query: '{ orders(first: 1000) { nodes { id } } }' };
    const refused = await gateway.post(body, { key: key.secret, headers: { accept: graphqlType } });
    expect([refused.status, codesOf(refused)]).toEqual([400, ['COST_ESTIMATED_TOO_EXPENSIVE']]);
    expect(refused.json!.errors![0]).toMatchObject({
      message: 'The operation is estimated at 1001 points; this key may spend 500 per minute.',
      extensions: { estimated: 1_001, maxCost: 500 },
    });
    expect(refused.headers.get('retry-after')).toBeNull();
    const report = await as(key, '/r/inventory-full.csv');
    expect([report.status, codesOf(report)]).toEqual([400, ['COST_ESTIMATED_TOO_EXPENSIVE']]);
    const custom = await gateway.ask('/services/v2/reports/query', {
      key: key.secret,
      method: 'POST',
      body: { query: '{ order_details(limit: 501) { id } }' },
    });
    expect([custom.status, custom.json!.errors![0]!.message]).toEqual([
      400,
      'The operation is estimated at 501 points; this key may spend 500 per minute.',
    ]);
  });

  it('that are spent refuse until they are back, at every door, whoever spent them', async () => {
    const key = await gateway.makeKey({ level: 'OPEN', limits: { costPerMinute: 500 } });
    const spend = { query: '{ orders(first: 499) { nodes { id } } }' };
    expect((await gateway.post(spend, { key: key.secret })).status).toBe(200);
    const ask = (path: string, body?: unknown) =>
      gateway.ask(path, { key: key.secret, ...(body === undefined ? {} : { method: 'POST', body }) });
    const refused = [
      await ask('/graphql', { query: '{ orders(first: 300) { nodes { id } } }' }),
      await ask(`/graphql?documentId=${await idOf('wildcards')}`),
      await ask('/r/wildcards.csv'),
      await ask('/services/v2/reports/query', { query: '{ order_details(limit: 400) { id } }' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([429, 429, 429, 429]);
    for (const { headers } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(5);
      expect(headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+, "cost";r=\d+;t=\d+$/);
      expect(headers.get('cache-control')).toBe('no-store');
    }
    const { extensions, message } = refused[0]!.json!.errors![0]!;
    expect(extensions).toMatchObject({ code: 'RATE_LIMITED', policy: 'cost' });
    expect(message).toMatch(/^This key's limit of 500 points per minute is reached; try again in \d+ s\.$/);
    expect(refused[3]!.json!.errors![0]).toMatchObject({ code: 'request_limit_exceeded' });
  });

  it('are owed where an answer held more than was estimated', async () => {
    const key = await gateway.makeKey({ level: 'OPEN', limits: { costPerMinute: 900 } });
    // Without a limit the text is taken for 100 rows; the answer has all 1,500.
    const query = { query: '{ order_details { id } }' };
    expect((await gateway.post(query, { key: key.secret })).status).toBe(200);
    const again = await gateway.post({ query: '{ me { name } }' }, { key: key.secret });
    expect([again.status, again.json!.errors![0]!.extensions]).toMatchObject([429, { policy: 'cost' }]);
    expect(again.json!.errors![0]!.extensions!['retryAfterMs']).toBeGreaterThan(35_000);
  });

  it('are paid for answers that are not sent again, and for those without a body', async () => {
    const key = await gateway.makeKey({ level: 'OPEN', limits: { costPerMinute: 1_000 } });
    const path = '/r/expiring-soon.json?days=10';
    const first = await as(key, path);
    const { actual } = costOf(first);
    const fitting = Math.floor(1_000 / actual);
    expect(fitting).toBeGreaterThan(1);
    const unchanged = await as(key, path, { 'if-none-match': first.headers.get('etag')! });
    expect(unchanged.status).toBe(304);
    expect(leftIn(unchanged).get('cost')).toBeLessThan(1_000 - actual);
    const statuses: number[] = [];
    for (let turn = 0; turn <= fitting; turn += 1)
      statuses.push((await gateway.ask(path, { key: key.secret, method: 'HEAD' })).status);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('in shadow mode', () => {
  it('nothing is refused, and what would have been is told and counted', async () => {
    const limits = { requestsPerMinute: 1, burst: 1, costPerMinute: 50, concurrent: 5, mode: 'SHADOW' };
    const key = await gateway.makeKey({ level: 'OPEN', limits });
    const first = await as(key, '/r/expiring-soon.json?days=0');
    expect(first.json!['extensions'].certfolio).not.toHaveProperty('wouldLimit');
    const report = await as(key, '/r/inventory-full.json');
    expect(report.status).toBe(200);
    expect(report.json!['extensions'].certfolio.wouldLimit).toEqual(['requests', 'cost']);
    const csv = await as(key, '/r/inventory-full.csv');
    expect([csv.status, csv.headers.get('certfolio-would-limit')]).toEqual([200, 'requests, cost']);
    const graphql = await gateway.post({ query: '{ me { name } }' }, { key: key.secret, ...told });
    expect(graphql.json!['extensions'].certfolio.wouldLimit).toEqual(['requests', 'cost']);
    const { text } = await gateway.ask('/metrics', { key: null });
    for (const policy of ['requests', 'cost'])
      expect(text).toMatch(new RegExp(`certfolio_would_limit_total\\{policy="${policy}"\\} [3-9]`));
    expect(text).not.toContain(key.id);
  });
});

describe('a limit of a key', () => {
  it.each([
    { 'X-Forwarded-For': '203.0.113.9' },
    { Forwarded: 'for=203.0.113.9' },
    { 'X-Real-IP': '203.0.113.9' },
    { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', baggage: 'key=other' },
    { 'apollographql-client-name': 'another', 'apollographql-client-version': '2' },
    { 'X-HTTP-Method-Override': 'OPTIONS' },
    { 'X-Request-Id': 'another', 'Certfolio-Identity': 'e30.e30', 'certfolio-run': '1' },
    { 'Cache-Control': 'no-cache', Origin: 'https://elsewhere.test' },
  ])('holds whatever headers are sent: %j', async (headers) => {
    const { secret } = await gateway.makeKey({ level: 'OPEN', limits: { requestsPerMinute: 2, burst: 2 } });
    const ask = (more: Record<string, string>) =>
      gateway.post(
        { query: '{ me { name } }' },
        { key: secret, headers: { ...headers, ...more } as Record<string, string> },
      );
    const statuses = [await ask({}), await ask({}), await ask({}), await ask({})].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  });

  it('holds however the key is sent, and whatever is asked for', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN', limits: { requestsPerMinute: 4, burst: 4 } });
    const ask = (headers: Record<string, string>, path = '/r/expiring-soon.csv', method = 'GET') =>
      gateway.ask(path, { key: null, headers, method });
    const answers = [
      await ask({ authorization: `Bearer ${secret}` }),
      await ask({ 'X-DC-DEVKEY': secret }),
      await ask({ 'x-Dc-DevKey': secret, AUTHORIZATION: `bearer ${secret}` }),
      await ask({ authorization: `Bearer ${secret}` }, '/r/expiring-soon.csv', 'HEAD'),
      await ask({ 'X-DC-DEVKEY': secret }, '/graphql?query={me{name}}'),
      await ask({ 'X-DC-DEVKEY': secret }, '/r/expiring-soon.csv', 'HEAD'),
      await ask({ authorization: `Bearer ${secret}` }, '/services/v2/reports/query', 'POST'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429, 429, 429]);
  });
});

describe('rows per run', () => {
  it('cut an answer at every door, and it says so', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN', limits: { rows: 7 } });
    const ask = (path: string, body?: unknown) =>
      gateway.ask(path, { key: secret, ...told, ...(body === undefined ? {} : { method: 'POST', body }) });
    const json = await ask('/r/inventory-full.json');
    expect(json.json!['rows']).toHaveLength(7);
    expect(json.json!['extensions'].certfolio).toMatchObject({ truncated: true, rows: 7 });
    for (const [format, lines] of [
      ['csv', 8],
      ['ndjson', 7],
    ] as const) {
      const { text, headers } = await ask(`/r/inventory-full.${format}`);
      expect(text.trimEnd().split('\n')).toHaveLength(lines);
      expect([headers.get('certfolio-truncated'), headers.get('certfolio-rows')]).toEqual(['true', '7']);
    }
    const graphql = await ask('/graphql', { query: '{ order_details { id } }' });
    expect(graphql.json!['data'].order_details).toHaveLength(7);
    expect(graphql.json!['extensions'].certfolio.truncated).toBe(true);
    const custom = await ask('/services/v2/reports/query', { query: '{ order_details { id } }' });
    expect(custom.json!['data'].order_details).toHaveLength(7);
    // DigiCert's answers have no extensions, so a header says it.
    expect(custom.headers.get('certfolio-truncated')).toBe('true');
  });
});

describe('limits of certfolio.yaml', () => {
  let strict: RunningGateway;
  const file = join(tmpdir(), `certfolio-limits-${process.pid}.yaml`);

  beforeAll(async () => {
    const limits = [
      'maxDepth: 3',
      'maxRootFields: 2',
      'maxAliases: 3',
      'maxDirectives: 1',
      'maxCost: 11',
      'maxTokens: 40',
    ];
    const text = ['limits:', ...limits, 'bodyBytes: 1024', 'legacyHeaders: true'].join('\n  ');
    await writeFile(file, text);
    strict = await startRunningGateway({ CERTFOLIO_CONFIG: file, EMULATOR_ORDERS: '20' });
  });

  afterAll(async () => {
    await strict.close();
    await rm(file);
  });

  const directive = ' @include(if: true)';

  it.each([
    [
      'depth',
      '{ orders(first: 1) { nodes { id } } }',
      '{ orders(first: 1) { nodes { product { name } } } }',
      'MAX_DEPTH_LIMIT',
    ],
    [
      'fields at the root',
      '{ a: __typename b: __typename }',
      '{ a: __typename b: __typename c: __typename }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'aliases',
      '{ me { a: name b: name c: name } }',
      '{ me { a: name b: name c: name d: name } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'directives',
      `{ me { name${directive} } }`,
      `{ me${directive} { name${directive} } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'cost',
      '{ orders(first: 10) { nodes { id } } }',
      '{ orders(first: 11) { nodes { id } } }',
      'COST_ESTIMATED_TOO_EXPENSIVE',
    ],
    ['tokens', `{ me { ${'name '.repeat(35)}} }`, `{ me { ${'name '.repeat(36)}} }`, 'GRAPHQL_PARSE_FAILED'],
  ])('%s: what reaches it runs, one more does not', async (_what, atLimit, beyond, code) => {
    const within = await strict.post({ query: atLimit });
    expect([within.status, codesOf(within)]).toEqual([200, undefined]);
    const refused = await strict.post({ query: beyond }, { headers: { accept: graphqlType } });
    expect([refused.status, codesOf(refused)]).toEqual([400, [code]]);
    expect(refused.json!.errors![0]!.message).toMatch(/\d/);
  });

  it('bytes of a body: what reaches it is read, one more is not', async () => {
    const bodyOf = (bytes: number) => {
      const body = JSON.stringify({ query: '{ me { name } }', variables: {}, extensions: { pad: '' } });
      return body.replace('"pad":""', `"pad":"${'x'.repeat(bytes - body.length)}"`);
    };
    expect((await strict.post(bodyOf(1_024))).status).toBe(200);
    const refused = await strict.post(bodyOf(1_025));
    expect([refused.status, codesOf(refused)]).toEqual([413, ['PAYLOAD_TOO_LARGE']]);
  });

  it('older header fields are there where they were asked for, and nowhere else', async () => {
    const { headers } = await strict.post({ query: '{ me { name } }' });
    const names = ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`));
    expect(names).toEqual(['6000', expect.stringMatching(/^59\d\d$/), expect.stringMatching(/^\d$/)]);
    expect((await gateway.post({ query: '{ me { name } }' })).headers.get('x-ratelimit-limit')).toBeNull();
  });
});
