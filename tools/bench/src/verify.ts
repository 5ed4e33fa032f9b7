import { isDeepStrictEqual } from 'node:util';
import type { Bench, Variant } from './variants.ts';
import type { Work } from './works.ts';

/** Variable sets that are compared before anything is timed; far from those that the timing begins with. */
const comparedSets = [40_001, 40_002, 40_003];
/** Answers that floor-http knows, over and over; more than are ever in flight. */
const learntSets = { A: 256, B: 64, C: 8 } as const;

export interface Verified {
  /** Bytes of one answer of ours. */
  readonly answerBytes: number;
  /** Differences that make a figure less comparable and no answer wrong. */
  readonly notes: readonly string[];
}

export class AnswersDiffer extends Error {
  override readonly name = 'AnswersDiffer';
}

export const learntVariables = (work: Work, n: number) => work.variables(n % learntSets[work.name]);

/**
 * Every variant gives the same data for three sets of variables, floor-http the very same bytes, floor-proxy the bytes of
 * the very same upstream calls.
 *
 * @throws AnswersDiffer naming the first place that differs
 */
export async function verifyWork(work: Work, bench: Bench): Promise<Verified> {
  const byName = new Map(bench.variants.map((variant) => [variant.name, variant]));
  const ours = byName.get('ours-id')!;
  const notes = new Set<string>();
  let answerBytes = 0;
  const floor = byName.get('floor-http')!;
  for (const n of comparedSets) {
    const variables = work.variables(n);
    await askMock(bench, 'record');
    const expected = await answerOf(ours, work, variables);
    const { paths } = await askMock(bench, 'stats');
    answerBytes = expected.bytes.length;
    await learn(floor, work, variables, expected.bytes);
    for (const variant of bench.variants) {
      const where = `${variant.name} on ${work.name} with ${JSON.stringify(variables)}`;
      if (variant.name === 'floor-proxy') {
        await compareProxy(variant, work, variables, bench, where);
        const wanted = [...work.upstreamPaths(variables)].sort();
        const known = paths.filter((path) => path !== '/reports/query' && path !== '/account').sort();
        if (!isDeepStrictEqual(known, wanted))
          notes.add(`${work.name}: ours now calls ${known.join(' ')}, floor-proxy still ${wanted.join(' ')}`);
        continue;
      }
      const answer = await answerOf(variant, work, variables);
      if (variant.name === 'floor-http') {
        if (!answer.bytes.equals(expected.bytes)) throw new AnswersDiffer(`${where}: other bytes than ours`);
        continue;
      }
      const difference = firstDifference(expected.data, answer.data, 'data');
      if (difference !== null) throw new AnswersDiffer(`${where}: ${difference}`);
    }
  }
  for (let n = 0; n < learntSets[work.name]; n += 1) {
    const variables = learntVariables(work, n);
    await learn(floor, work, variables, (await answerOf(ours, work, variables)).bytes);
  }
  await askMock(bench, 'stats');
  return { answerBytes, notes: [...notes] };
}

async function answerOf(variant: Variant, work: Work, variables: Readonly<Record<string, string>>) {
  const { status, bytes } = await variant.client.read(variant.bodyOf(work, variables));
  const text = bytes.toString('utf8');
  if (status !== 200)
    throw new AnswersDiffer(`${variant.name} on ${work.name}: status ${status}, ${text.slice(0, 500)}`);
  const { data, errors } = JSON.parse(text) as { readonly data?: unknown; readonly errors?: readonly unknown[] };
  if (errors !== undefined)
    throw new AnswersDiffer(`${variant.name} on ${work.name}: ${JSON.stringify(errors).slice(0, 500)}`);
  return { bytes, data };
}

const learn = (floor: Variant, work: Work, variables: Readonly<Record<string, string>>, bytes: Buffer) =>
  floor.client.read(
    bytes as never,
    { 'x-bench-key': encodeURIComponent(`${work.template} ${JSON.stringify(variables)}`) },
    '/__bench/learn',
  );

async function compareProxy(
  variant: Variant,
  work: Work,
  variables: Readonly<Record<string, string>>,
  bench: Bench,
  where: string,
): Promise<void> {
  const { bytes } = await variant.client.read(variant.bodyOf(work, variables));
  const bodies = await Promise.all(
    work.upstreamPaths(variables).map(async (path) => (await fetch(`${bench.upstream}/services/v2${path}`)).text()),
  );
  if (bytes.toString('utf8') !== `[${bodies.join(',')}]`)
    throw new AnswersDiffer(`${where}: other bytes than the upstream's`);
}

/** Calls since the last time; `record` begins to keep their paths. */
export async function askMock(bench: Bench, what: 'stats' | 'record') {
  const answer = await fetch(`${bench.upstream}/__bench/${what}`);
  return (await answer.json()) as { readonly calls: number; readonly paths: readonly string[] };
}

/** The first place where two JSON values differ, in words; the order of keys counts, since GraphQL promises it. */
export function firstDifference(expected: unknown, actual: unknown, at: string): string | null {
  if (Object.is(expected, actual)) return null;
  const differs = `${at} is ${short(actual)}, ours has ${short(expected)}`;
  if (typeof expected !== 'object' || typeof actual !== 'object' || expected === null || actual === null)
    return differs;
  if (Array.isArray(expected) !== Array.isArray(actual)) return differs;
  const [keys, others] = [Object.keys(expected), Object.keys(actual)];
  if (keys.join() !== others.join()) return `${at} has ${short(others)}, ours ${short(keys)}`;
  for (const key of keys) {
    const difference = firstDifference(
      (expected as Record<string, unknown>)[key],
      (actual as Record<string, unknown>)[key],
      `${at}.${key}`,
    );
    if (difference !== null) return difference;
  }
  return null;
}

const short = (value: unknown) => (JSON.stringify(value) ?? 'absent').slice(0, 120);
