import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../cli-error.ts';

/**
 * Writes the chunks to a file that is there whole or not at all: they go to a neighbour that takes its name at the end.
 * A device or pipe (`/dev/null`) cannot be replaced and is written to as it is.
 *
 * @returns bytes written
 * @throws CliError when the folder or disk does not take it; what the chunks throw passes through
 */
export async function writeWhole(file: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  // A link stays a link: what it points to is replaced.
  const target = await realpath(file).catch(() => file);
  const found = await stat(target).catch(() => null);
  if (found?.isDirectory()) throw new CliError('FILE', `${file} is a folder.`);
  if (found !== null && !found.isFile()) return fill(file, await open(target, 'w').catch(refuse(file)), chunks);

  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    const bytes = await fill(file, await open(temporary, 'wx', found?.mode ?? 0o666).catch(refuse(file)), chunks);
    await rename(temporary, target).catch(refuse(file));
    return bytes;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function fill(file: string, handle: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      await handle.writeFile(chunk).catch(refuse(file));
      bytes += chunk.byteLength;
    }
    // Pipes and devices have nothing to flush and say so.
    await handle
      .sync()
      .catch((error: NodeJS.ErrnoException) => (error.code === 'EINVAL' ? undefined : refuse(file)(error)));
  } finally {
    await handle.close();
  }
  return bytes;
}

function refuse(file: string): (error: Error) => never {
  return (error) => {
    throw new CliError('FILE', `${file} cannot be written: ${error.message}.`);
  };
}
