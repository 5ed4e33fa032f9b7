import type { Decimal } from '@certfolio/core';

/** Amounts as whole hundredths, so that sums stay exact. */
export const centsOf = (amount: Decimal | null): bigint => (amount === null ? 0n : BigInt(amount.replace('.', '')));

export function decimalOf(cents: bigint): Decimal {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}` as Decimal;
}
