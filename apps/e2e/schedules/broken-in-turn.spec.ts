import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '@certfolio/database/embedded';
import { createDatabaseGate, type DatabaseGate } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { createStage, dataOf, type ProductProcess } from '../harness/index.ts';
import { startHook, startMailbox, type Hook, type Mailbox } from './receivers.ts';

const stage = createStage();
let databaseDir: string;
let database: EmbeddedDatabase;
let gate: DatabaseGate;
let emulator: EmulatorProcess;
let product: ProductProcess;
/** Where reports go, by mail and by webhook; and the second channel, where failures are told. */
let mailbox: Mailbox;
let reports: Hook;
let told: Hook;

interface Run {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly deliveries: readonly { readonly kind: string; readonly destination: string; readonly state: string }[];
}

const startDatabase = () => startEmbeddedDatabase({ dataDir: databaseDir, logger: silentLogger, durable: false });

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'certfolio-broken-'));
  stage.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
  databaseDir = join(dir, 'database');
  database = await startDatabase();
  stage.defer(() => database.stop());
  gate = await createDatabaseGate(database.url);
  stage.defer(() => gate.close());
  [mailbox, reports, told] = await Promise.all([startMailbox(), startHook(), startHook()]);
  for (const receiver of [mailbox, reports, told]) stage.defer(() => receiver.stop());
  await writeFile(join(dir, 'secret'), 'a-secret-that-both-sides-know-0123456789');
  await writeFile(
    join(dir, 'certfolio.yaml'),
    `destinations:
  mail: { kind: email, host: 127.0.0.1, port: ${mailbox.port}, allowPlain: true, from: certfolio@example.test, to: [pki@example.test] }
  cmdb: { kind: webhook, url: '${reports.url}', secretFile: secret }
  ops: { kind: webhook, url: '${told.url}', secretFile: secret }
egress: { allow: [127.0.0.1] }
reports: { retrySeconds: 1, maxRetrySeconds: 1, leaseSeconds: 5 }
`,
  );
  emulator = await stage.emulator({ orders: 100 });
  product = await stage.productOn(emulator, {
    env: { CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml'), CERTFOLIO_DATABASE_URL: gate.url },
  });
}, 300_000);

async function apply(name: string, more: string): Promise<void> {
  // Once a year: it runs when it is asked to.
  const yaml = `- { name: ${name}, template: wildcards, cron: 0 4 29 2 *, to: [mail, cmdb], onFailure: ops, ${more} }\n`;
  dataOf(await product.admin.graphql('mutation ($yaml: String!) { applySchedules(yaml: $yaml) { name } }', { yaml }));
}

const runFields = 'id state reason attempts deliveries { kind destination state }';
async function begin(name: string): Promise<string> {
  const answer = await product.admin.graphql(`mutation { runSchedule(name: "${name}") { id } }`);
  return (dataOf(answer)['runSchedule'] as Run).id;
}
async function ended(id: string): Promise<Run> {
  const until = Date.now() + 120_000;
  for (;;) {
    const answer = await product.admin.graphql(`{ run(id: "${id}") { ${runFields} } }`);
    const run = answer.json.data?.['run'] as Run | undefined;
    const isOver = run !== undefined && run !== null && run.state !== 'QUEUED' && run.state !== 'RUNNING';
    if (isOver) return run;
    if (Date.now() > until) throw new Error(`The run did not end: ${answer.text}`);
    await sleep(100);
  }
}
const runOnce = async (name: string) => ended(await begin(name));

const counts = () => ({ mails: mailbox.mails.length, reports: reports.calls.length, told: told.calls.length });
/** What came to the receivers meanwhile. @param isTold whether a notice is waited for, or a moment that none comes */
async function received<T>(
  action: () => Promise<T>,
  isTold: boolean,
): Promise<{ result: T; mails: number; reports: number; told: number }> {
  const before = counts();
  const result = await action();
  // A notice follows the end of its run.
  const until = Date.now() + (isTold ? 30_000 : 1_000);
  while (told.calls.length === before.told && Date.now() < until) await sleep(50);
  const after = counts();
  return {
    result,
    mails: after.mails - before.mails,
    reports: after.reports - before.reports,
    told: after.told - before.told,
  };
}
const lastNotice = () => {
  const { headers, body } = told.calls.at(-1)!;
  return {
    event: headers['certfolio-event'],
    ...(JSON.parse(body.toString()) as { schedule: string; headline: string }),
  };
};

