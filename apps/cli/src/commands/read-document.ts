import { readFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';

/** Bytes that are not UTF-8 would hash differently once they were text, so they are refused. */
export async function readDocument(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new CliError('FILE', `${file} cannot be read: ${error.message}.`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError('FILE', `${file} is not UTF-8 text.`);
  }
}
