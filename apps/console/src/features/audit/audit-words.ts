import type { AuditEntry } from './audit-entry.ts';

/** `2026-11-28 09:32:54`: the order of entries is seen in the seconds. */
export const timeInWords = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)}`;

/** `UNKNOWN_KEYS` as "unknown keys". */
export const kindInWords = (kind: string): string => kind.toLowerCase().replaceAll('_', ' ');

/** The key with its owner, else the address; null for what the gateway did by itself. */
export function whoOf({ keyName, owner, from, kind }: Pick<AuditEntry, 'keyName' | 'owner' | 'from' | 'kind'>) {
  if (keyName !== null) return owner === null ? keyName : `${keyName} (${owner})`;
  return from ?? (kind === 'UNKNOWN_KEYS' ? 'other addresses' : null);
}

export const whatOf = ({ template, act, operationName }: Pick<AuditEntry, 'template' | 'act' | 'operationName'>) =>
  template ?? act ?? operationName;

/** `ok 200`; an act is written down before it begins, too, when it has no outcome yet. */
export function decisionOf({
  kind,
  decision,
  status,
}: Pick<AuditEntry, 'kind' | 'decision' | 'status'>): string | null {
  if (decision === null) return kind === 'ACT' ? 'begins' : null;
  return status === null ? decision : `${decision} ${status}`;
}

export const rowsInWords = ({ rows, truncated }: Pick<AuditEntry, 'rows' | 'truncated'>): string | null =>
  rows === null ? null : `${rows.toLocaleString('en')}${truncated === true ? ', cut' : ''}`;

export const durationInWords = (durationMs: number | null): string | null =>
  durationMs === null ? null : `${durationMs.toLocaleString('en')} ms`;
