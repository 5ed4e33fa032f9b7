import type { BudgetAnswer, BudgetWindow, MirrorAnswer } from './upstream-answer.ts';

const grouped = new Intl.NumberFormat('en-US');

/** What the upstream key may do. */
export function keyKindText(kind: string | null): string {
  switch (kind) {
    case null:
      return 'CertCentral did not tell what it may do';
    case 'emulator':
      return 'any, since this is the bundled emulator';
    case 'view-only':
      return 'may only read';
    case 'more-than-view-only':
      return 'may do more than read; reading needs no more than View Only';
    default:
      return kind;
  }
}

/** `Date` has whole seconds, and CertCentral is asked through a network. */
const clockToleranceMs = 5_000;

export function clockText(aheadMs: number | null): string {
  if (aheadMs === null) return 'CertCentral did not tell its time';
  if (Math.abs(aheadMs) <= clockToleranceMs) return 'as the gateway’s, within 5 s';
  const seconds = grouped.format(Math.round(Math.abs(aheadMs) / 1_000));
  return `${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the gateway’s; set the gateway’s by NTP`;
}

/** `93 of 95 calls in any 5.2 s` */
export const windowText = ({ calls, windowMs, free }: BudgetWindow): string =>
  `${grouped.format(free)} of ${grouped.format(calls)} calls in any ${grouped.format(windowMs / 1_000)} s`;

export const freePercent = ({ calls, free }: BudgetWindow): number => (calls === 0 ? 0 : (100 * free) / calls);

export function sharingText({ sharing, processes }: Pick<BudgetAnswer, 'sharing' | 'processes'>): string {
  switch (sharing) {
    case 'alone':
      return 'This process counts by itself.';
    case 'shared':
      return `Counted together by ${grouped.format(processes)} processes.`;
    case 'divided':
      return `The other processes cannot be reached: each of ${grouped.format(processes)} takes its part.`;
    default:
      return `${sharing}, ${grouped.format(processes)} processes`;
  }
}

/** `2,000 of 2,000 in CertCentral` */
export function ordersText({ orders, upstreamTotal }: Pick<MirrorAnswer, 'orders' | 'upstreamTotal'>): string {
  const known = grouped.format(orders);
  return upstreamTotal === null ? known : `${known} of ${grouped.format(upstreamTotal)} in CertCentral`;
}

export interface ReadyPart {
  readonly name: string;
  /** `ok`, or a sentence that says what is wrong. */
  readonly told: string;
}

/** The parts that `/readyz` tells of; none of a report that is something else. */
export function partsOf(report: unknown): readonly ReadyPart[] {
  const parts = isObject(report) && 'parts' in report ? report.parts : null;
  if (!isObject(parts)) return [];
  return Object.entries(parts).map(([name, part]) => ({
    name,
    told: typeof part === 'string' ? part : JSON.stringify(part),
  }));
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
