import type { FieldGroup } from '@certfolio/core';
import { callMs } from './rounds-plan.ts';
import type { MirrorCounts, MirrorRecord } from './store-groups.postgres.ts';

/** What a reading is taken to last before one was seen. */
export const unknownMs = 60_000;

/**
 * Milliseconds that bringing the groups up to date is expected to take, by what it took before; Infinity where the key may
 * not read what would do it, and only a call an order could.
 */
export function expectedRefreshMs(
  groups: ReadonlySet<FieldGroup>,
  { groups: states, abilities }: Pick<MirrorRecord, 'groups' | 'abilities'>,
  { orders, infoMissing }: Pick<MirrorCounts, 'orders' | 'infoMissing'>,
): number {
  const listMs = states.list.tookMs ?? Math.ceil(orders / 1_000) * callMs;
  const detailsMs = infoMissing * callMs;
  if (!abilities.report) {
    if (groups.has('report') || groups.has('custom')) return Number.POSITIVE_INFINITY;
    return listMs + (groups.has('tracked') || groups.has('info') ? detailsMs : 0);
  }
  if (groups.has('custom') && !abilities.custom) return Number.POSITIVE_INFINITY;
  const isCompared = groups.has('report') || groups.has('custom');
  const isFollowed = groups.has('tracked') || groups.has('info');
  return (
    (isCompared ? (states.report.tookMs ?? unknownMs) : isFollowed ? (states.tracked.tookMs ?? unknownMs) : 0) +
    (groups.has('list') ? listMs : 0) +
    (groups.has('info') ? detailsMs : 0)
  );
}
