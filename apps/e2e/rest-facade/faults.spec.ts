import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { createTestDatabase } from '@certfolio/database/testing';
import { createStage, statsOf, type ProductProcess } from '../harness/index.ts';
import { ask, type Got, type Wish } from './bytes.ts';

const stage = createStage();
const callsAtOnce = 4;

let emulator: EmulatorProcess;
let product: ProductProcess;
/** With a budget of few calls, and little patience. */
let poor: ProductProcess;
let key: string;
let poorKey: string;

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 60, limits: 'off' });
  const folder = await mkdtemp(join(tmpdir(), 'certfolio-rest-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'upstream-key'), 'poor-upstream-key');
  await writeFile(
    join(folder, 'certfolio.yaml'),
    `accounts:\n  default:\n    baseUrl: ${emulator.baseUrl}\n    apiKeyFile: upstream-key\n    budget:\n      - { calls: ${callsAtOnce}, windowMs: 60000 }\n`,
  );
  const ofItsOwn = async () => {
    const database = await createTestDatabase();
    stage.defer(() => database.drop());
    return { CERTFOLIO_DATABASE_URL: database.url };
  };
  product = await stage.productOn(emulator, { env: await ofItsOwn() });
  poor = await stage.product({
    env: {
      ...(await ofItsOwn()),
      CERTFOLIO_CONFIG: join(folder, 'certfolio.yaml'),
      CERTFOLIO_REQUEST_TIMEOUT_MS: '1000',
    },
  });
  const wish = { name: 'script', level: 'OPEN', rest: 'WRITE' };
  [{ key }, { key: poorKey }] = await Promise.all([product.createKey(wish), poor.createKey(wish)]);
}, 120_000);
afterEach(() => emulator.control('faults', { method: 'DELETE' }));

const facade = (path: string, { headers, ...wish }: Wish = {}, at = product, sent = key) =>
  ask(`${at.url}/services/v2${path}`, { ...wish, headers: { 'X-DC-DEVKEY': sent, ...headers } });
const fault = (kind: string, more: object = {}) =>
  emulator.control('faults', { method: 'POST', body: { route: '*', kind, count: 1, ...more } });
/** How often a call reached CertCentral. */
async function times(action: () => Promise<unknown>): Promise<number> {
  await emulator.control('stats', { method: 'DELETE' });
  await action();
  return (await statsOf(emulator)).total;
}
const errorOf = ({ body }: Got) => (JSON.parse(body.toString()) as { errors: { code: string }[] }).errors[0];

const list = '/order/certificate?limit=20';
const note: Wish = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"text":"once"}' };
const writes: readonly (readonly [string, Wish])[] = [
  ['/order/certificate/730001/note', note],
  ['/order/certificate/730001/status', { ...note, method: 'PUT', body: '{"status":"CANCELED"}' }],
];

describe('while CertCentral fails', () => {
  it('a connection that is reset before the answer gives an error in CertCentral’s form, and one call', async () => {
    await fault('reset-before');
    let got: Got;
    expect(await times(async () => (got = await facade(list)))).toBe(1);
    expect([got!.status, got!.headers['content-type'], errorOf(got!)!.code]).toEqual([
      502,
      'application/json',
      'server_error',
    ]);
  });

  it.each(['reset-inside', 'truncate'])('an answer that breaks off ends as one that broke off: %s', async (kind) => {
    await fault(kind);
    const got = await facade(list);
    // The emulator announces the length of half a body as that of the whole, which nobody can see.
    if (kind === 'truncate') return expect([got.status, got.isWhole, got.body.length > 100]).toEqual([200, true, true]);
    expect([got.status, got.isWhole]).toEqual([200, false]);
  });

  it('a body that comes slowly comes whole', async () => {
    await fault('slow-body', { delayMs: 30 });
    const got = await facade(list);
    expect([got.status, got.isWhole, (JSON.parse(got.body.toString()) as { orders: unknown[] }).orders.length]).toEqual(
      [200, true, 20],
    );
  });

  it.each([
    ['redirect', 302],
    ['status', 500],
    ['html', 200],
    ['garbage', 200],
    ['empty', 200],
  ])('what it answers is passed on: %s', async (kind, status) => {
    await fault(kind, kind === 'status' ? { status } : {});
    const got = await facade(list);
    expect([got.status, got.isWhole, got.headers['certfolio-answered-by']]).toEqual([status, true, 'certcentral']);
  });

  it('a 429 of its own is passed on, and counts no limit of ours', async () => {
    await fault('status', { status: 429 });
    const got = await facade(list);
    expect([got.status, errorOf(got)!.code, got.headers['certfolio-answered-by']]).toEqual([
      429,
      'request_limit_exceeded',
      'certcentral',
    ]);
    // All rest for a moment then; the next call waits and is answered.
    expect((await facade(list)).status).toBe(200);
  });
});

describe('a write reaches CertCentral exactly once', () => {
  it.each(['reset-before', 'reset-inside', 'truncate', 'slow-body', 'garbage', 'empty'])('under %s', async (kind) => {
    for (const [path, wish] of writes) {
      await fault(kind, { delayMs: 20 });
      expect(await times(() => facade(path, wish))).toBe(1);
    }
  });

  it.each([500, 502, 503, 504, 429])('under a %d', async (status) => {
    for (const [path, wish] of writes) {
      await fault('status', { status });
      const before = await times(async () => expect((await facade(path, wish)).status).toBe(status));
      expect(before).toBe(1);
    }
  });

  it('also when many are sent at once, over connections that CertCentral closes', async () => {
    await fault('reset-before', { count: 5 });
    const [path, wish] = writes[0]!;
    let answers: readonly Got[] = [];
    expect(
      await times(async () => (answers = await Promise.all(Array.from({ length: 20 }, () => facade(path, wish))))),
    ).toBe(20);
    expect(answers.filter(({ status }) => status === 502).length).toBe(5);
    expect(answers.filter(({ status }) => status === 201 || status === 404).length).toBe(15);
  });
});

describe('limits', () => {
  it('without a call in the budget before the deadline: 503 and when, in CertCentral’s form', async () => {
    const answers: Got[] = [];
    for (let nth = 0; nth <= callsAtOnce; nth += 1) answers.push(await facade(list, {}, poor, poorKey));
    const refused = answers.at(-1)!;
    expect(refused.status).toBe(503);
    expect(errorOf(refused)!.code).toBe('server_error');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(callsAtOnce);
  });

  it('a key over its own limit gets a 429 as CertCentral words it, and no call is made', async () => {
    const limited = await product.createKey({
      name: 'limited',
      level: 'OPEN',
      rest: 'READ',
      limits: { requestsPerMinute: 2, burst: 2 },
    });
    const answers: Got[] = [];
    expect(
      await times(async () => {
        for (let nth = 0; nth < 3; nth += 1) answers.push(await facade(list, {}, product, limited.key));
      }),
    ).toBe(2);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(errorOf(answers[2]!)!.code).toBe('request_limit_exceeded');
    expect(Number(answers[2]!.headers['retry-after'])).toBeGreaterThan(0);
  });
});
