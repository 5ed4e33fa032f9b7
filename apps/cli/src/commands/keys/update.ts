import { exitCodes, type ExitCode } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import { updateKeyInput, type UpdateFlags } from './create-options.ts';
import { keyFields, plainKey, type KeyAnswer } from './key-fields.ts';

const mutation = `mutation UpdateKey($id: ID!, $input: UpdateKeyInput!) { updateKey(id: $id, input: $input) { ${keyFields} } }`;

/** Changes what a key may do; what is not said stays. */
export async function updateKey(id: string, flags: UpdateFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const input = updateKeyInput(flags, session.nowMs());
  if (Object.keys(input).length === 0) throw new UsageError('Say what is to be changed, for example --rate 60.');
  const client = await session.client();
  const { updateKey: key } = await client.query<{ updateKey: KeyAnswer }>(mutation, { id, input }, { signal });
  if (json) terminal.line(JSON.stringify(plainKey(key), null, 2));
  else terminal.line(`Key ${key.id} (${printable(key.name)}) is changed; every replica keeps to it within 5 s.`);
  return exitCodes.ok;
}
