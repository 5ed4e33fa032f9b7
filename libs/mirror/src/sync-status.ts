import { perGroup, type FieldGroup } from '@certfolio/core';
import type { MirrorCounts, MirrorRecord, RoundRecord } from './store-groups.postgres.ts';

/** How the mirror of one account stands, for people. */
export interface MirrorStatus {
  readonly groups: Readonly<Record<FieldGroup, { readonly asOf: Date | null; readonly isComplete: boolean }>>;
  /** Age of the oldest group that a report of all fields needs; null while one was never read. */
  readonly dataAsOf: Date | null;
  readonly orders: number;
  readonly upstreamTotal: number | null;
  readonly isComplete: boolean;
  readonly infoMissing: number;
  readonly copiesMissing: number;
  /** False where the upstream key may not use the source, so that order info has to do. */
  readonly usesReport: boolean;
  readonly usesCustomReports: boolean;
  readonly lastRound: RoundRecord | null;
}

export function statusOf({ groups, abilities, lastRound }: MirrorRecord, counts: MirrorCounts): MirrorStatus {
  const states = Object.values(groups);
  const oldestMs = states.reduce<number | null>(
    (oldest, { asOfMs }) => (oldest === null || asOfMs === null ? null : Math.min(oldest, asOfMs)),
    Number.POSITIVE_INFINITY,
  );
  return {
    groups: perGroup((name) => {
      const { asOfMs, isComplete } = groups[name];
      return { asOf: asOfMs === null ? null : new Date(asOfMs), isComplete };
    }),
    dataAsOf: oldestMs === null ? null : new Date(oldestMs),
    orders: counts.orders,
    upstreamTotal: counts.upstreamTotal,
    isComplete: states.every(({ isComplete }) => isComplete) && counts.copiesMissing === 0,
    infoMissing: counts.infoMissing,
    copiesMissing: counts.copiesMissing,
    usesReport: abilities.report,
    usesCustomReports: abilities.custom,
    lastRound,
  };
}
