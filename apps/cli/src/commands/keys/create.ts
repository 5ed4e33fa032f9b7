import { exitCodes, type ExitCode } from '@certfolio/client';
import type { Session } from '../../session.ts';
import { createKeyInput, type CreateFlags } from './create-options.ts';
import { keyFields, plainKey, type KeyAnswer } from './key-fields.ts';

const mutation = `mutation CreateKey($input: CreateKeyInput!) { createKey(input: $input) { secret key { ${keyFields} } } }`;

/** Makes a key. The key is standard output's one line, so that it can be read into a variable or file. */
export async function createKey(flags: CreateFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const input = createKeyInput(flags, session.nowMs());
  const client = await session.client();
  const { createKey: made } = await client.query<{ createKey: { secret: string; key: KeyAnswer } }>(
    mutation,
    { input },
    { signal },
  );
  if (json) {
    const { id, ...rest } = plainKey(made.key);
    terminal.line(JSON.stringify({ id, key: made.secret, ...rest }, null, 2));
    return exitCodes.ok;
  }
  terminal.line(made.secret);
  terminal.note(
    `Key ${made.key.id} for ${made.key.owner}, upstream account ${made.key.account}. Keep it now: it is not shown again.`,
  );
  return exitCodes.ok;
}
