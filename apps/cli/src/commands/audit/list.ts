import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { givenFilters, type AuditFilterFlags } from './filter-flags.ts';

export interface ListFlags extends AuditFilterFlags {
  readonly limit: number;
}

interface EntryAnswer {
  readonly seq: string;
  readonly kind: string;
  readonly at: string;
  readonly keyName: string | null;
  readonly from: string | null;
  readonly door: string | null;
  readonly act: string | null;
  readonly decision: string | null;
  readonly template: string | null;
  readonly operationName: string | null;
  readonly operationHash: string | null;
  readonly rows: number | null;
  readonly json: string;
}

const query = `query Audit($first: Int!, $filter: AuditFilter) {
  auditLog(first: $first, filter: $filter) {
    entries { seq kind at keyName from door act decision template operationName operationHash rows json }
    next
  }
}`;

/** The newest entries as a table; as JSON each entry whole, as it was hashed. */
export async function listEntries({ limit, ...filters }: ListFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { auditLog } = await client.query<{ auditLog: { entries: readonly EntryAnswer[]; next: string | null } }>(
    query,
    { first: limit, filter: givenFilters(filters) },
    { signal },
  );
  const { entries, next } = auditLog;
  if (json) {
    terminal.line(
      JSON.stringify(
        entries.map((entry) => JSON.parse(entry.json) as unknown),
        null,
        2,
      ),
    );
    return exitCodes.ok;
  }
  const rows = entries.map((entry) => [
    entry.seq,
    entry.at.replace(/\.\d+Z$/, 'Z'),
    entry.keyName ?? '',
    entry.from ?? '',
    whatOf(entry),
    entry.decision ?? '',
    entry.rows === null ? '' : String(entry.rows),
  ]);
  if (rows.length > 0)
    terminal.line(`${renderTable(['NO', 'TIME', 'KEY', 'FROM', 'WHAT', 'OUTCOME', 'ROWS'], rows, terminal)}\n`);
  terminal.line(
    `${counted(rows.length, 'entry').replace(/entrys$/, 'entries')}${next === null ? '' : ', and older ones'}`,
  );
  return exitCodes.ok;
}

function whatOf(entry: EntryAnswer): string {
  const whole = JSON.parse(entry.json) as Readonly<Record<string, unknown>>;
  switch (entry.kind) {
    case 'REQUEST':
      return `${entry.door ?? ''} ${entry.template ?? entry.operationName ?? entry.operationHash?.slice(0, 12) ?? ''}`.trim();
    case 'ACT':
      return `${entry.act ?? ''} ${String(whole['phase'] ?? '')}`;
    case 'UNKNOWN_KEYS':
      return `${String(whole['requests'])} requests without a valid key`;
    case 'DROPPED':
      return `${String(whole['entries'])} entries were lost`;
    case 'RETENTION':
      return `${String(whole['entries'])} entries removed, up to number ${String(whole['lastSeq'])}`;
    default:
      return 'replaced by the log of a backup';
  }
}
