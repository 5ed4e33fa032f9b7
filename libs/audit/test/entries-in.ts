import type { AuditEntry } from '../src/audit-entry.ts';
import type { EntryLines } from '../src/entry-lines.ts';

/** The entries that lines were made of. */
export const entriesIn = (lines: EntryLines): readonly AuditEntry[] =>
  Array.from({ length: lines.count }, (_, at) => JSON.parse(lines.line(at).toString()) as AuditEntry);
