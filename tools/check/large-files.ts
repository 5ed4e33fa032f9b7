/**
 * Reads the inventory of so many orders as XLSX, Parquet, JSON and CSV from the product, as `npm start` runs it, and tells the most
 * memory that its process had meanwhile (VmHWM of /proc: database and emulator are processes of their own). Counts the rows of
 * each file with readers that are not ours. Ends with 1 when a bound is passed or a row is missing. Linux only.
 *
 *     node tools/check/large-files.ts --orders 100000 [--save]
 *
 * Four states of the process: `filled`, its mirror filled by itself just now; `rested`, some time later; `restarted`, its mirror
 * filled by an earlier one, as after any restart; `live`, no mirror, so that every file is read from CertCentral as it is asked for.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startEmulator, type CertfolioProcess } from '@certfolio/testing';
import { countRows } from './src/count-rows.ts';
import { download } from './src/download.ts';
import { forgetPeak, graphql, isFilled, peakMegabytes, residentMegabytes, startProduct } from './src/product.ts';
import { warmUp } from './src/truth.ts';

/** What a file of 100,000 rows should take. */
const maxMegabytes = 300;
const fillWithinMs = 1_800_000;
/** Lists are read for a minute after the orders are there. */
const restMs = 120_000;
const formats = ['csv', 'ndjson', 'json', 'parquet', 'xlsx'] as const;

interface Figure {
  readonly state: string;
  readonly format: string;
  readonly rows: number;
  readonly megabytes: number;
  readonly seconds: number;
  readonly beforeMegabytes: number;
  readonly peakMegabytes: number;
}

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '2000' },
    states: { type: 'string', default: 'filled,rested,restarted,live' },
    formats: { type: 'string', default: formats.join(',') },
    save: { type: 'boolean', default: false },
    'node-flags': { type: 'string', default: '' },
    cache: { type: 'string', default: join(tmpdir(), 'certfolio-emulator-cache') },
  },
});
const orders = Number(values.orders);
const problems: string[] = [];
const figures: Figure[] = [];

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const beganMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - beganMs > fillWithinMs) throw new Error(`${what} did not come within ${fillWithinMs} ms.`);
    await sleep(200);
  }
}

async function reportKey(product: CertfolioProcess, adminKey: string, state: string): Promise<string> {
  const { createKey } = await graphql<{ createKey: { readonly secret: string } }>(
    product,
    adminKey,
    `mutation { createKey(input: {name: "files-${state}", owner: "check", level: OPEN, limits: {rows: 1000000, requestsPerMinute: 100000, costPerMinute: 1000000000}}) { secret } }`,
  );
  return createKey.secret;
}

async function allStatuses(product: CertfolioProcess, adminKey: string): Promise<string> {
  const { __type } = await graphql<{ __type: { enumValues: readonly { readonly name: string }[] } }>(
    product,
    adminKey,
    '{ __type(name: "OrderStatus") { enumValues { name } } }',
  );
  return __type.enumValues.map(({ name }) => `statuses=${name}`).join('&');
}

async function measure(product: CertfolioProcess, adminKey: string, state: string, folder: string): Promise<void> {
  const key = await reportKey(product, adminKey, state);
  const query = await allStatuses(product, adminKey);
  for (const format of values.formats.split(',')) {
    const path = join(folder, `inventory.${format}`);
    const beforeMegabytes = await residentMegabytes(product.pid);
    await forgetPeak(product.pid);
    const { tookMs, bytes } = await download(`${product.url}/r/inventory-full.${format}?${query}`, key, path);
    const peak = await peakMegabytes(product.pid);
    const rows = await countRows(format, path);
    const figure = {
      state,
      format,
      rows,
      megabytes: bytes / 2 ** 20,
      seconds: tookMs / 1_000,
      beforeMegabytes,
      peakMegabytes: peak,
    };
    figures.push(figure);
    console.log(
      `${state.padEnd(10)} ${format.padEnd(8)} ${rows} rows  ${figure.megabytes.toFixed(1)} MB  ${figure.seconds.toFixed(1)} s  process ${beforeMegabytes.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most`,
    );
    if (rows !== orders) problems.push(`${state} ${format}: ${rows} rows of ${orders}`);
    if (peak > maxMegabytes) problems.push(`${state} ${format}: ${peak.toFixed(0)} MB, at most ${maxMegabytes}`);
    await rm(path);
  }
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'certfolio-check-'));
  const adminKey = randomBytes(24).toString('hex');
  const states = new Set(values.states.split(','));
  const emulator = await startEmulator({ orders, limits: 'off', args: ['--cache', values.cache] });
  let product: CertfolioProcess | null = null;
  try {
    await warmUp(emulator.baseUrl);
    const started = { baseUrl: emulator.baseUrl, dataDir: folder, adminKey, nodeFlags: values['node-flags'] };
    if (states.has('filled') || states.has('rested') || states.has('restarted')) {
      product = await startProduct(started);
      await until(() => isFilled(product!), 'A whole mirror');
      console.log(`The fill took ${(await peakMegabytes(product.pid)).toFixed(0)} MB at most.`);
      if (states.has('filled')) await measure(product, adminKey, 'filled', folder);
      if (states.has('rested')) {
        await sleep(restMs);
        await measure(product, adminKey, 'rested', folder);
      }
      await product.stop();
    }
    if (states.has('restarted')) {
      product = await startProduct(started);
      await until(() => isFilled(product!), 'A whole mirror');
      await measure(product, adminKey, 'restarted', folder);
      await product.stop();
    }
    if (states.has('live')) {
      product = await startProduct({ ...started, mirror: false });
      await measure(product, adminKey, 'live', folder);
    }
  } finally {
    await product?.stop();
    await emulator.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  if (values.save) await save();
  for (const problem of problems) console.log(`Not kept: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function save(): Promise<void> {
  const folder = join(import.meta.dirname, 'results');
  await mkdir(folder, { recursive: true });
  const date = new Date().toISOString();
  const [cpu] = cpus();
  const machine = {
    cpus: cpus().length,
    model: cpu?.model,
    os: release(),
    node: process.versions.node,
    load: loadavg(),
  };
  const path = join(folder, `${date.slice(0, 10)}-large-files.json`);
  await writeFile(path, `${JSON.stringify({ date, orders, maxMegabytes, machine, figures }, null, 2)}\n`);
  console.log(`Saved ${path}`);
}

await main();
