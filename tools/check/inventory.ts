/**
 * Fills the mirror of the product from an emulator of so many orders, reads all of them as CSV and holds every cell against what
 * the emulator itself says. Prints what it took; ends with 1 when a cell differs or a bound is passed. Linux only.
 *
 *     node tools/check/inventory.ts --orders 100000          as `npm start` runs the product, backfill of order info off
 *     node tools/check/inventory.ts --orders 20000 --kill    ends the product by SIGKILL in the middle of the fill, then starts it again
 *
 * `--node-flags=--heap-prof` goes to the product's Node beside the flags of `npm start`; `--cache FOLDER` keeps the emulator's certificates.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startEmulator, type CertfolioProcess, type EmulatorProcess } from '@certfolio/testing';
import { compareCsv } from './src/compare.ts';
import { download } from './src/download.ts';
import { cpuSeconds, forgetPeak, graphql, isFilled, peakMegabytes, roundsOf, startProduct } from './src/product.ts';
import { readTruth, warmUp } from './src/truth.ts';

/** What the product promises. */
const bounds = { rowCalls: 5, rowSeconds: 90, megabytes: 600, csvCalls: 0, listRows: 1_000 };
const fillWithinMs = 600_000;
const shownDifferences = 20;

interface Stats {
  readonly total: number;
  readonly calls: Readonly<Record<string, number>>;
}

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '2000' },
    kill: { type: 'boolean', default: false },
    'node-flags': { type: 'string', default: '' },
    cache: { type: 'string', default: join(tmpdir(), 'certfolio-emulator-cache') },
  },
});
const problems: string[] = [];
const secondsSince = (beganMs: number) => (performance.now() - beganMs) / 1_000;
const tell = (what: string, figure: string) => console.log(`${what.padEnd(46)} ${figure}`);
const callsOf = async (emulator: EmulatorProcess) => (await emulator.control('stats')) as Stats;

function told(what: string, value: number, unit: string, most?: number): void {
  const isOver = most !== undefined && value > most;
  const bound = most === undefined ? '' : ` (at most ${most}${isOver ? ': PASSED' : ''})`;
  if (isOver) problems.push(`${what}: ${value.toFixed(1)} ${unit}, at most ${most}`);
  tell(what, `${Number.isInteger(value) ? value : value.toFixed(2)} ${unit}${bound}`);
}

async function until(condition: () => Promise<boolean>, what: string, everyMs = 100): Promise<void> {
  const beganMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - beganMs > fillWithinMs) throw new Error(`${what} did not come within ${fillWithinMs} ms.`);
    await sleep(everyMs);
  }
}

/** From the start of the process until its mirror is whole. */
async function measureFill(emulator: EmulatorProcess, product: CertfolioProcess, beganMs: number): Promise<void> {
  await until(async () => roundsOf(product).length > 0, 'The first round', 50);
  told('Rows with all fields in the mirror after', secondsSince(beganMs), 's', bounds.rowSeconds);
  await until(() => isFilled(product), 'A whole mirror');
  told('/readyz says isFilled after', secondsSince(beganMs), 's');
  told('CPU of the process until then', await cpuSeconds(product.pid), 's');
  await untilQuiet(emulator);
  for (const { kind, calls, tookMs } of roundsOf(product)) tell(`  round: ${kind}`, `${calls} calls, ${tookMs} ms`);
  const [first] = roundsOf(product);
  const { calls } = await callsOf(emulator);
  for (const [route, count] of Object.entries(calls).sort()) tell(`  ${route}`, `${count} calls`);
  if (first!.kind === 'compare') told('Calls for the rows', first!.calls, 'calls', bounds.rowCalls);
  told('Peak of the process while filling', await peakMegabytes(product.pid), 'MB', bounds.megabytes);
}

/** Lists that are no orders may still be read when the orders are there. */
async function untilQuiet(emulator: EmulatorProcess): Promise<void> {
  let before = -1;
  await until(
    async () => {
      const { total } = await callsOf(emulator);
      const isQuiet = total === before;
      before = total;
      return isQuiet;
    },
    'An end of the calls',
    2_000,
  );
}

