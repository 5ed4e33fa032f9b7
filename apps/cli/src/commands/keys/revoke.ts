import { exitCodes, type ExitCode } from '@certfolio/client';
import type { Session } from '../../session.ts';
import { keyFields, plainKey, type KeyAnswer } from './key-fields.ts';

const mutation = `mutation RevokeKey($id: ID!) { revokeKey(id: $id) { ${keyFields} } }`;

export async function revokeKey(id: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { revokeKey: revoked } = await client.query<{ revokeKey: KeyAnswer }>(mutation, { id }, { signal });
  if (json) terminal.line(JSON.stringify(plainKey(revoked), null, 2));
  else terminal.line(`Key ${revoked.id} (${revoked.name}) is revoked; every replica refuses it within 5 s.`);
  return exitCodes.ok;
}
