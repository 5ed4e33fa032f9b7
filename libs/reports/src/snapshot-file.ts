import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { SnapshotRow } from './difference.ts';

/** The rows of a run: a JSON array of cells per line, compressed. Every file of the run is made from it. */
export const snapshotName = 'rows.ndjson.gz';
export const snapshotMediaType = 'application/gzip';

export interface SnapshotWriter {
  /** To be read to its end before the hash is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
  /** SHA-256 of the lines before they are compressed; equal rows, equal hash. */
  hash(): string;
  rows(): number;
}

export function writeSnapshot(rows: AsyncIterable<SnapshotRow>): SnapshotWriter {
  const hash = createHash('sha256');
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    let text = '';
    for await (const row of rows) {
      count += 1;
      text += `${JSON.stringify(row)}\n`;
      if (text.length < 65_536) continue;
      hash.update(text);
      yield text;
      text = '';
    }
    hash.update(text);
    yield text;
  }
  const source = Readable.from(lines(), { objectMode: false });
  const zipped = createGzip();
  source.once('error', (error) => zipped.destroy(error));
  return { content: source.pipe(zipped), hash: () => hash.digest('hex'), rows: () => count };
}

/** @throws Error for a file that is not such a snapshot, or not whole */
export async function* readSnapshot(content: AsyncIterable<Uint8Array>): AsyncGenerator<SnapshotRow> {
  const source = Readable.from(content);
  const unzipped = createGunzip();
  source.once('error', (error) => unzipped.destroy(error));
  source.pipe(unzipped);
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of unzipped as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield JSON.parse(line) as SnapshotRow;
    }
  } finally {
    source.destroy();
    unzipped.destroy();
  }
}
