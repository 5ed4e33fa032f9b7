import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, testRedisUrl, type TestDatabase } from '@certfolio/database/testing';
import { createCaller, dataOf } from '../harness/index.ts';
import { interpolate, readComposeFile, root, type Service } from './compose-file.ts';

/** Started here as the image would; PostgreSQL and Redis are those of the test run, with images of their own in the file. */
const startOrder = ['emulator', 'subgraphs', 'gateway-1', 'gateway-2'] as const;
type Name = (typeof startOrder)[number];

interface Running {
  readonly child: ChildProcess;
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  printed(): string;
  readonly ended: Promise<number | null>;
}

const file = readComposeFile();
const adminKey = randomBytes(24).toString('hex');
const variables = {
  POSTGRES_PASSWORD: 'unused-here',
  CERTFOLIO_INTERNAL_SECRET: randomBytes(32).toString('hex'),
  CERTFOLIO_ADMIN_KEY: adminKey,
  EMULATOR_ORDERS: '300',
};
const running = new Map<Name, Running>();
const ports = new Map<string, number>();
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  [database, folder] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'certfolio-compose-'))]);
  for (const name of startOrder) ports.set(name, await freePort());
  for (const name of startOrder) {
    const service = file.services[name]!;
    for (const needed of Object.keys(service.depends_on ?? {}))
      if (running.has(needed as Name)) expect(await becomesHealthy(needed as Name)).toBe(true);
    running.set(name, await start(name, service));
  }
  for (const name of startOrder) expect([name, await becomesHealthy(name)]).toEqual([name, true]);
}, 60_000);

afterAll(async () => {
  for (const { child } of running.values()) child.kill('SIGKILL');
  await Promise.all([...running.values()].map(({ ended }) => ended));
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

async function start(name: Name, { command, environment }: Service): Promise<Running> {
  const dataDir = join(folder, name);
  await mkdir(dataDir, { recursive: true });
  const env = Object.fromEntries(
    Object.entries(environment!).map(([variable, value]) => [
      variable,
      onThisMachine(interpolate(String(value), variables), name, dataDir),
    ]),
  );
  const [, ...args] = command!.map((argument) => onThisMachine(argument, name, dataDir));
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, env, url: `http://127.0.0.1:${ports.get(name)}`, printed: () => printed, ended };
}

/** What differs between a container and this machine: names of hosts, ports, and where the volume is. */
function onThisMachine(text: string, self: Name, dataDir: string): string {
  if (text.startsWith('postgres://')) return database.url;
  if (text.startsWith('redis://')) return testRedisUrl();
  if (text === '/data') return dataDir;
  if (text === '0.0.0.0') return '127.0.0.1';
  if (/^\d{4}$/.test(text)) return String(ports.get(self));
  return startOrder.reduce(
    (left, name) => left.replaceAll(new RegExp(`//${name}:\\d+`, 'g'), `//127.0.0.1:${ports.get(name)}`),
    text,
  );
}

/** Runs the check of the file, as often as the file says. */
async function becomesHealthy(name: Name): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await isHealthy(name)) return true;
    if (running.get(name)!.child.exitCode !== null) throw new Error(`${name} ended: ${running.get(name)!.printed()}`);
    await sleep(200);
  }
  return false;
}

