import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmulatorProcess, EmulatorProcessOptions } from '@certfolio/testing';
import { dataOf, type HttpAnswer, type ProductProcess, type Stage } from '../harness/index.ts';

export interface Mirrored {
  readonly emulator: EmulatorProcess;
  readonly product: ProductProcess;
}

/** How the mirror stands, as `/readyz` tells it; asking costs no call. */
export interface MirrorFacts {
  readonly dataAsOf: string | null;
  readonly isComplete: boolean;
  readonly isFilled: boolean;
}

/**
 * The product with its mirror on an emulator of its own; no round comes by itself once it is filled.
 *
 * @param prepare makes what CertCentral has before the product first looks
 */
export async function mirroredProduct(
  stage: Stage,
  emulatorOptions: EmulatorProcessOptions,
  { env = {}, mirror = {} }: MirrorOptions = {},
  prepare: (emulator: EmulatorProcess) => Promise<unknown> = async () => undefined,
): Promise<Mirrored> {
  const emulator = await stage.emulator(emulatorOptions);
  await prepare(emulator);
  const folder = await mkdtemp(join(tmpdir(), 'certfolio-mirror-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, 'certfolio.yaml');
  const members = Object.entries({ ...quietMirror, ...mirror }).map(([name, value]) => `  ${name}: ${value}`);
  await writeFile(config, `mirror:\n${members.join('\n')}\n`);
  const product = await stage.productOn(emulator, {
    env: { CERTFOLIO_CONFIG: config, CERTFOLIO_MIRROR: 'on', ...env },
  });
  return { emulator, product };
}

export interface MirrorOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Members of the section `mirror` of the configuration file. */
  readonly mirror?: Readonly<Record<string, number | string | boolean>>;
}

/** Rounds and backfill only when asked for, so that calls can be counted. */
const quietMirror = {
  roundSeconds: 86_400,
  backfill: false,
  backfillAfterSeconds: 0,
  backfillCallsPerSecond: 100,
} as const;

export async function mirrorFacts({ url }: ProductProcess): Promise<MirrorFacts> {
  const response = await fetch(`${url}/readyz`);
  const { mirrors } = (await response.json()) as { mirrors: Readonly<Record<string, MirrorFacts>> };
  return mirrors['default'] ?? { dataAsOf: null, isFilled: false, isComplete: false };
}

export async function untilMirror(
  product: ProductProcess,
  is: (facts: MirrorFacts) => boolean,
  withinMs = 60_000,
): Promise<MirrorFacts> {
  const startedMs = performance.now();
  for (;;) {
    const facts = await mirrorFacts(product);
    if (is(facts)) return facts;
    if (performance.now() - startedMs > withinMs)
      throw new Error(`The mirror did not get there within ${withinMs} ms: ${JSON.stringify(facts)}`);
    await sleep(100);
  }
}

/** Has the product read what changed, and waits for it. */
export async function refreshMirror({ admin }: ProductProcess, isFull = false): Promise<void> {
  const answer = await admin.graphql('mutation ($full: Boolean) { refreshMirror(full: $full) { complete } }', {
    full: isFull,
  });
  dataOf(answer);
}

/** A request with the age of data that is fresh enough. */
export function askFresh(
  { admin }: ProductProcess,
  fresh: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<HttpAnswer> {
  return admin.fetch('/graphql', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json',
      'Certfolio-Extensions': '1',
      'Certfolio-Fresh': fresh,
    },
    body: JSON.stringify({ query, variables }),
  });
}
