import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../../cli-error.ts';

/** Files of one call together: the gateway takes bodies of 1 MiB. */
const maxFolderBytes = 1_000_000;

export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The files of a templates folder, as the gateway is sent them.
 *
 * @throws CliError when it cannot be read, holds what is no UTF-8, or more than 1 MB
 */
export async function readFolderFiles(dir: string): Promise<TextFile[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: Error) => {
    throw new CliError('FILE', `${dir} cannot be read: ${error.message}.`);
  });
  const names = entries
    .filter((entry) => !entry.isDirectory() && /\.(graphql|gql|yaml|yml)$/.test(entry.name))
    .map((entry) => entry.name);
  const files: TextFile[] = [];
  let bytes = 0;
  for (const name of names.sort()) {
    const content = await readFile(join(dir, name));
    bytes += content.length;
    if (bytes > maxFolderBytes)
      throw new CliError('FILE', `The templates in ${dir} have more than ${maxFolderBytes} bytes.`);
    try {
      files.push({ name, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content) });
    } catch {
      throw new CliError('FILE', `${join(dir, name)} is not UTF-8 text.`);
    }
  }
  return files;
}

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}
