import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCertfolio, type CertfolioProcess } from '@certfolio/testing';

const root = join(import.meta.dirname, '../../..');

export interface ProductOptions {
  /** Of the upstream, ending in /services/v2. */
  readonly baseUrl: string;
  readonly dataDir: string;
  readonly adminKey: string;
  /** For its Node, beside those of `npm start`; separated by spaces. */
  readonly nodeFlags: string;
  /** Default true. */
  readonly mirror?: boolean;
}

/** A round of the mirror that ended well, as its log line tells it. */
export interface RoundLine {
  readonly kind: string;
  readonly calls: number;
  readonly tookMs: number;
}

/** Starts the product with the flags that `npm start` gives it. Its mirror fills by itself and rests once it is filled. */
export async function startProduct({
  baseUrl,
  dataDir,
  adminKey,
  nodeFlags,
  mirror = true,
}: ProductOptions): Promise<CertfolioProcess> {
  const configuration = join(dataDir, 'certfolio.yaml');
  // What other certificates orders have is one call an order, for hours; here it would hide what the rest costs.
  await writeFile(configuration, 'mirror:\n  backfill: false\n  roundSeconds: 3600\n');
  return startCertfolio({
    startWithinMs: 180_000,
    nodeFlags: [...(await flagsOfStart()), ...flagsIn(nodeFlags)],
    env: {
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      // A live read of everything takes longer than somebody would wait for a page.
      CERTFOLIO_REQUEST_TIMEOUT_MS: '600000',
      CERTCENTRAL_BASE_URL: baseUrl,
      CERTCENTRAL_API_KEY: 'any-key',
      CERTFOLIO_ADMIN_KEY: adminKey,
      CERTFOLIO_CONFIG: configuration,
      CERTFOLIO_DATA_DIR: join(dataDir, 'data'),
      CERTFOLIO_MIRROR: mirror ? 'on' : 'off',
    },
  });
}

async function flagsOfStart(): Promise<readonly string[]> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: { readonly start: string };
  };
  return flagsIn(manifest.scripts.start);
}

const flagsIn = (words: string) => words.split(' ').filter((word) => word.startsWith('--'));

export function roundsOf(product: CertfolioProcess): readonly RoundLine[] {
  return product
    .stderr()
    .split('\n')
    .filter((line) => line.includes('"The mirror was brought up to date."'))
    .map((line) => JSON.parse(line) as RoundLine);
}

/** The greatest memory that the process had in RAM since it began or `forgetPeak`. Linux only. */
export const peakMegabytes = (pid: number) => megabytesOf(pid, 'VmHWM');

/** What the process has in RAM now. Linux only. */
export const residentMegabytes = (pid: number) => megabytesOf(pid, 'VmRSS');

async function megabytesOf(pid: number, name: 'VmHWM' | 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) / 1_024;
}

/** User and system time since the process began. Linux only; 100 ticks a second. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; fields are counted from behind it (proc_pid_stat(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** See clear_refs in proc(5). */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

export async function isFilled(product: CertfolioProcess): Promise<boolean> {
  const { mirrors } = (await (await fetch(`${product.url}/readyz`)).json()) as {
    readonly mirrors: { readonly default?: { readonly isFilled: boolean } };
  };
  return mirrors.default?.isFilled === true;
}

export async function graphql<T>(product: CertfolioProcess, key: string, query: string): Promise<T> {
  const response = await fetch(`${product.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { readonly data?: T; readonly errors?: unknown };
  if (data == null || errors !== undefined) throw new Error(`${query}: ${JSON.stringify(errors)}`);
  return data;
}
