import { text } from 'node:stream/consumers';
import { hashKey, minForeignKeyLength } from '@certfolio/access';
import { CliError } from '../../cli-error.ts';
import type { Terminal } from '../../terminal.ts';

/**
 * SHA-256, in hex, of the CertCentral key on standard input. The key itself goes nowhere: the gateway is told the hash.
 *
 * @throws CliError when it can be no CertCentral key; the text is not repeated
 */
export async function readAdoptedHash(terminal: Terminal): Promise<string> {
  if (process.stdin.isTTY) terminal.note('Paste the CertCentral key, then Enter and Ctrl-D:');
  const key = (await text(process.stdin)).trim();
  const refuse = (why: string) => new CliError('ADOPT', `Standard input has no CertCentral key: ${why}.`);
  if (key === '') throw refuse('it is empty');
  if (key.startsWith('cfk_')) throw refuse('this is a key of Certfolio');
  if (!/^[\x21-\x7e]+$/.test(key)) throw refuse('it has characters that no header may have, or more than one line');
  if (key.length < minForeignKeyLength)
    throw refuse(`it has ${key.length} characters, and at least ${minForeignKeyLength} are needed`);
  return hashKey(key).toString('hex');
}
