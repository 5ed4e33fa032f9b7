import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess, type StartedProcess } from './child-process.ts';
import { LoadClient } from './load.ts';
import type { Work } from './works.ts';

export const variantNames = [
  'ours-id',
  'ours-text',
  'ours-two',
  'stock',
  'stock-rest',
  'floor-http',
  'floor-proxy',
] as const;
export type VariantName = (typeof variantNames)[number];

export interface Variant {
  readonly name: VariantName;
  readonly client: LoadClient;
  /** Processes whose CPU and memory count as its own. */
  readonly pids: readonly number[];
  bodyOf(work: Work, variables: Readonly<Record<string, string>>): string;
}

/** `npm start` starts the product with these; stock Apollo is started as its documentation has it. */
const productFlags = ['--max-semi-space-size=32', '--initial-old-space-size=64'];

/** The mock, and every variant in processes of its own. */
export interface Bench {
  readonly upstream: string;
  readonly variants: readonly Variant[];
  stop(): Promise<void>;
}

export interface BenchOptions {
  readonly dataDir: string;
  readonly cpuProfileDir: string | null;
  /** Each variant has one processor with all its processes, the sender and the mock have another. */
  readonly onOneProcessor: boolean;
  /** Also two whole gateways that share nothing: the most that several processes which answer could do. */
  readonly withTwo: boolean;
  readonly say: (line: string) => void;
}

const mockEntry = 'src/mock-main.ts';
/** By the numbers that the system has for them. */
const processors = { variant: 0, others: 1 } as const;

const folder = fileURLToPath(new URL('../', import.meta.url));
export const stockFolder: string = join(folder, 'stock');
const templatesFolder = join(folder, 'templates');
const json = { 'content-type': 'application/json', accept: 'application/json' };

export async function startBench(options: BenchOptions): Promise<Bench> {
  installStock(options.say);
  const started: StartedProcess[] = [];
  const start = async (entry: string, args: readonly string[] = [], isOurs = false) => {
    const cpuProfileDir = isOurs ? options.cpuProfileDir : null;
    const processor = options.onOneProcessor ? (entry === mockEntry ? processors.others : processors.variant) : null;
    const nodeFlags = isOurs ? productFlags : [];
    const process = await startProcess({ entry, args, cpuProfileDir, nodeFlags, processor });
    started.push(process);
    return process;
  };
  const stop = async () => {
    await Promise.all(started.map((process) => process.stop()));
  };
  try {
    if (options.onOneProcessor) pinThisProcess();
    const mock = await start(mockEntry);
    const upstream = `${originOf(mock)}/services/v2`;
    const startOurs = (dataDir: string) =>
      start('src/ours-main.ts', ['--upstream', upstream, '--data-dir', dataDir, '--templates', templatesFolder], true);
    const [ours, stock, stockRest, floorHttp, floorProxy] = await Promise.all([
      startOurs(options.dataDir),
      startStock(start, upstream, () => 'stock/subgraph-main.ts'),
      // No work asks the subgraph of the account for anything; it is there for the schema to be whole.
      startStock(start, upstream, (name) =>
        name === 'account' ? 'stock/subgraph-main.ts' : 'stock/rest-subgraph-main.mjs',
      ),
      start('src/floor-http-main.ts'),
      start('src/floor-proxy-main.ts', ['--upstream', upstream]),
    ]);
    const second = options.withTwo ? await startOurs(`${options.dataDir}-second`) : null;
    const { ids } = ours.facts as { readonly ids: Readonly<Record<string, string>> };
    const byId: Variant['bodyOf'] = ({ template }, variables) =>
      JSON.stringify({ documentId: `sha256:${ids[template]}`, variables });
    const oursHeaders = headersOf(ours);
    const variant = (
      name: VariantName,
      processes: readonly StartedProcess[],
      headers: Readonly<Record<string, string>>,
      bodyOf: Variant['bodyOf'],
      client = new LoadClient(targetOf(processes[0]!, headers)),
    ): Variant => ({ name, client, pids: processes.map(({ pid }) => pid), bodyOf });
    const variants = [
      variant('ours-id', [ours], oursHeaders, byId),
      variant('ours-text', [ours], oursHeaders, textBody),
      ...(second === null
        ? []
        : [
            variant(
              'ours-two',
              [ours, second],
              oursHeaders,
              byId,
              new LoadClient(targetOf(ours, oursHeaders), targetOf(second, headersOf(second))),
            ),
          ]),
      variant('stock', stock, json, textBody),
      variant('stock-rest', stockRest, json, textBody),
      variant('floor-http', [floorHttp], json, shortBody),
      variant('floor-proxy', [floorProxy], json, shortBody),
    ];
    return {
      upstream: originOf(mock),
      variants,
      stop: async () => {
        await Promise.all(variants.map(({ client }) => client.close()));
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function pinThisProcess(): void {
  const words = ['--all-tasks', '--cpu-list', '--pid', String(processors.others), String(process.pid)];
  execFileSync('taskset', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The gateway first: it is the one that is asked. */
async function startStock(
  start: (entry: string, args: readonly string[], isProfiled: boolean) => Promise<StartedProcess>,
  upstream: string,
  entryOf: (subgraph: string) => string,
): Promise<readonly StartedProcess[]> {
  const names = ['orders', 'organizations', 'account'];
  const subgraphs = await Promise.all(
    names.map((name) => start(entryOf(name), ['--name', name, '--upstream', upstream], true)),
  );
  const args = subgraphs.flatMap((subgraph, index) => ['--subgraph', `${names[index]}=${originOf(subgraph)}/`]);
  return [await start('stock/gateway-main.ts', args, true), ...subgraphs];
}

const texts = new Map<string, string>();

export function documentOf({ template }: Work): string {
  let text = texts.get(template);
  if (text === undefined)
    texts.set(template, (text = readFileSync(join(templatesFolder, `${template}.graphql`), 'utf8')));
  return text;
}

const textBody: Variant['bodyOf'] = (work, variables) => JSON.stringify({ query: documentOf(work), variables });

/** Floors know three operations by name and read no GraphQL. */
const shortBody: Variant['bodyOf'] = ({ template }, variables) =>
  JSON.stringify({ operationName: template, variables });

const headersOf = ({ facts }: StartedProcess) => ({ ...json, authorization: `Bearer ${String(facts['key'])}` });

const targetOf = (process: StartedProcess, headers: Readonly<Record<string, string>>) => ({
  origin: originOf(process),
  path: String(process.facts['path'] ?? '/graphql'),
  headers,
});

const originOf = ({ facts }: StartedProcess) => String(facts['origin']);

/** Stock has a lock file of its own, so that what is compared with never moves with the product's versions. */
function installStock(say: BenchOptions['say']): void {
  if (existsSync(join(stockFolder, 'node_modules/@apollo/datasource-rest/package.json'))) return;
  say('Installing stock Apollo once: npm ci in tools/bench/stock …');
  execFileSync('npm', ['ci', '--no-progress'], { cwd: stockFolder, stdio: ['ignore', 'ignore', 'inherit'] });
}
