import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import type { ExpectedRow } from './truth.ts';

export interface Comparison {
  readonly rows: number;
  readonly cells: number;
  /** Titles of the file that there is nothing to compare with. */
  readonly uncompared: readonly string[];
  readonly differences: readonly string[];
}

/** Holds every cell of a report against what it should be; rows that are missing, twice or too many are differences. */
export async function compareCsv(path: string, truth: ReadonlyMap<string, ExpectedRow>): Promise<Comparison> {
  const differences: string[] = [];
  const seen = new Set<string>();
  const [sample] = truth.values();
  let titles: readonly string[] = [];
  let cells = 0;
  for await (const record of createReadStream(path).pipe(parse({ bom: true }))) {
    const line = record as readonly string[];
    if (titles.length === 0) {
      titles = line;
      continue;
    }
    const id = line[titles.indexOf('order_id')]!;
    const should = truth.get(id);
    if (should === undefined) differences.push(`${id}: is no order of the emulator`);
    if (seen.has(id)) differences.push(`${id}: comes twice`);
    seen.add(id);
    if (should === undefined) continue;
    for (const [index, title] of titles.entries()) {
      const expected = should[title];
      if (expected === undefined) continue;
      cells += 1;
      if (line[index] !== expected)
        differences.push(`${id} ${title}: ${JSON.stringify(line[index])}, should be ${JSON.stringify(expected)}`);
    }
  }
  for (const id of truth.keys()) if (!seen.has(id)) differences.push(`${id}: is missing`);
  for (const title of Object.keys(sample ?? {}))
    if (!titles.includes(title)) differences.push(`The file has no column ${title}.`);
  const uncompared = titles.filter((title) => sample?.[title] === undefined);
  return { rows: seen.size, cells, uncompared, differences };
}