function isHealthy(name: Name): Promise<boolean> {
  const [kind, program, ...args] = file.services[name]!.healthcheck!.test.map((part) => interpolate(part, {}));
  expect([kind, program]).toEqual(['CMD', 'node']);
  const { env } = running.get(name)!;
  return new Promise((resolve) =>
    execFile(process.execPath, args, { env: { ...env } as NodeJS.ProcessEnv, timeout: 5_000 }, (error) =>
      resolve(error === null),
    ),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const admin = (name: Name) => createCaller(running.get(name)!.url, adminKey);

describe('the services of the file, as processes', () => {
  it('answer at both gateways alike', async () => {
    const [one, two] = await Promise.all(
      (['gateway-1', 'gateway-2'] as const).map((name) => admin(name).report('expiring-soon.csv?days=300')),
    );
    expect([one!.status, two!.text]).toEqual([200, one!.text]);
    expect(one!.text.split('\n').length).toBeGreaterThan(5);
    const query =
      '{ orders(first: 5, filter: {status: {in: [issued]}}) { totalCount nodes { id organization { city } } } }';
    expect(dataOf(await admin('gateway-1').graphql(query))).toEqual(dataOf(await admin('gateway-2').graphql(query)));
  });

  it('share keys: made at one, known and then revoked at the other within 5 s', async () => {
    const make = 'mutation { createKey(input: {name: "shared", level: ID_ONLY}) { secret key { id } } }';
    const { createKey } = dataOf<{ createKey: { secret: string; key: { id: string } } }>(
      await admin('gateway-1').graphql(make),
    );
    const other = createCaller(running.get('gateway-2')!.url, createKey.secret);
    expect((await other.report('expiring-soon.json')).status).toBe(200);
    dataOf(
      await admin('gateway-1').graphql('mutation ($id: ID!) { revokeKey(id: $id) { id } }', { id: createKey.key.id }),
    );
    const revokedMs = performance.now();
    while ((await other.report('expiring-soon.json')).status !== 401) {
      expect(performance.now() - revokedMs).toBeLessThan(5_000);
      await sleep(100);
    }
  });

  it('share limits: 10 a minute are 10 over both gateways', async () => {
    const make =
      'mutation { createKey(input: {name: "limited", level: OPEN, limits: {requestsPerMinute: 10}}) { secret } }';
    const { createKey } = dataOf<{ createKey: { secret: string } }>(await admin('gateway-2').graphql(make));
    const callers = (['gateway-1', 'gateway-2'] as const).map((name) =>
      createCaller(running.get(name)!.url, createKey.secret),
    );
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, index) => callers[index % 2]!.graphql('{ me { name } }')),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(10).fill(200),
      ...Array<number>(4).fill(429),
    ]);
  });

  it('links name the address of the file', async () => {
    const { json } = await admin('gateway-2').report('openapi.json');
    const { CERTFOLIO_PUBLIC_URL: publicUrl } = running.get('gateway-2')!.env;
    expect(json).toMatchObject({ servers: [{ url: publicUrl }] });
  });

  it('a gateway whose subgraph host is gone stays healthy and says which; the health check of the host fails', async () => {
    expect(await isHealthy('subgraphs')).toBe(true);
    const host = running.get('subgraphs')!;
    host.child.kill('SIGTERM');
    expect(await host.ended).toBe(0);
    expect(await isHealthy('subgraphs')).toBe(false);
    expect(await isHealthy('gateway-1')).toBe(true);
    const answer = await admin('gateway-1').graphql('{ orders(first: 1) { totalCount } }');
    expect([answer.status, answer.json.errors![0]!.extensions!['code']]).toEqual([502, 'SUBGRAPH_UNAVAILABLE']);
    running.set('subgraphs', await start('subgraphs', file.services['subgraphs']!));
    expect(await becomesHealthy('subgraphs')).toBe(true);
    expect((await admin('gateway-1').report('expiring-soon.json')).status).toBe(200);
  });

  it('print no secret, and end with 0 within their grace period', async () => {
    for (const name of [...startOrder].reverse()) {
      const { child, ended, printed } = running.get(name)!;
      child.kill('SIGTERM');
      const graceMs = Number.parseInt(String(file.services[name]!['stop_grace_period']), 10) * 1_000;
      expect([name, await Promise.race([ended, sleep(graceMs, 'late', { ref: false })])]).toEqual([name, 0]);
      for (const secret of [
        adminKey,
        variables.CERTFOLIO_INTERNAL_SECRET,
        'any-key-will-do-for-the-emulator',
        new URL(database.url).password,
      ])
        expect(printed()).not.toContain(secret);
    }
  });
});
