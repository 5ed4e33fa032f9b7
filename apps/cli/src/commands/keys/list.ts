import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { grantText, keyFields, minute, plainKey, stateOf, type KeyAnswer } from './key-fields.ts';

/** Lists all keys; no secret is among what it can see. */
export async function listKeys(session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { keys } = await client.query<{ keys: readonly KeyAnswer[] }>(`{ keys { ${keyFields} } }`, {}, { signal });
  const plain = keys.map(plainKey);
  if (json) {
    terminal.line(JSON.stringify(plain, null, 2));
    return exitCodes.ok;
  }
  const columns = columnsOf(plain, session.nowMs());
  const rows = plain.map((_key, row) => columns.map(({ cells }) => cells[row]!));
  if (rows.length > 0)
    terminal.line(
      `${renderTable(
        columns.map(({ title }) => title),
        rows,
        terminal,
      )}\n`,
    );
  terminal.line(counted(rows.length, 'key'));
  return exitCodes.ok;
}

interface Column {
  readonly title: string;
  readonly cells: readonly string[];
}

/** Account, scopes, divisions and file stand there only where some key differs from most: a line should fit a terminal. */
function columnsOf(keys: readonly KeyAnswer[], nowMs: number): readonly Column[] {
  const column = (title: string, cellOf: (key: KeyAnswer) => string, usual?: string): Column[] => {
    const cells = keys.map(cellOf);
    return usual !== undefined && cells.every((cell) => cell === usual) ? [] : [{ title, cells }];
  };
  return [
    ...column('ID', ({ id }) => id),
    ...column('NAME', ({ name }) => name),
    ...column('OWNER', ({ owner }) => owner),
    ...column('ACCOUNT', ({ account }) => account, defaultAccount),
    ...column('LEVEL', ({ level, inUrl }) => (inUrl ? 'in URL' : level)),
    ...column('TEMPLATES', ({ templates }) => grantText(templates), 'all'),
    ...column('SCOPES', ({ scopes }) => scopes.join(',') || 'none', 'templates:run'),
    ...column('DIVISIONS', ({ containers }) => (containers === null ? 'all' : containers.join(',') || 'none'), 'all'),
    ...column('RATE', ({ limits, tier }) => tier ?? `${limits.requestsPerMinute}/min`),
    ...column('FILE', ({ managedBy }) => managedBy ?? '', ''),
    ...column('LAST USED', ({ lastUsedAt }) => minute(lastUsedAt) ?? 'never'),
    ...column('STATE', (key) => stateOf(key, nowMs)),
  ];
}

const defaultAccount = 'default';
