import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import { findHash } from './find-hash.ts';
import { seenFields, type SeenAnswer } from './list.ts';

/** Prints one operation: the text on standard output, what is known of it beside. */
export async function showSeen(beginning: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const hash = await findHash(client, beginning, signal);
  const { seenOperation } = await client.query<{ seenOperation: SeenAnswer | null }>(
    `query SeenOne($hash: ID!) { seenOperation(hash: $hash) { ${seenFields} } }`,
    { hash },
    { signal },
  );
  if (seenOperation === null) throw new CliError('NOT_FOUND', `No operation with the hash ${hash} was seen.`);
  if (json) {
    terminal.line(JSON.stringify(seenOperation, null, 2));
    return exitCodes.ok;
  }
  terminal.line(printable(seenOperation.text.trimEnd()));
  const { runs, keyId, firstSeenAt, lastSeenAt } = seenOperation;
  terminal.note(`${runs} runs by key ${keyId}, first ${firstSeenAt}, last ${lastSeenAt}, hash ${hash}`);
  return exitCodes.ok;
}
