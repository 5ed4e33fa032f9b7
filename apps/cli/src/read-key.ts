import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { exitCodes } from '@certfolio/client';
import { CliError } from './cli-error.ts';

export interface KeySources {
  readonly keyStdin: boolean;
  readonly keyFile: string | null;
  /** From the environment. */
  readonly key: string | null;
}

/**
 * The key to send: what the command line names comes before the environment. Surrounding white space, such as the last
 * line end of a file, is no part of it.
 *
 * @throws CliError with exit code 3 when there is none, since the gateway would say the same
 */
export async function readKey({ keyStdin, keyFile, key }: KeySources): Promise<string> {
  const found = (
    keyStdin ? await text(process.stdin) : keyFile === null ? (key ?? '') : await readKeyFile(keyFile)
  ).trim();
  if (found !== '') return found;
  const where = keyStdin
    ? 'Standard input has no key'
    : keyFile === null
      ? 'There is no key'
      : `The file ${keyFile} has no key`;
  throw new CliError(
    'UNAUTHENTICATED',
    `${where}; set CERTFOLIO_KEY, or use --key-file FILE or --key-stdin.`,
    exitCodes.keyRefused,
  );
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError('KEY_FILE', `The key file cannot be read: ${(error as Error).message}.`, exitCodes.keyRefused);
  }
}
