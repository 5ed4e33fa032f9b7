import { renderTable } from '../../output/table.ts';
import type { Terminal } from '../../terminal.ts';
import { minute } from '../keys/key-fields.ts';

/** Runs of a template by one key. */
export interface KeyUse {
  readonly keyId: string;
  readonly keyName: string | null;
  readonly keyOwner: string | null;
  readonly runs: number;
  readonly lastUsedAt: string;
}

/** `2026-11-23 12:00 by grafana and 2 more`, of uses with the latest first. */
export function lastUse({
  lastUsedAt,
  usedBy,
}: {
  readonly lastUsedAt: string | null;
  readonly usedBy: readonly Pick<KeyUse, 'keyId' | 'keyName'>[];
}): string {
  const [latest, ...others] = usedBy;
  if (lastUsedAt === null || latest === undefined) return 'never';
  return `${minute(lastUsedAt)} by ${latest.keyName ?? latest.keyId}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

export function usesTable(uses: readonly KeyUse[], terminal: Pick<Terminal, 'columns' | 'paint'>): string {
  const rows = uses.map(({ keyId, keyName, keyOwner, runs, lastUsedAt }) => [
    keyName ?? '',
    keyOwner ?? '',
    keyId,
    String(runs),
    minute(lastUsedAt) ?? '',
  ]);
  return renderTable(['USED BY', 'OWNER', 'KEY', 'RUNS', 'LAST USED'], rows, terminal);
}