interface Trouble {
  readonly begin: () => Promise<void>;
  readonly end: () => Promise<void>;
  readonly cause: RegExp;
  /** What others got of the failed run. */
  readonly got: { readonly mails: number; readonly reports: number };
}

const troubles: readonly (readonly [string, Trouble])[] = [
  [
    'smtp',
    {
      begin: async () => void (mailbox.isBroken = true),
      end: async () => void (mailbox.isBroken = false),
      cause: /"mail" did not take the report: the mail server answered 550/,
      got: { mails: 0, reports: 1 },
    },
  ],
  [
    'webhook',
    {
      begin: async () => void (reports.status = 503),
      end: async () => void (reports.status = 200),
      cause: /"cmdb" did not take the report: it answered 503/,
      // The call that was answered with 503 came, too.
      got: { mails: 1, reports: 1 },
    },
  ],
  [
    'certcentral',
    {
      begin: async () =>
        void (await emulator.control('faults', { method: 'POST', body: { kind: 'status', status: 500 } })),
      end: async () => void (await emulator.control('faults', { method: 'DELETE' })),
      cause: /CertCentral/,
      got: { mails: 0, reports: 0 },
    },
  ],
];

describe.each(troubles)('with %s broken', (name, { begin: breaks, end: mends, cause, got }) => {
  it('the run fails with its cause, the owner hears elsewhere, and after recovery everybody gets one report', async () => {
    await apply(`${name}-broken`, 'retries: 0');
    await breaks();
    const { result, ...came } = await received(() => runOnce(`${name}-broken`), true);
    await mends();
    expect(result).toMatchObject({ state: 'FAILED', attempts: 1, reason: expect.stringMatching(cause) });
    expect(came).toEqual({ ...got, told: 1 });
    expect(lastNotice()).toMatchObject({ event: 'run.failure', schedule: `${name}-broken`, headline: result.reason });
    const { result: after, ...cameAfter } = await received(() => runOnce(`${name}-broken`), false);
    expect(after).toMatchObject({ state: 'DELIVERED', attempts: 1 });
    expect(cameAfter).toEqual({ mails: 1, reports: 1, told: 0 });
  }, 300_000);
});

it('a run that is tried again sends nothing a second time to who had it', async () => {
  await apply('again', 'retries: 5');
  reports.status = 503;
  const { result, mails } = await received(async () => {
    const id = await begin('again');
    const before = reports.calls.length;
    while (reports.calls.length < before + 2) await sleep(20);
    reports.status = 200;
    return ended(id);
  }, false);
  expect(result).toMatchObject({ state: 'DELIVERED' });
  expect(result.attempts).toBeGreaterThan(1);
  expect(mails).toBe(1);
  expect(result.deliveries.map(({ destination, state }) => [destination, state])).toEqual([
    ['cmdb', 'delivered'],
    ['mail', 'delivered'],
  ]);
}, 300_000);

it('with the database stopped in the middle of a run, and started again, the run fails with its cause and the owner hears it', async () => {
  await apply('database-broken', 'retries: 0');
  await emulator.control('faults', { method: 'POST', body: { kind: 'delay', delayMs: 3_000 } });
  const { result, ...came } = await received(async () => {
    const { total } = (await emulator.control('stats')) as { total: number };
    const id = await begin('database-broken');
    while (((await emulator.control('stats')) as { total: number }).total === total) await sleep(20);
    // It reads now; what it read can be kept nowhere.
    await database.stop();
    await gate.close();
    await sleep(4_000);
    expect((await product.admin.fetch('/healthz')).status).toBe(200);
    database = await startDatabase();
    await gate.open(database.url);
    await emulator.control('faults', { method: 'DELETE' });
    return ended(id);
  }, true);
  expect(product.isRunning()).toBe(true);
  expect(result).toMatchObject({
    state: 'FAILED',
    reason: expect.stringMatching(/^The database could not be reached/),
  });
  expect(came).toEqual({ mails: 0, reports: 0, told: 1 });
  expect(lastNotice()).toMatchObject({ schedule: 'database-broken', headline: result.reason });
  const { result: after, ...cameAfter } = await received(() => runOnce('database-broken'), false);
  expect(after).toMatchObject({ state: 'DELIVERED' });
  expect(cameAfter).toEqual({ mails: 1, reports: 1, told: 0 });
}, 300_000);
