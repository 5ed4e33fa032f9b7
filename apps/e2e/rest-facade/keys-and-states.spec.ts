import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createRestUsageStore, createRouteStateStore } from '@certfolio/migration/postgres';
import type { RestUsageStore, RouteStateStore } from '@certfolio/migration';
import { systemClock } from '@certfolio/runtime';
import { createTestDatabase } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { createStage, dataOf, statsOf, type ProductProcess } from '../harness/index.ts';
import { ask, type Got, type Wish } from './bytes.ts';

const stage = createStage();
const ownKey = 'the-account-s-own-certcentral-key-0001';
const script = 'a-script-s-certcentral-key-abcdefghij-1';
const stranger = 'nobody-s-certcentral-key-abcdefghijklm-1';
const adopted = 'an-old-script-s-certcentral-key-abcdef-1';

let emulator: EmulatorProcess;
/** Two gateways on one database. */
let one: ProductProcess;
let other: ProductProcess;
let states: RouteStateStore;
let usage: RestUsageStore;

beforeAll(async () => {
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  states = createRouteStateStore(database.pool, { clock: systemClock });
  usage = createRestUsageStore(database.pool);
  emulator = await stage.emulator({ orders: 60, limits: 'off', keys: `${ownKey},${script}` });
  const env = { CERTFOLIO_DATABASE_URL: database.url, CERTFOLIO_PASSTHROUGH: 'on', LOG_LEVEL: 'info' };
  one = await stage.productOn(emulator, { upstreamKey: ownKey, env });
  other = await stage.productOn(emulator, { upstreamKey: ownKey, env });
}, 120_000);

const facade = (key: string, path = '/order/certificate?limit=1', { headers, ...wish }: Wish = {}, at = one) =>
  ask(`${at.url}/services/v2${path}`, { ...wish, headers: { 'X-DC-DEVKEY': key, ...headers } });
const errorOf = ({ body }: Got) =>
  (JSON.parse(body.toString()) as { errors: { code: string; message: string }[] }).errors[0]!;
const note: Wish = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"text":"x"}' };
const notePath = '/order/certificate/730001/note';
/** Keys that reached CertCentral since the last reset. */
async function keysAt(action: () => Promise<unknown>): Promise<readonly string[]> {
  await emulator.control('stats', { method: 'DELETE' });
  await action();
  const { byKey } = await statsOf(emulator);
  return Object.keys(byKey);
}

