import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';

export interface SeenAnswer {
  readonly hash: string;
  readonly keyId: string;
  readonly operationName: string | null;
  readonly text: string;
  readonly clientName: string | null;
  readonly runs: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

export const seenFields = 'hash keyId operationName text clientName runs firstSeenAt lastSeenAt';

const query = `query Seen($key: String, $first: Int!) {
  seenOperations(key: $key, first: $first) { operations { ${seenFields} } next dropped { keyId operations } }
}`;

interface Page {
  readonly operations: readonly SeenAnswer[];
  readonly next: string | null;
  readonly dropped: readonly { readonly keyId: string; readonly operations: number }[];
}

/** What keys of level `audit` ran, most runs first. */
export async function listSeen(
  { key, limit }: { readonly key?: string; readonly limit: number },
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { seenOperations } = await client.query<{ seenOperations: Page }>(
    query,
    { key: key ?? null, first: limit },
    { signal },
  );
  const { operations, next, dropped } = seenOperations;
  if (json) {
    terminal.line(JSON.stringify(operations, null, 2));
    return exitCodes.ok;
  }
  const rows = operations.map((each) => [
    each.hash.slice(0, 12),
    each.keyId,
    each.operationName ?? '',
    each.clientName ?? '',
    String(each.runs),
    each.firstSeenAt.slice(0, 16).replace('T', ' '),
    each.lastSeenAt.slice(0, 16).replace('T', ' '),
    each.text.replaceAll(/\s+/g, ' ').slice(0, 60),
  ]);
  if (rows.length > 0)
    terminal.line(
      `${renderTable(['HASH', 'KEY', 'NAME', 'CLIENT', 'RUNS', 'FIRST', 'LAST', 'TEXT'], rows, terminal)}\n`,
    );
  terminal.line(`${counted(rows.length, 'operation')}${next === null ? '' : ', and more'}`);
  for (const { keyId, operations: lost } of dropped)
    terminal.note(`Of key ${keyId}, ${counted(lost, 'operation')} gave way since the list was full.`);
  return exitCodes.ok;
}
