import { quantile, type Spread } from './statistics.ts';
import { references, type Result, type Sample } from './measure.ts';
import type { Work } from './works.ts';

/** Share of its time from which on the load generator, and not the variant, may set the pace. */
const busyGenerator = 0.85;

const columns = ['', 'requests/s', 'CPU ms', 'p50 ms', 'p95 ms', 'RSS MB', 'upstream'];

/** One table per work: medians over the rounds, ratios as median and in brackets the least and the most of a round. */
export function tableOf(work: Work, answerBytes: number, results: readonly Result[]): string {
  const timed = references.filter((name) => results.some(({ variant }) => variant === name));
  const titles = [...columns, ...timed.flatMap((name) => [`speed to ${name}`, `CPU to ${name}`])];
  const rows = results.map((result) => {
    const median = (value: (sample: Sample) => number) => quantile(result.samples.map(value), 0.5);
    const isBusy = median(({ generatorBusy }) => generatorBusy) > busyGenerator;
    return [
      `${result.variant}${isBusy ? ' *' : ''}`,
      median(({ requestsPerSecond }) => requestsPerSecond).toFixed(1),
      median(({ cpuMsPerRequest }) => cpuMsPerRequest).toFixed(3),
      result.p50Ms.toFixed(2),
      result.p95Ms.toFixed(2),
      (Math.max(...result.samples.map(({ rssPeakBytes }) => rssPeakBytes)) / 1e6).toFixed(0),
      median(({ upstreamCallsPerRequest }) => upstreamCallsPerRequest).toFixed(2),
      ...timed.flatMap((name) => [ratio(result.against[name]!.speed), ratio(result.against[name]!.cpu)]),
    ];
  });
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  const title = `${work.name}: ${work.title}, ${kilobytes(answerBytes)}, ${work.concurrency} in flight`;
  return [title, line(titles), ...rows.map(line), ''].join('\n');
}

function ratio(spread: Spread): string {
  return `${spread.median.toFixed(2)} (${spread.min.toFixed(2)}–${spread.max.toFixed(2)})`;
}

const kilobytes = (bytes: number) => (bytes < 10_000 ? `${bytes} bytes` : `${(bytes / 1_000).toFixed(0)} kB`);