describe('a key', () => {
  it('that a CertCentral key opens goes on as before, with the key of the account', async () => {
    const adoptSha256 = createHash('sha256').update(adopted).digest('hex');
    const made = await one.createKey({ name: 'old-script', adoptSha256 });
    for (const key of [adopted, made.key]) {
      expect(await keysAt(async () => expect((await facade(key)).status).toBe(200))).toEqual([ownKey]);
      expect((await facade(key, notePath, note)).status).not.toBe(403);
    }
  });

  it('that is passed through reads and writes as itself', async () => {
    await facade(script);
    expect(await keysAt(async () => expect((await facade(script)).status).toBe(200))).toEqual([script]);
    expect(await keysAt(async () => expect((await facade(script, notePath, note)).status).not.toBe(403))).toEqual([
      script,
    ]);
  });

  it.each([
    ['none', null],
    ['one that CertCentral does not know', stranger],
    ['an empty one', ''],
    ['a mistyped one', 'cfk_0123456789_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
  ])('that is bad gets CertCentral’s words for it: %s', async (_name, key) => {
    const got = await ask(`${one.url}/services/v2/user/me`, key === null ? {} : { headers: { 'X-DC-DEVKEY': key } });
    expect([got.status, got.headers['content-type'], errorOf(got).code]).toEqual([
      403,
      'application/json',
      'access_denied|access_denied_invalid_key',
    ]);
  });

  it.each([
    [{ level: 'OPEN' }, 200, 403],
    [{ level: 'AUDIT' }, 200, 403],
    [{ level: 'LISTED' }, 403, 403],
    [{ level: 'LISTED', rest: 'READ' }, 200, 403],
    [{ level: 'ID_ONLY', rest: 'WRITE' }, 200, 404],
    [{ level: 'OPEN', rest: 'NONE' }, 403, 403],
  ])('has the right it was given, or what follows from its level: %j', async (wish, read, write) => {
    const { key } = await one.createKey({ name: `key ${JSON.stringify(wish)}`, ...wish });
    const got = await facade(key);
    expect([got.status, (await facade(key, '/order/certificate/1/note', note)).status]).toEqual([read, write]);
    if (read === 403)
      expect(errorOf(got)).toMatchObject({ code: 'access_denied|missing_permission', message: /--rest read/ });
  });

  it('for URLs has none, and none is taken from an address', async () => {
    const made = await one.createKey({
      name: 'sheet',
      level: 'ID_ONLY',
      templates: { names: ['expiring-soon'], tags: [] },
      inUrl: true,
    });
    expect((await facade(made.key)).status).toBe(403);
    expect((await ask(`${one.url}/services/v2/user/me?key=${made.key}`)).status).toBe(403);
  });

  it.each([{ containers: [1] }, { fields: [] }])(
    'that may not see all is never given what nobody can hold to it: %j',
    async (limits) => {
      const { key } = await one.createKey({
        name: `limited ${JSON.stringify(limits)}`,
        level: 'OPEN',
        rest: 'WRITE',
        ...limits,
      });
      await emulator.control('stats', { method: 'DELETE' });
      for (const [path, wish] of [
        ['/account', {}],
        ['/order/certificate/730001/note', {}],
        ['/nowhere', {}],
        ['/user/me', { method: 'HEAD' }],
        [notePath, note],
      ] as const) {
        const got = await facade(key, path, wish);
        expect([path, got.status]).toEqual([path, 403]);
      }
      expect((await statsOf(emulator)).total).toBe(0);
    },
  );
});

describe('the state of a route', () => {
  const change = { keyId: null, changedBy: 'test', reason: 'a test' } as const;
  const expiring = 'GET /report/order/expiring';
  const path = '/report/order/expiring?container_id=2';

  it('holds for the next call of every gateway, and its override for the one key', async () => {
    const { key, id } = await one.createKey({ name: 'mover', level: 'OPEN' });
    const stays = await one.createKey({ name: 'stayer', level: 'OPEN' });
    const statuses = async (sent: string) => [
      (await facade(sent, path, {}, one)).status,
      (await facade(sent, path, {}, other)).status,
    ];
    for (let round = 0; round < 3; round += 1) {
      await states.change({ ...change, route: expiring, keyId: id, state: 'gone' });
      expect([await statuses(key), await statuses(stays.key)]).toEqual([
        [410, 410],
        [200, 200],
      ]);
      await states.change({ ...change, route: expiring, keyId: id, state: 'proxied' });
      expect(await statuses(key)).toEqual([200, 200]);
    }
    await states.change({ ...change, route: expiring, state: 'gone' });
    expect([await statuses(key), await statuses(stays.key)]).toEqual([
      [200, 200],
      [410, 410],
    ]);
    await states.removeOverride(expiring, id);
    expect(await statuses(key)).toEqual([410, 410]);
    await states.change({ ...change, route: expiring, state: 'proxied' });
  });

  it('names what to call instead, when it is gone and before', async () => {
    const { key } = await one.createKey({ name: 'late', level: 'OPEN' });
    const deadline = new Date('2031-01-01T00:00:00Z');
    await states.change({ ...change, route: expiring, state: 'sunset', deadline });
    const before = await facade(key, path);
    expect(before.status).toBe(200);
    expect(before.headers).toMatchObject({ sunset: 'Wed, 01 Jan 2031 00:00:00 GMT' });
    expect(before.headers['deprecation']).toMatch(/^@\d{10}$/);
    expect(before.headers['link']).toMatch(
      new RegExp(`^<${one.url}/r/expirations-by-week\\.csv\\?[^>]*>; rel="successor-version"$`),
    );

    const now = Date.now();
    await states.change({
      ...change,
      route: expiring,
      brownouts: [{ from: new Date(now - 1_000), to: new Date(now + 60_000) }],
    });
    const brownout = await facade(key, path);
    expect([brownout.status, errorOf(brownout).code]).toEqual([410, 'gone']);
    expect(Number(brownout.headers['retry-after'])).toBeGreaterThan(50);

    await states.change({ ...change, route: expiring, state: 'gone' });
    const gone = await facade(key, path);
    expect(gone.status).toBe(410);
    expect(gone.headers).not.toHaveProperty('retry-after');
    const address = /(http:\/\/\S+?)\.?$/.exec(errorOf(gone).message)![1]!;
    expect((await ask(address, { headers: { Authorization: `Bearer ${key}` } })).status).toBe(200);
    await states.change({ ...change, route: expiring, state: 'proxied', brownouts: [], deadline: null });
  });
});

it('who calls what is written down, by key, form and program, tests apart', async () => {
  const { key, id } = await one.createKey({ name: 'counted', level: 'OPEN' });
  const list = '/order/certificate?limit=1&filters[status]=issued&filters%5Bcommon_name%5D=secret.example';
  for (const userAgent of ['script/1', 'script/1', 'script/2'])
    await facade(key, list, { headers: { 'User-Agent': userAgent } });
  await facade(key, list, { headers: { 'User-Agent': 'script/1', 'Certfolio-Test': '1' } });
  await facade(key, '/nowhere?x=1');
  await facade(key, notePath, note);
  const uses = async () => usage.uses({ keyIds: [id] });
  while ((await uses()).reduce((sum, { calls }) => sum + calls, 0) < 6) await sleep(100);
  const shape = 'filters[common_name],filters[status],limit';
  const route = 'GET /order/certificate';
  expect(await uses()).toMatchObject([
    { route: 'GET (unknown)', shape: 'x', userAgent: '', calls: 1 },
    {
      route,
      shape,
      userAgent: 'script/1',
      isTest: false,
      calls: 2,
      fromGraph: 0,
      refused: 0,
      failed: 0,
      upstreamCalls: 2,
    },
    { route, shape, userAgent: 'script/1', isTest: true, calls: 1 },
    { route, shape, userAgent: 'script/2', isTest: false, calls: 1 },
    { route: 'POST /order/certificate/{id}/note', shape: '', calls: 1, refused: 1, upstreamCalls: 0 },
  ]);
  const entries = async () => {
    const query = `{ auditLog(first: 50, filter: { key: "${id}" }) { entries { door operationName status json } } }`;
    return dataOf<{ auditLog: { entries: Record<string, unknown>[] } }>(await one.admin.graphql(query)).auditLog
      .entries;
  };
  while ((await entries()).length < 6) await sleep(100);
  expect((await entries())[0]).toEqual({
    door: 'rest',
    operationName: 'POST /order/certificate/{id}/note',
    status: 403,
    json: expect.stringContaining('"isMutation":true'),
  });
});

it('no key is in what the two print', () => {
  for (const secret of [ownKey, script, stranger, adopted])
    expect(`${one.output()}${other.output()}`).not.toContain(secret);
});
