import { describe, expect, it } from '@jest/globals';
import type { BalanceAdjustment, Decimal } from '@certfolio/core';
import { balanceMonths } from './balance-months.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
const money = (text: string) => text as Decimal;
let id = 0;
const entry = (
  day: string,
  type: string,
  amount: string,
  facts: Partial<BalanceAdjustment> = {},
): BalanceAdjustment => {
  const isCredit = ['Refund', 'Deposit', 'Credit'].includes(type);
  return {
    id: (id += 1),
    containerId: null,
    containerName: null,
    credit: isCredit ? money(amount) : null,
    debit: isCredit ? null : money(amount),
    transactionType: type,
    receiptId: null,
    transactionDate: `${day}T10:00:00Z` as BalanceAdjustment['transactionDate'],
    balanceAfter: money('500.00'),
    currency: 'USD',
    note: null,
    expirationDate: null,
    ...facts,
  };
};
const balance = (amount: string | null) => ({ balance: amount === null ? null : money(amount), currency: 'USD' });
const rows = (entries: readonly BalanceAdjustment[], amount: string | null = '1000.00', months = 2) =>
  balanceMonths(entries, balance(amount), { months, nowMs });

describe('months of the balance', () => {
  it('sum what came and went by kind, oldest first, with months in which nothing did', () => {
    const found = rows(
      [
        entry('2026-09-30', 'Charge', '7.00'),
        entry('2026-11-01', 'Charge', '100.10'),
        entry('2026-11-02', 'Refund', '30.05'),
        entry('2026-11-03', 'Deposit', '50.00'),
        entry('2026-11-04', 'Expiration', '5.00', { balanceAfter: money('914.95') }),
        entry('2026-11-24', 'Charge', '9.00'),
      ],
      '1000.00',
      3,
    );
    expect(found.map(({ month, isPartial, charges }) => [month, isPartial, charges])).toEqual([
      ['2026-09-01', false, '7.00'],
      ['2026-10-01', false, '0.00'],
      ['2026-11-01', true, '100.10'],
    ]);
    expect(found[2]).toMatchObject({
      refunds: '30.05',
      deposits: '50.00',
      expired: '5.00',
      net: '-25.05',
      balanceAfter: '914.95',
    });
    expect(found[1]!.balanceAfter).toBeNull();
  });

  it('keep other currencies apart, and out of the rate', () => {
    const found = rows([
      entry('2026-11-23', 'Charge', '10.00'),
      entry('2026-11-23', 'Charge', '99.00', { currency: 'EUR' }),
    ]);
    expect(found.map(({ month, currency, charges, burnPerDay }) => [month, currency, charges, burnPerDay])).toEqual([
      ['2026-10-01', 'USD', '0.00', '10.00'],
      ['2026-11-01', 'USD', '10.00', '10.00'],
      ['2026-11-01', 'EUR', '99.00', null],
    ]);
  });

  it('are refused outside 1 to 120', () => {
    expect(() => rows([], '1.00', 0)).toThrow('months is 0; it must be between 1 and 120.');
  });
});

describe('the end of the balance', () => {
  const end = (entries: readonly BalanceAdjustment[], amount: string | null = '1000.00') => {
    const { burnPerDay, runOutDate } = rows(entries, amount).at(-1)!;
    return [burnPerDay, runOutDate];
  };

  it('goes by what was charged less refunds, a day, from the first entry of these months through today', () => {
    // Ten days from the 14th through the 23rd: 100 of them last 10 days.
    expect(end([entry('2026-11-14', 'Charge', '1100.00'), entry('2026-11-15', 'Refund', '100.00')])).toEqual([
      '100.00',
      '2026-12-03',
    ]);
  });

  it('counts from the first of the months where there are earlier entries', () => {
    // 54 days from 1 October on.
    expect(end([entry('2026-01-01', 'Charge', '1.00'), entry('2026-11-14', 'Charge', '540.00')])).toEqual([
      '10.00',
      '2027-03-03',
    ]);
  });

  it('is not told where nothing is spent or the balance is not known; it is today where nothing is left', () => {
    expect(end([])).toEqual([null, null]);
    expect(end([entry('2026-11-14', 'Deposit', '5.00')])).toEqual(['0.00', null]);
    expect(end([entry('2026-11-14', 'Charge', '10.00')], null)).toEqual(['1.00', null]);
    expect(end([entry('2026-11-14', 'Charge', '10.00')], '-3.00')).toEqual(['1.00', '2026-11-23']);
  });

  it('comes with the next day on which a credit ends', () => {
    const credits = ['2026-11-22', '2027-01-05', '2026-11-23'].map((expirationDate) =>
      entry('2026-11-02', 'Credit', '50.00', { expirationDate: expirationDate as BalanceAdjustment['expirationDate'] }),
    );
    expect(rows(credits).at(-1)!.nextCreditExpiration).toBe('2026-11-23');
  });
});
