import { exitCodes, type ExitCode } from '@certfolio/client';
import type { Session } from '../../session.ts';
import { keyFields, plainKey, type KeyAnswer } from './key-fields.ts';

const mutation = `mutation RevokeKey($id: ID!) { revokeKey(id: $id) { ${keyFields} schedules } }`;

export async function revokeKey(id: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { revokeKey: revoked } = await client.query<{
    revokeKey: KeyAnswer & { readonly schedules: readonly string[] };
  }>(mutation, { id }, { signal });
  if (json) {
    terminal.line(JSON.stringify(plainKey(revoked), null, 2));
    return exitCodes.ok;
  }
  terminal.line(`Key ${revoked.id} (${revoked.name}) is revoked; every replica refuses it within 5 s.`);
  const { schedules } = revoked;
  if (schedules.length > 0) {
    const what =
      schedules.length === 1 ? 'A schedule ran with its rights and fails' : 'Schedules ran with its rights and fail';
    terminal.line(`${what} until handed over to another key:`);
    for (const name of schedules) terminal.line(`  certfolio schedules hand-over ${name} KEY`);
  }
  return exitCodes.ok;
}
