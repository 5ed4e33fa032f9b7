import {
  BadUserInput,
  addDays,
  daysBetween,
  dayIn,
  resolveDays,
  type BucketDimension,
  type CalendarDate,
  type OrderBucket,
  type OrderCondition,
} from '@certfolio/core';
import type { OrderFilterInput } from './filters.ts';

export interface ExpirationWeeksArgs {
  readonly weeks?: number | null;
  readonly assumedMaxDays?: number | null;
  readonly filter?: OrderFilterInput | null;
}

/** One division's certificates of one product in one week; a week without any has one row of zeros. */
export interface ExpirationWeek {
  readonly week: CalendarDate;
  readonly containerId: string | null;
  readonly containerName: string | null;
  readonly productNameId: string | null;
  readonly count: number;
  readonly validTillMin: CalendarDate | null;
  readonly validTillMax: CalendarDate | null;
  readonly assumedRenewals: number;
}

export const expirationDimensions: readonly BucketDimension[] = [
  'validTillDay',
  'containerId',
  'containerName',
  'productNameId',
];

const maxWeeks = 260;
const maxAssumedDays = 3_650;

export interface ExpirationPeriod {
  /** Today, in UTC. */
  readonly first: CalendarDate;
  /** The last Sunday. */
  readonly last: CalendarDate;
  readonly weeks: readonly CalendarDate[];
  readonly assumedMaxDays: number;
}

/** @throws BadUserInput outside 1 to 260 weeks, or 1 to 3,650 days */
export function expirationPeriod({ weeks, assumedMaxDays }: ExpirationWeeksArgs, nowMs: number): ExpirationPeriod {
  const count = bounded('weeks', weeks ?? 26, maxWeeks);
  const days = bounded('assumedMaxDays', assumedMaxDays ?? 199, maxAssumedDays);
  const first = dayIn('UTC', nowMs);
  const monday = resolveDays('start_of_week', first).first;
  return {
    first,
    last: addDays(monday, count * 7 - 1),
    weeks: Array.from({ length: count }, (_, index) => addDays(monday, index * 7)),
    assumedMaxDays: days,
  };
}

function bounded(name: string, value: number, most: number): number {
  if (value >= 1 && value <= most) return value;
  throw new BadUserInput(`${name} is ${value}; it must be between 1 and ${most}.`);
}

export const withinPeriod = ({ first, last }: ExpirationPeriod): OrderCondition => ({
  op: 'range',
  field: 'validTill',
  gte: first,
  lte: last,
});

interface Sums {
  count: number;
  assumedRenewals: number;
  validTillMin: CalendarDate | null;
  validTillMax: CalendarDate | null;
}

/**
 * Counts certificates by the week of their last day, and the renewals that each would cause within the period if every renewed
 * certificate were valid for `assumedMaxDays` and renewed on its last day.
 *
 * @param buckets by `expirationDimensions`
 */
export function expirationWeeks(buckets: readonly OrderBucket[], period: ExpirationPeriod): readonly ExpirationWeek[] {
  const { weeks, last, assumedMaxDays } = period;
  const groups = new Map<string, { readonly values: OrderBucket['values']; readonly sums: Sums[] }>();
  for (const { values, count } of buckets) {
    const [day, ...group] = values as readonly [CalendarDate, ...OrderBucket['values']];
    const key = JSON.stringify(group);
    let found = groups.get(key);
    if (found === undefined) groups.set(key, (found = { values: group, sums: weeks.map(nothing) }));
    addCertificates(found.sums[weekIndex(weeks, day)]!, day, count);
    for (let next = day; next <= last; next = addDays(next, assumedMaxDays))
      found.sums[weekIndex(weeks, next)]!.assumedRenewals += count;
  }
  return weeks.flatMap((week, index) => {
    const rows = [...groups.values()].flatMap(({ values, sums }) => {
      const sum = sums[index]!;
      return sum.count === 0 && sum.assumedRenewals === 0 ? [] : [{ week, ...named(values), ...sum }];
    });
    return rows.length > 0 ? rows : [{ week, ...named([null, null, null]), ...nothing() }];
  });
}

const nothing = (): Sums => ({ count: 0, assumedRenewals: 0, validTillMin: null, validTillMax: null });

const weekIndex = (weeks: readonly CalendarDate[], day: CalendarDate) => Math.floor(daysBetween(weeks[0]!, day) / 7);

function addCertificates(sums: Sums, day: CalendarDate, count: number): void {
  sums.count += count;
  if (sums.validTillMin === null || day < sums.validTillMin) sums.validTillMin = day;
  if (sums.validTillMax === null || day > sums.validTillMax) sums.validTillMax = day;
}

function named([containerId, containerName, productNameId]: OrderBucket['values']) {
  const text = (value: OrderBucket['values'][number] | undefined) => (value == null ? null : String(value));
  return {
    containerId: text(containerId),
    containerName: text(containerName),
    productNameId: text(productNameId),
  };
}
