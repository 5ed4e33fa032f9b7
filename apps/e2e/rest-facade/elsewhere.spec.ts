import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { startCertfolio, type CertfolioProcess } from '@certfolio/testing';
import { createCaller, createStage, dataOf } from '../harness/index.ts';
import { ask, type Wish } from './bytes.ts';
import { startRecordingUpstream, type RecordingUpstream } from './recording-upstream.ts';

const stage = createStage();
const upstreamKey = 'the-account-s-own-certcentral-key-0001';
const secret = randomBytes(32).toString('hex');
const adminKey = randomBytes(24).toString('hex');

let upstream: RecordingUpstream;
let host: CertfolioProcess;
/** Has no account: it asks the host. */
let gateway: CertfolioProcess;

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  stage.defer(() => upstream.stop());
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  const folder = await mkdtemp(join(tmpdir(), 'certfolio-rest-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  host = await startCertfolio({
    app: 'subgraphs',
    startWithinMs: 60_000,
    env: {
      CERTCENTRAL_API_KEY: upstreamKey,
      CERTCENTRAL_BASE_URL: upstream.baseUrl,
      CERTFOLIO_INTERNAL_SECRET: secret,
      CERTFOLIO_DATA_DIR: join(folder, 'host'),
    },
  });
  stage.defer(() => host.stop());
  gateway = await startCertfolio({
    app: 'gateway',
    startWithinMs: 60_000,
    env: {
      CERTFOLIO_DATABASE_URL: database.url,
      CERTFOLIO_ADMIN_KEY: adminKey,
      CERTFOLIO_INTERNAL_SECRET: secret,
      CERTFOLIO_DATA_DIR: join(folder, 'gateway'),
      CERTFOLIO_SUBGRAPH_URLS: ['orders', 'organizations', 'account']
        .map((name) => `${name}=${host.url}/${name}`)
        .join(','),
    },
  });
  stage.defer(() => gateway.stop());
}, 120_000);
beforeEach(() => void upstream.reached.splice(0));

const facade = (path: string, { headers, ...wish }: Wish = {}, key = adminKey) =>
  ask(`${gateway.url}/services/v2${path}`, { ...wish, headers: { 'X-DC-DEVKEY': key, ...headers } });

it('a call reaches CertCentral by the host that has the key, and its answer comes back, byte for byte', async () => {
  const bytes = randomBytes(500_000);
  upstream.on('/echo', (response, request) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.once('end', () => response.writeHead(201, 'Made', { 'Content-Type': 'x/y' }).end(Buffer.concat(pieces)));
  });
  const got = await facade('/echo?a=%C3%A4', { method: 'POST', body: bytes, headers: { 'X-Trace': '1' } });
  expect([got.status, got.statusText, got.headers['content-type'], got.body.equals(bytes)]).toEqual([
    201,
    'Made',
    'x/y',
    true,
  ]);
  const [call] = upstream.reached;
  expect(call!.url).toBe('/services/v2/echo?a=%C3%A4');
  expect(call!.rawHeaders.join('\n')).toContain(`x-dc-devkey\n${upstreamKey}`);
  expect(call!.rawHeaders.join('\n')).not.toContain(adminKey);
});

it('an answer that breaks off at CertCentral breaks off here', async () => {
  upstream.on('/broken', (response) => {
    response.writeHead(200, { 'Content-Length': '1000' }).write('half');
    setTimeout(() => response.destroy(), 20);
  });
  const got = await facade('/broken');
  expect([got.status, got.isWhole, got.body.toString()]).toEqual([200, false, 'half']);
});

it('a write is sent once, whatever becomes of its connection', async () => {
  upstream.on('/reset', (response) => response.socket!.destroy());
  const got = await facade('/reset', { method: 'PUT', body: '{}' });
  expect([got.status, upstream.reached.length]).toEqual([502, 1]);
  expect((JSON.parse(got.body.toString()) as { errors: { code: string }[] }).errors[0]!.code).toBe('server_error');
});

it('a key that may only read does not write, also past the gateway', async () => {
  const made = await createCaller(gateway.url, adminKey).graphql(
    'mutation { createKey(input: { name: "reader", level: OPEN }) { secret } }',
  );
  const reader = dataOf<{ createKey: { secret: string } }>(made).createKey.secret;
  expect((await facade('/user/me', {}, reader)).status).toBe(200);
  expect((await facade('/user/me', { method: 'PUT', body: '{}' }, reader)).status).toBe(403);
  expect(upstream.reached.length).toBe(1);
});

it('the host forwards nothing for callers that the gateway has not signed', async () => {
  const response = await fetch(`${host.url}/upstream/forward`, { method: 'POST', body: 'anything' });
  expect([response.status, upstream.reached.length]).toEqual([401, 0]);
});
