import {
  BadUserInput,
  addDays,
  dayIn,
  daysBetween,
  resolveDays,
  type Balance,
  type BalanceAdjustment,
  type CalendarDate,
  type Decimal,
} from '@certfolio/core';
import { centsOf, decimalOf } from './amounts.ts';

/** What came and went in one month, in one currency; the forecast stands on every row. */
export interface BalanceMonth {
  readonly month: CalendarDate;
  readonly isPartial: boolean;
  readonly currency: string | null;
  readonly charges: Decimal;
  readonly refunds: Decimal;
  readonly deposits: Decimal;
  readonly expired: Decimal;
  readonly net: Decimal;
  readonly balanceAfter: Decimal | null;
  readonly balance: Decimal | null;
  readonly burnPerDay: Decimal | null;
  readonly runOutDate: CalendarDate | null;
  readonly nextCreditExpiration: CalendarDate | null;
}

interface Sums {
  charges: bigint;
  refunds: bigint;
  deposits: bigint;
  expired: bigint;
  /** Of the newest entry. */
  balanceAfter: Decimal | null;
  newest: string;
}

const maxMonths = 120;

/**
 * The last months, this one included, oldest first, and when the balance ends at their rate. The rate is what was charged less
 * what was given back, by the days from the first of these months (or the first entry there is, when it is later) through
 * today; credits that ended are no spending. Entries in another currency than the balance are rows of their own and no part of
 * the rate.
 *
 * @param balance null where it is not told, and then neither is its end
 * @throws BadUserInput outside 1 to 120 months
 */
export function balanceMonths(
  entries: readonly BalanceAdjustment[],
  balance: Pick<Balance, 'balance' | 'currency'> | null,
  { months, nowMs }: { readonly months: number; readonly nowMs: number },
): readonly BalanceMonth[] {
  if (months < 1 || months > maxMonths)
    throw new BadUserInput(`months is ${months}; it must be between 1 and ${maxMonths}.`);
  const today = dayIn('UTC', nowMs);
  const names = lastMonths(today, months);
  const past = entries.filter(
    ({ transactionDate }) => transactionDate !== null && Date.parse(transactionDate) <= nowMs,
  );
  const own = balance?.currency ?? past[0]?.currency ?? null;
  const currencies = new Set([own, ...past.map(({ currency }) => currency)]);
  const forecast = forecastOf(past, balance, own, names[0]!, today);
  return names.flatMap((month) =>
    [...currencies].flatMap((currency) => {
      const inMonth = past.filter((entry) => entry.currency === currency && monthOf(entry) === month);
      if (inMonth.length === 0 && currency !== own) return [];
      const { charges, refunds, deposits, expired, balanceAfter } = sumsOf(inMonth);
      return {
        month,
        isPartial: month === names.at(-1),
        currency,
        charges: decimalOf(charges),
        refunds: decimalOf(refunds),
        deposits: decimalOf(deposits),
        expired: decimalOf(expired),
        net: decimalOf(deposits + refunds - charges - expired),
        balanceAfter,
        ...(currency === own ? forecast : nothingKnown),
      };
    }),
  );
}

const nothingKnown = { balance: null, burnPerDay: null, runOutDate: null, nextCreditExpiration: null };

function lastMonths(today: CalendarDate, months: number): readonly CalendarDate[] {
  const names: CalendarDate[] = [resolveDays('start_of_month', today).first];
  while (names.length < months) names.unshift(resolveDays('last_month', names[0]!).first);
  return names;
}

const dayOf = ({ transactionDate }: BalanceAdjustment) => transactionDate!.slice(0, 10) as CalendarDate;
const monthOf = (entry: BalanceAdjustment) => `${dayOf(entry).slice(0, 7)}-01`;

function sumsOf(entries: readonly BalanceAdjustment[]): Sums {
  const sums: Sums = { charges: 0n, refunds: 0n, deposits: 0n, expired: 0n, balanceAfter: null, newest: '' };
  for (const entry of entries) {
    const type = entry.transactionType?.toLowerCase();
    const [credit, debit] = [centsOf(entry.credit), centsOf(entry.debit)];
    if (type === 'refund') sums.refunds += credit;
    else sums.deposits += credit;
    if (type === 'expiration') sums.expired += debit;
    else sums.charges += debit;
    const place = `${entry.transactionDate} ${String(entry.id).padStart(20, '0')}`;
    if (place > sums.newest) Object.assign(sums, { newest: place, balanceAfter: entry.balanceAfter });
  }
  return sums;
}

function forecastOf(
  past: readonly BalanceAdjustment[],
  balance: Pick<Balance, 'balance'> | null,
  currency: string | null,
  firstMonth: CalendarDate,
  today: CalendarDate,
) {
  const own = past.filter((entry) => entry.currency === currency);
  const firstEntry = own.map(dayOf).sort()[0] ?? today;
  const from = firstEntry > firstMonth ? firstEntry : firstMonth;
  const { charges, refunds } = sumsOf(own.filter((entry) => dayOf(entry) >= from));
  const days = daysBetween(from, today) + 1;
  const spent = charges - refunds;
  const credits = own.flatMap(({ credit, expirationDate }) =>
    credit !== null && expirationDate !== null && expirationDate >= today ? [expirationDate] : [],
  );
  const cents = balance?.balance == null ? null : centsOf(balance.balance);
  return {
    balance: balance?.balance ?? null,
    burnPerDay: own.length === 0 ? null : decimalOf(spent / BigInt(days)),
    runOutDate: cents === null || spent <= 0n ? null : runOutOf(cents, spent, days, today),
    nextCreditExpiration: credits.sort()[0] ?? null,
  };
}

/** The day on which the last of it is spent; today when nothing is left, null when that is more than a hundred years away. */
function runOutOf(cents: bigint, spent: bigint, days: number, today: CalendarDate): CalendarDate | null {
  if (cents <= 0n) return today;
  const left = Number((cents * BigInt(days)) / spent);
  return left > 36_500 ? null : addDays(today, left);
}
