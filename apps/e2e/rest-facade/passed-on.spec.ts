import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { createTestDatabase } from '@certfolio/database/testing';
import { createStage, statsOf, type ProductProcess } from '../harness/index.ts';
import { ask, sendRaw, sha256, type Got, type Wish } from './bytes.ts';

const stage = createStage();
const orders = 300;
const upstreamKey = 'the-account-s-own-certcentral-key-0001';

let emulator: EmulatorProcess;
let product: ProductProcess;
let key: string;

beforeAll(async () => {
  emulator = await stage.emulator({ orders, limits: 'off', keys: upstreamKey });
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  product = await stage.productOn(emulator, { upstreamKey, env: { CERTFOLIO_DATABASE_URL: database.url } });
  ({ key } = await product.createKey({ name: 'script', level: 'OPEN', rest: 'WRITE' }));
});

const withKey = (sent: string, { headers, ...wish }: Wish): Wish => ({
  ...wish,
  headers: { 'X-DC-DEVKEY': sent, ...headers },
});
const facade = (path: string, wish: Wish = {}) => ask(`${product.url}/services/v2${path}`, withKey(key, wish));
const certCentral = (path: string, wish: Wish = {}) => ask(`${emulator.baseUrl}${path}`, withKey(upstreamKey, wish));

/** Of one hop or one moment. */
const passing = new Set([
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'server',
  'strict-transport-security',
]);
const shown = ({ status, headers, body }: Got, ours: ReadonlySet<string> = new Set()) => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.has(name) && !ours.has(name))),
  sha256: sha256(body),
});
const oursAlone = new Set(['x-request-id', 'ratelimit', 'ratelimit-policy', 'certfolio-answered-by']);

/** Both answer alike, but for what the façade adds. */
async function expectAlike(path: string, wish: Wish = {}): Promise<Got> {
  const [through, direct] = [await facade(path, wish), await certCentral(path, wish)];
  expect(shown(through, oursAlone)).toEqual(shown(direct));
  expect(through.headers['certfolio-answered-by']).toBe('certcentral');
  return through;
}

async function callsOf(route: string, action: () => Promise<unknown>): Promise<number> {
  const before = (await statsOf(emulator)).calls[route] ?? 0;
  await action();
  return ((await statsOf(emulator)).calls[route] ?? 0) - before;
}

describe('a call that is passed on', () => {
  it.each([
    '/order/certificate?limit=40&offset=80',
    '/order/certificate?limit=1000',
    '/order/certificate?filters[status]=issued&sort=-order_id',
    '/order/certificate?filters%5Bstatus%5D=issued&filters%5Bcommon_name%5D=%25',
    '/user/me',
    '/report/order/expiring',
  ])('gets the answer of CertCentral, byte for byte: %s', async (path) => {
    const { status } = await expectAlike(path);
    expect(status).toBe(200);
  });

  it('gets a report as it is made', async () => {
    const report = await expectAlike('/report/order', { headers: { Accept: 'text/csv' } });
    expect(report.body.toString().split('\n').length).toBeGreaterThan(orders);
  });

  it('gets what CertCentral refuses with', async () => {
    for (const path of ['/order/certificate/1', '/order/certificate/nonsense', '/nowhere'])
      expect((await expectAlike(path)).status).toBeGreaterThanOrEqual(400);
  });

  it('may be a HEAD, and has no body then', async () => {
    const head = await expectAlike('/order/certificate?limit=1', { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  it('may change things, once each', async () => {
    const route = 'POST /order/certificate/{id}/note';
    const { body } = await facade('/order/certificate?limit=1');
    const { id } = (JSON.parse(body.toString()) as { orders: { id: number }[] }).orders[0]!;
    const note = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"text":"by the façade"}' };
    expect(
      await callsOf(route, async () => expect((await facade(`/order/certificate/${id}/note`, note)).status).toBe(201)),
    ).toBe(1);
    expect(
      await callsOf(route, async () =>
        expect((await facade(`/order/certificate/${id}/note`, { ...note, isChunked: true })).status).toBe(201),
      ),
    ).toBe(1);
    const cancel = { ...note, method: 'PUT', body: '{"status":"CANCELED"}' };
    expect((await facade(`/order/certificate/${id}/status`, cancel)).status).toBe(204);
    const { notes } = JSON.parse((await certCentral(`/order/certificate/${id}`)).body.toString()) as {
      notes?: unknown[];
    };
    void notes;
    await expectAlike(`/order/certificate/${id}`, { method: 'DELETE' });
  });
});

it('shows bytes of a raw answer', async () => {
  const answer = await sendRaw(
    product.url,
    `GET /services/v2/user/me HTTP/1.1\r\nhost: x\r\nx-dc-devkey: ${key}\r\nconnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});