/** Lets the first fill get to about a third and ends the process. */
async function killWithin(emulator: EmulatorProcess, product: CertfolioProcess, adminKey: string, orders: number) {
  const standing = async () =>
    (
      await graphql<{ upstream: { readonly mirror: { readonly orders: number } | null } }>(
        product,
        adminKey,
        '{ upstream { mirror { orders } } }',
      )
    ).upstream.mirror?.orders ?? 0;
  await until(async () => (await standing()) >= orders / 3, 'A third of the orders', 20);
  const kept = await standing();
  await product.stop('SIGKILL');
  tell('Killed in the middle with', `${kept} of ${orders} orders`);
  if (kept >= orders) problems.push('The fill was over before the process was killed.');
  await emulator.control('stats', { method: 'DELETE' });
}

async function reportUrl(product: CertfolioProcess, adminKey: string): Promise<string> {
  const { __type } = await graphql<{ __type: { enumValues: readonly { readonly name: string }[] } }>(
    product,
    adminKey,
    '{ __type(name: "OrderStatus") { enumValues { name } } }',
  );
  const statuses = __type.enumValues.map(({ name }) => `statuses=${name}`).join('&');
  return `${product.url}/r/inventory-full.csv?${statuses}`;
}

/** The whole inventory into a file, and a small report now and then. */
async function measureReports(
  emulator: EmulatorProcess,
  product: CertfolioProcess,
  adminKey: string,
  path: string,
): Promise<void> {
  const { createKey } = await graphql<{ createKey: { readonly secret: string } }>(
    product,
    adminKey,
    'mutation { createKey(input: {name: "inventory", owner: "check", level: OPEN, limits: {rows: 1000000, requestsPerMinute: 100000, costPerMinute: 1000000000}}) { secret } }',
  );
  const url = await reportUrl(product, adminKey);
  await emulator.control('stats', { method: 'DELETE' });
  await forgetPeak(product.pid);
  const cpuBefore = await cpuSeconds(product.pid);
  const whole = await download(url, createKey.secret, path);
  told('inventory-full.csv: first byte', whole.firstByteMs, 'ms');
  told('inventory-full.csv: all', whole.tookMs / 1_000, 's');
  told('inventory-full.csv: CPU of the process', (await cpuSeconds(product.pid)) - cpuBefore, 's');
  told('inventory-full.csv: size', whole.bytes / 2 ** 20, 'MB');
  told('Calls for it', (await callsOf(emulator)).total, 'calls', bounds.csvCalls);
  told('Peak of the process while it streams', await peakMegabytes(product.pid), 'MB', bounds.megabytes);
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn += 1)
    times.push(
      (await download(`${product.url}/r/expiring-soon.csv?days=30`, createKey.secret, `${path}.small`)).tookMs,
    );
  tell('expiring-soon.csv, five times', `${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  told('Calls in all', (await callsOf(emulator)).total, 'calls', bounds.csvCalls);
}

async function main(): Promise<void> {
  const orders = Number(values.orders);
  const folder = await mkdtemp(join(tmpdir(), 'certfolio-check-'));
  const adminKey = randomBytes(24).toString('hex');
  const emulator = await startEmulator({ orders, limits: 'off', args: ['--cache', values.cache] });
  let product: CertfolioProcess | null = null;
  try {
    const warmMs = performance.now();
    await warmUp(emulator.baseUrl);
    told('Warming the emulator', secondsSince(warmMs), 's');
    await emulator.control('stats', { method: 'DELETE' });

    const started = { baseUrl: emulator.baseUrl, dataDir: folder, adminKey, nodeFlags: values['node-flags'] };
    let beganMs = performance.now();
    product = await startProduct(started);
    tell('Ready to answer after', `${secondsSince(beganMs).toFixed(2)} s`);
    if (values.kill) {
      await killWithin(emulator, product, adminKey, orders);
      beganMs = performance.now();
      product = await startProduct(started);
    }
    await measureFill(emulator, product, beganMs);
    const path = join(folder, 'inventory-full.csv');
    await measureReports(emulator, product, adminKey, path);

    const truth = await readTruth(emulator.baseUrl);
    const { rows, cells, uncompared, differences } = await compareCsv(path, truth);
    tell('Compared', `${rows} rows, ${cells} cells; ${truth.size} orders`);
    if (uncompared.length > 0) tell('Columns with nothing to compare with', uncompared.join(', '));
    for (const difference of differences.slice(0, shownDifferences)) console.log(`  ${difference}`);
    console.log(differences.length === 0 ? 'equal' : `${differences.length} differences`);
    if (differences.length > 0) problems.push(`${differences.length} differences`);
  } finally {
    await product?.stop();
    await emulator.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  for (const problem of problems) console.log(`Not kept: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

await main();
