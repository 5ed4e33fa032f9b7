import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { createStage, dataOf, runCommand, type ProductProcess } from '../harness/index.ts';
import { startHook, type Hook } from './receivers.ts';

const isLong = Boolean(process.env['CERTFOLIO_TEST_LONG']);
/** Slots that are walked of the five that are printed: the day before the night, the night, and after it. */
const walked = isLong ? 5 : 3;

const stage = createStage();
let dir: string;
let emulator: EmulatorProcess;
let hook: Hook;
let products: [ProductProcess, ProductProcess];
let start: (instant: string) => Promise<ProductProcess>;

interface Run {
  readonly slot: string;
  readonly state: string;
  readonly trigger: string;
  readonly attempts: number;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certfolio-summer-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  hook = await startHook();
  stage.defer(() => hook.stop());
  await writeFile(join(dir, 'secret'), 'a-secret-that-both-sides-know-0123456789');
  await writeFile(
    join(dir, 'certfolio.yaml'),
    `destinations:
  share: { kind: folder, path: ${join(dir, 'out')} }
  cmdb: { kind: webhook, url: '${hook.url}', secretFile: secret }
egress: { allow: [127.0.0.1] }
reports: { leaseSeconds: 3 }
`,
  );
  emulator = await stage.emulator({ orders: 100 });
  const env = { CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml'), CERTFOLIO_DATABASE_URL: database.url };
  const main = join(import.meta.dirname, 'product-with-moved-clock.mjs');
  start = (instant) => stage.productOn(emulator, { env, main: [main, instant] });
}, 300_000);

const certfolio = ({ url, adminKey }: ProductProcess, ...args: string[]) =>
  runCommand({ url, key: adminKey }, args, dir);

async function runsOf({ admin }: ProductProcess, name: string): Promise<readonly Run[]> {
  const answer = await admin.graphql(`{ runs(schedule: "${name}", first: 50) { slot state trigger attempts } }`);
  const runs = dataOf(answer)['runs'] as Run[];
  return runs.toSorted((a, b) => a.slot.localeCompare(b.slot));
}

/** `2027-03-28 03:00 GMT+2` as it is printed, as an instant. */
const printedSlots = (text: string): string[] =>
  [...text.matchAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d) GMT\+(\d)/g)].map(([, day, time, hours]) =>
    new Date(`${day}T${time}:00+0${hours}:00`).toISOString(),
  );

const moveTo = (instant: string, ms = 0) =>
  Promise.all(products.map((each) => each.ask(new Date(Date.parse(instant) + ms).toISOString())));

async function waitUntil(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const until = Date.now() + 120_000;
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error(`It did not come to this: ${what}.`);
    await sleep(100);
  }
}

/** Ends the process that is reading for a run, at once. @returns its place among the two */
async function killWhoReads(): Promise<0 | 1> {
  let reading: 0 | 1 | undefined;
  await waitUntil(async () => {
    const inFlight = await Promise.all(
      products.map(async ({ admin }) =>
        /^certfolio_upstream_in_flight\{.*\} [1-9]/m.test((await admin.fetch('/metrics')).text),
      ),
    );
    reading = inFlight[0] ? 0 : inFlight[1] ? 1 : undefined;
    return reading !== undefined;
  }, 'one of the two reads');
  await products[reading!].kill();
  return reading!;
}

async function walkNight(name: string, { from, night }: { from: string; night: string }): Promise<readonly string[]> {
  await writeFile(
    join(dir, 'schedules.yaml'),
    `- { name: ${name}, template: wildcards, cron: 30 2 * * *, zone: Europe/Berlin, to: [share, cmdb], retries: 0 }\n`,
  );
  expect(await certfolio(products[0], 'schedules', 'apply', '-f', 'schedules.yaml')).toMatchObject({ code: 0 });
  const printed = printedSlots((await certfolio(products[1], 'schedules', 'show', name)).stdout).slice(0, 5);
  expect(printed).toHaveLength(5);
  expect(printed[1]).toBe(night);
  expect(Date.parse(printed[0]!)).toBeGreaterThan(Date.parse(from));

  for (const [index, slot] of printed.slice(0, walked).entries()) {
    await moveTo(slot, -1_500);
    let left = products[0];
    if (slot === night) {
      // Slow enough for the process to be ended while it reads.
      await emulator.control('faults', { method: 'POST', body: { kind: 'delay', delayMs: 2_000 } });
      const killed = await killWhoReads();
      await emulator.control('faults', { method: 'DELETE' });
      left = products[1 - killed]!;
      await waitUntil(async () => (await runsOf(left, name))[index]?.state === 'DELIVERED', `a run at ${slot}`);
      products[killed] = await start(new Date(Date.parse(slot) + 60_000).toISOString());
    }
    await waitUntil(async () => (await runsOf(left, name))[index]?.state === 'DELIVERED', `a run at ${slot}`);
  }
  return printed.slice(0, walked);
}

it('at 02:30 of Berlin there is one run a day through both nights of summer time, of two processes one killed at it', async () => {
  products = [await start('2027-03-26T12:00:00Z'), await start('2027-03-26T12:00:00Z')];
  // 02:30 is left out on the 28th: the first minute after the gap, 03:00 of summer time.
  const spring = await walkNight('spring', { from: '2027-03-26T12:00:00Z', night: '2027-03-28T01:00:00.000Z' });
  expect(spring.slice(0, 3)).toEqual([
    '2027-03-27T01:30:00.000Z',
    '2027-03-28T01:00:00.000Z',
    '2027-03-29T00:30:00.000Z',
  ]);
  expect(await certfolio(products[0], 'schedules', 'pause', 'spring')).toMatchObject({ code: 0 });

  await moveTo('2027-10-29T12:00:00Z');
  // 02:30 comes twice on the 31st: the first one runs, the second, an hour later, does not.
  const autumn = await walkNight('autumn', { from: '2027-10-29T12:00:00Z', night: '2027-10-31T00:30:00.000Z' });
  expect(autumn.slice(0, 3)).toEqual([
    '2027-10-30T00:30:00.000Z',
    '2027-10-31T00:30:00.000Z',
    '2027-11-01T01:30:00.000Z',
  ]);

  for (const [name, slots, night] of [
    ['spring', spring, 1],
    ['autumn', autumn, 1],
  ] as const) {
    const runs = await runsOf(products[0], name);
    expect(runs.map(({ slot }) => new Date(slot).toISOString())).toEqual(slots);
    expect(runs.map(({ state, trigger }) => [state, trigger])).toEqual(slots.map(() => ['DELIVERED', 'slot']));
    expect(runs.map(({ attempts }) => attempts)).toEqual(slots.map((_slot, at) => (at === night ? 2 : 1)));
  }
  // Counted at the receivers: one message and one file a day.
  expect(hook.calls.map(({ body }) => (JSON.parse(body.toString()) as { slot: string }).slot)).toEqual([
    ...spring,
    ...autumn,
  ]);
  const files = (await readdir(join(dir, 'out'), { recursive: true })).filter((name) => name.endsWith('.csv'));
  expect(files.filter((name) => !name.endsWith('difference.csv'))).toHaveLength(2 * walked);
}, 600_000);
