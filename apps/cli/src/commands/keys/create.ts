import { exitCodes, type ExitCode } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import type { Session } from '../../session.ts';
import { createKeyInput, type CreateFlags } from './create-options.ts';
import { createdFields, plainKey, type CreatedAnswer } from './key-fields.ts';
import { readAdoptedHash } from './read-adopted.ts';

const mutation = `mutation CreateKey($input: CreateKeyInput!) { createKey(input: $input) { ${createdFields} } }`;

/** Makes a key. The key is standard output's one line, so that it can be read into a variable or file. */
export async function createKey(flags: CreateFlags, session: Session): Promise<ExitCode> {
  const { signal } = session;
  const input = createKeyInput(flags, session.nowMs());
  if (flags.adopt === true && session.readsKeyFromInput)
    throw new UsageError(
      '--adopt reads a CertCentral key from standard input, and --key-stdin another; use --key-file.',
    );
  if (flags.adopt === true) input['adoptSha256'] = await readAdoptedHash(session.terminal);
  const client = await session.client();
  const { createKey: made } = await client.query<{ createKey: CreatedAnswer }>(mutation, { input }, { signal });
  printCreated(made, session, flags.adopt === true ? ' The CertCentral key opens it as well, from now on.' : '');
  return exitCodes.ok;
}

/** A new secret: the one line of standard output, or the address with it, for a key that is made for one. */
export function printCreated({ secret, url, key }: CreatedAnswer, { terminal, json }: Session, more: string): void {
  if (json) {
    const { id, ...rest } = plainKey(key);
    terminal.line(JSON.stringify({ id, key: secret, ...(url === null ? {} : { url }), ...rest }, null, 2));
    return;
  }
  terminal.line(url ?? secret);
  terminal.note(
    `Key ${key.id} for ${key.owner}, upstream account ${key.account}. Keep it now: it is not shown again.${more}`,
  );
  if (url !== null)
    terminal.note(
      'Who has this address has the report; other endings than .csv give other formats. End it with "keys revoke".',
    );
}
