export type OverlapUnit = 'days' | 'hours';

const secondsOf: Readonly<Record<OverlapUnit, number>> = { days: 86_400, hours: 3_600 };

/** Whole seconds; null for what is no number. */
export function overlapSeconds(amount: number | string, unit: OverlapUnit): number | null {
  const number = typeof amount === 'number' ? amount : Number.NaN;
  return Number.isFinite(number) && number >= 0 ? Math.round(number * secondsOf[unit]) : null;
}
