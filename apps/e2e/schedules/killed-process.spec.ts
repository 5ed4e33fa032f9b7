import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { createStage, dataOf, type ProductProcess } from '../harness/index.ts';
import { startHook, type Hook } from './receivers.ts';

const isLong = Boolean(process.env['CERTFOLIO_TEST_LONG']);
/** All due in the same minute. */
const schedules = isLong ? 500 : 12;
/** The short form does not wait half a minute for the lease of the killed process. */
const leaseSeconds = isLong ? 30 : 5;
const slot = new Date('2027-03-10T12:00:00Z');

const stage = createStage();
let products: readonly ProductProcess[];
let hook: Hook;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'certfolio-killed-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  hook = await startHook();
  stage.defer(() => hook.stop());
  await writeFile(join(dir, 'secret'), 'a-secret-that-both-sides-know-0123456789');
  await writeFile(
    join(dir, 'certfolio.yaml'),
    `destinations:
  cmdb: { kind: webhook, url: '${hook.url}', secretFile: secret }
egress: { allow: [127.0.0.1] }
reports: { workers: 4, leaseSeconds: ${leaseSeconds} }
`,
  );
  const emulator = await stage.emulator({ orders: 300 });
  const env = {
    CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml'),
    CERTFOLIO_DATABASE_URL: database.url,
    CERTFOLIO_MIRROR: 'on',
  };
  const main = [join(import.meta.dirname, 'product-with-moved-clock.mjs'), '2027-03-10T11:00:00Z'] as const;
  products = await Promise.all([stage.productOn(emulator, { env, main }), stage.productOn(emulator, { env, main })]);
}, 120_000);

interface Run {
  readonly id: string;
  readonly schedule: string;
  readonly state: string;
  readonly reason: string | null;
  readonly deliveries: readonly { readonly state: string }[];
}

const names = Array.from({ length: schedules }, (_none, index) => `at-once-${index}`);

const runFields = '{ id schedule state reason deliveries { state } }';
/** Fifty schedules a request. */
async function runsOf({ admin }: ProductProcess): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let at = 0; at < names.length; at += 50) {
    const fields = names.slice(at, at + 50).map((name, index) => `s${index}: runs(schedule: "${name}") ${runFields}`);
    runs.push(...(Object.values(dataOf(await admin.graphql(`{ ${fields.join(' ')} }`))) as Run[][]).flat());
  }
  return runs;
}

/** Deliveries after which one of the two is killed; the long form tries another number, and another of the two, each time. */
const killAfter = isLong ? 1 + Math.floor(Math.random() * (schedules - 100)) : schedules / 4;
const isFirstKilled = isLong ? Math.random() < 0.5 : true;

it('of two processes one is killed in the minute of many schedules: each runs once, and nothing is sent twice', async () => {
  const [first, second] = products as [ProductProcess, ProductProcess];
  const [killed, left] = isFirstKilled ? [first, second] : [second, first];
  const yamlOf = (name: string) =>
    `- { name: ${name}, template: wildcards, cron: '0 12 * * *', formats: [csv], to: [cmdb], retries: 0 }\n`;
  const applied = await left.admin.graphql('mutation ($yaml: String!) { applySchedules(yaml: $yaml) { outcome } }', {
    yaml: names.map(yamlOf).join(''),
  });
  expect((dataOf(applied)['applySchedules'] as unknown[]).length).toBe(schedules);
  // Nobody waits for noon.
  const almostNoon = new Date(slot.getTime() - 1_500).toISOString();
  await Promise.all(products.map((product) => product.ask(almostNoon)));
  const slotMs = Date.now() + 1_500;
  while (hook.calls.length < killAfter) await sleep(5);
  await killed.kill();
  const killedAtMs = Date.now();

  let runs: readonly Run[] = [];
  const until = Date.now() + (isLong ? 480_000 : 90_000);
  do {
    await sleep(isLong ? 5_000 : 250);
    runs = await runsOf(left);
  } while (
    (runs.length < schedules || runs.some(({ state }) => state === 'QUEUED' || state === 'RUNNING')) &&
    Date.now() < until
  );

  expect(runs.map(({ schedule }) => schedule).sort()).toEqual([...names].sort());
  const keys = hook.calls.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(keys.length);
  const delivered = runs.filter(({ state }) => state === 'DELIVERED');
  const open = runs.filter(({ state }) => state !== 'DELIVERED');
  // Only what was being sent at that moment may be unknown, and is told.
  expect(open.length).toBeLessThanOrEqual(4);
  for (const run of open) expect(run).toMatchObject({ state: 'FAILED', deliveries: [{ state: 'unconfirmed' }] });
  expect(hook.calls.length).toBeGreaterThanOrEqual(delivered.length);
  expect(hook.calls.length).toBeLessThanOrEqual(schedules);
  if (isLong)
    process.stderr.write(
      `${schedules} schedules at ${slot.toISOString()}, the ${isFirstKilled ? 'first' : 'second'} process killed after ${killAfter} deliveries: ` +
        `${hook.calls.length} received, ${delivered.length} delivered, ${open.length} told as unconfirmed; ` +
        `${Math.round((killedAtMs - slotMs) / 1_000)} s to the kill, ${Math.round((Date.now() - slotMs) / 1_000)} s in all.\n`,
    );
}, 700_000);
