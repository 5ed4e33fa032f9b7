import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureWork, type MeasureSettings, type Result } from './src/measure.ts';
import { tableOf } from './src/report.ts';
import { startBench, stockFolder, variantNames, type Bench } from './src/variants.ts';
import { AnswersDiffer, verifyWork } from './src/verify.ts';
import { works } from './src/works.ts';

const usage = `npm run bench -- [--full] [--save] [--works A,B,C] [--variants NAME,…] [--one-processor] [--cpu-profile FOLDER]

  --full           longer slots and more rounds
  --save           writes tools/bench/results/<date>-<quick|full>[-one-processor].json
  --works          only these works
  --variants       times only these; all are compared: ${variantNames.join(', ')}.
                   Without it, stock-rest is timed by --full alone, and ours-two is not started
  --one-processor  each variant has one processor with all its processes, the sender and the mock another
  --cpu-profile    writes CPU profiles of ours and of stock into a folder; the figures then mean little
`;

const quick: MeasureSettings = {
  rounds: 5,
  slotMs: 600,
  slotRequests: { A: 50, B: 16, C: 4 },
  warmUpMs: 1_200,
  // V8 optimizes a function for good after 3,000 calls of it; before that a slot would measure the compiler.
  warmUpRequests: { A: 5_000, B: 60, C: 6 },
};
const full: MeasureSettings = {
  rounds: 9,
  slotMs: 3_000,
  slotRequests: { A: 500, B: 100, C: 12 },
  warmUpMs: 5_000,
  warmUpRequests: { A: 3_000, B: 400, C: 20 },
};

const say = (line: string) => process.stderr.write(`${line}\n`);

/** @returns the exit code */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      full: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      works: { type: 'string' },
      variants: { type: 'string' },
      'cpu-profile': { type: 'string' },
      'one-processor': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const settings = values.full ? full : quick;
  const onOneProcessor = values['one-processor'];
  const wanted = values.works?.split(',');
  const chosen = works.filter(({ name }) => wanted === undefined || wanted.includes(name));
  const startMs = Date.now();
  const loadBefore = loadavg();
  const dataDir = mkdtempSync(join(tmpdir(), 'certfolio-bench-'));
  const results: Result[] = [];
  let bench: Bench | null = null;
  try {
    bench = await startBench({
      ...{ dataDir, say },
      cpuProfileDir: values['cpu-profile'] ?? null,
      onOneProcessor,
      withTwo: values.variants?.split(',').includes('ours-two') ?? false,
    });
    say(`Started after ${seconds(startMs)}.`);
    const tables: string[] = [];
    for (const work of chosen) {
      const { answerBytes, notes } = await verifyWork(work, bench);
      for (const note of notes) say(`Note, ${note}`);
      const measured = await measureWork(work, timedOf(bench, values.variants, values.full), settings, say);
      results.push(...measured);
      tables.push(tableOf(work, answerBytes, measured));
    }
    process.stdout.write(`${[heading(settings, loadBefore, onOneProcessor), ...tables, legend].join('\n')}\n`);
  } catch (error) {
    if (!(error instanceof AnswersDiffer)) throw error;
    say(`The variants do not answer alike, so nothing is timed. ${error.message}`);
    return 1;
  } finally {
    await bench?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  say(`Took ${seconds(startMs)}.`);
  if (values.save) say(`Saved ${save(modeOf(values.full, onOneProcessor), settings, loadBefore, results)}`);
  return 0;
}

function timedOf(bench: Bench, names: string | undefined, isFull: boolean): Bench {
  const byItself = isFull ? variantNames : variantNames.filter((name) => name !== 'stock-rest');
  const wanted = new Set<string>(names?.split(',') ?? byItself);
  return { ...bench, variants: bench.variants.filter(({ name }) => wanted.has(name)) };
}

const seconds = (sinceMs: number) => `${((Date.now() - sinceMs) / 1_000).toFixed(0)} s`;

const modeOf = (isFull: boolean, onOneProcessor: boolean) =>
  `${isFull ? 'full' : 'quick'}${onOneProcessor ? '-one-processor' : ''}`;

function heading({ rounds, slotMs }: MeasureSettings, loadBefore: readonly number[], onOneProcessor: boolean): string {
  return [
    `${rounds} interleaved rounds, slots of ${slotMs} ms or more; load before ${oneDecimal(loadBefore)}, now ${oneDecimal(loadavg())}; ${cpus().length} × ${cpus()[0]?.model}`,
    ...(onOneProcessor
      ? ['Each variant has one processor with all its processes; the sender and the mock have another.']
      : []),
    'The call budget of CertCentral is lifted on both sides; key, rate limit, rights and cost are checked by ours only, stock has none.',
    '',
  ].join('\n');
}

const oneDecimal = (loads: readonly number[]) => loads.map((load) => load.toFixed(1)).join(' ');

const legend = [
  'Medians over rounds; ratios are taken within a round: median (least–most). More is better for both ratios.',
  'CPU ms: user and system time per request of all processes of the variant. upstream: calls of the mock per request.',
  'floor-http sends known bytes; floor-proxy makes the same upstream calls and passes their bytes on.',
  '* the load generator (in this process) was busy above 85 %, so the variant can do more than is shown.',
].join('\n');

function save(mode: string, settings: MeasureSettings, loadBefore: readonly number[], results: readonly Result[]) {
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const file = new URL(`${date.slice(0, 10)}-${mode}.json`, folder);
  const versions = Object.fromEntries(
    ['@apollo/server', '@apollo/gateway', '@apollo/subgraph', '@apollo/datasource-rest', 'graphql'].map((name) => [
      name,
      stockVersion(name),
    ]),
  );
  const [cpu] = cpus();
  const machine = { cpus: cpus().length, model: cpu?.model, memoryBytes: totalmem(), os: release(), arch: arch() };
  const load = { before: loadBefore, after: loadavg() };
  const told = { date, mode, node: process.versions.node, stock: versions, machine, load, settings, results };
  writeFileSync(file, `${JSON.stringify(told, null, 2)}\n`);
  return file.pathname;
}

function stockVersion(name: string): string {
  const manifest = readFileSync(join(stockFolder, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

process.exitCode = await main();
