import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadClient, LoadResult } from './load.ts';
import { cpuMsBetween, readUsage, rssBytesOf, withDescendants } from './process-usage.ts';
import { spreadOf, quantile, type Spread } from './statistics.ts';
import type { Bench, Variant, VariantName } from './variants.ts';
import { askMock, learntVariables } from './verify.ts';
import type { Work, WorkName } from './works.ts';

export interface MeasureSettings {
  readonly rounds: number;
  /** Of one variant at one work in one round: at least this long, and at least so many requests. */
  readonly slotMs: number;
  readonly slotRequests: Readonly<Record<WorkName, number>>;
  readonly warmUpMs: number;
  readonly warmUpRequests: Readonly<Record<WorkName, number>>;
}

export interface Sample {
  readonly round: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Of all processes of the variant, user and system. */
  readonly cpuMsPerRequest: number;
  readonly upstreamCallsPerRequest: number;
  readonly rssPeakBytes: number;
  readonly generatorBusy: number;
  readonly bytesPerRequest: number;
}

export interface Result {
  readonly work: WorkName;
  readonly variant: VariantName;
  readonly samples: readonly Sample[];
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Against those that it is measured against, where they were timed. */
  readonly against: Readonly<Partial<Record<Reference, Against>>>;
}

/** What a team could have instead: stock Apollo over our subgraphs, and over subgraphs with Apollo's own client of REST. */
export const references = ['stock', 'stock-rest'] as const satisfies readonly VariantName[];
export type Reference = (typeof references)[number];

export interface Against {
  /** Requests per second over the reference's of the same round. */
  readonly speed: Spread;
  /** The reference's CPU time per request over this one's of the same round. */
  readonly cpu: Spread;
}

const rssEveryMs = 50;

/** Rounds of all variants one after the other, each round beginning with another one, so that drift of the machine hits all. */
export async function measureWork(
  work: Work,
  bench: Bench,
  settings: MeasureSettings,
  say: (line: string) => void,
): Promise<readonly Result[]> {
  const sent = new Map<VariantName, number>();
  const order = (variant: Variant, minMs: number, minRequests: number) => ({
    concurrency: work.concurrency,
    minMs,
    minRequests,
    nextBody: () => {
      const n = sent.get(variant.name) ?? 0;
      sent.set(variant.name, n + 1);
      const variables = variant.name === 'floor-http' ? learntVariables(work, n) : work.variables(n);
      return variant.bodyOf(work, variables);
    },
  });

  for (const variant of bench.variants)
    await variant.client.run(order(variant, settings.warmUpMs, settings.warmUpRequests[work.name]));

  const samples = new Map<VariantName, Sample[]>(bench.variants.map(({ name }) => [name, []]));
  const latenciesMs = new Map<VariantName, number[]>(bench.variants.map(({ name }) => [name, []]));
  for (let round = 0; round < settings.rounds; round += 1) {
    for (let turn = 0; turn < bench.variants.length; turn += 1) {
      const variant = bench.variants[(round + turn) % bench.variants.length]!;
      const slot = await measureSlot(variant, bench, order(variant, settings.slotMs, settings.slotRequests[work.name]));
      samples.get(variant.name)!.push({ round, ...slot.sample });
      for (const latencyMs of slot.load.latenciesMs) latenciesMs.get(variant.name)!.push(latencyMs);
    }
    say(`${work.name}: round ${round + 1} of ${settings.rounds}`);
  }

  const timed = references.flatMap((name) => {
    const found = samples.get(name);
    return found === undefined ? [] : [{ name, samples: found }];
  });
  return bench.variants.map(({ name }) => {
    const own = samples.get(name)!;
    const against = timed.map((other) => {
      const ratios = (ratio: (mine: Sample, its: Sample) => number) =>
        spreadOf(own.map((sample, round) => ratio(sample, other.samples[round]!)));
      return [
        other.name,
        {
          speed: ratios((mine, its) => mine.requestsPerSecond / its.requestsPerSecond),
          cpu: ratios((mine, its) => its.cpuMsPerRequest / mine.cpuMsPerRequest),
        },
      ] as const;
    });
    return {
      work: work.name,
      variant: name,
      samples: own,
      p50Ms: quantile(latenciesMs.get(name)!, 0.5),
      p95Ms: quantile(latenciesMs.get(name)!, 0.95),
      against: Object.fromEntries(against),
    };
  });
}

async function measureSlot(
  variant: Variant,
  bench: Bench,
  order: Parameters<LoadClient['run']>[0],
): Promise<{ readonly sample: Omit<Sample, 'round'>; readonly load: LoadResult }> {
  await askMock(bench, 'stats');
  const watching = new AbortController();
  const rss = watchRss(variant.pids, watching.signal);
  const before = readUsage(variant.pids);
  const load = await variant.client.run(order);
  const after = readUsage(variant.pids);
  watching.abort();
  const { calls } = await askMock(bench, 'stats');
  const { requests, wallMs, bytes, generatorBusy } = load;
  const sample = {
    requests,
    requestsPerSecond: (requests / wallMs) * 1_000,
    // A slot of a floor can be shorter than a tick of the system's clock is fine.
    cpuMsPerRequest: Math.max(cpuMsBetween(before, after), 1) / requests,
    upstreamCallsPerRequest: calls / requests,
    rssPeakBytes: Math.max(await rss, after.rssBytes),
    generatorBusy,
    bytesPerRequest: bytes / requests,
  };
  return { sample, load };
}

async function watchRss(roots: readonly number[], signal: AbortSignal): Promise<number> {
  const pids = withDescendants(roots);
  let peak = 0;
  while (!signal.aborted) {
    peak = Math.max(peak, rssBytesOf(pids));
    await sleep(rssEveryMs, undefined, { signal }).catch(() => undefined);
  }
  return peak;
}
