import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type OrderFiles } from './make-files.ts';

/** The first line of a chunk file. The digest covers the specs, so files of other data or code are never served. */
interface Header {
  readonly digest: string;
  readonly count: number;
}

/** @returns undefined when there is no whole file for exactly these specs */
export async function readChunk(path: string, digest: string): Promise<readonly OrderFiles[] | undefined> {
  try {
    const [first = '', ...lines] = (await readFile(path, 'utf8')).split('\n');
    const header = JSON.parse(first) as Header;
    if (header.digest !== digest || lines.length !== header.count + 1 || lines.at(-1) !== '') return undefined;
    return lines.slice(0, -1).map((line) => JSON.parse(line) as OrderFiles);
  } catch {
    // Missing, half-written or not ours: it is made again.
    return undefined;
  }
}

/** Written aside and renamed, so a killed process leaves no half file under the real name. */
export async function writeChunk(path: string, digest: string, files: readonly OrderFiles[]): Promise<void> {
  const header: Header = { digest, count: files.length };
  const lines = [header, ...files].map((line) => `${JSON.stringify(line)}\n`);
  const aside = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(aside, lines.join(''));
  await rename(aside, path);
}
