import { exitCodes, type ExitCode } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import { keyFields, plainKey, type KeyAnswer } from './key-fields.ts';
import { readAdoptedHash } from './read-adopted.ts';

const mutation = `mutation AdoptKey($id: ID!, $sha256: String!) { adoptKey(id: $id, sha256: $sha256) { ${keyFields} } }`;

/** Lets the CertCentral key on standard input open a key. */
export async function adoptKey(id: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  if (session.readsKeyFromInput)
    throw new UsageError('The CertCentral key comes from standard input, so --key-stdin cannot; use --key-file.');
  const sha256 = await readAdoptedHash(terminal);
  const client = await session.client();
  const { adoptKey: key } = await client.query<{ adoptKey: KeyAnswer }>(mutation, { id, sha256 }, { signal });
  if (json) terminal.line(JSON.stringify(plainKey(key), null, 2));
  else terminal.line(`The CertCentral key opens the key ${key.id} (${printable(key.name)}) from now on.`);
  return exitCodes.ok;
}
