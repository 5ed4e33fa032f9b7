import type { Balance, BalanceAdjustment, ContainerId, Page } from '@certfolio/core';
import { z } from 'zod';
import {
  looseDay,
  looseDecimal,
  looseFlag,
  looseId,
  looseInteger,
  looseText,
  looseTimestampIn,
  parseWith,
} from './loose.ts';
import { parsePage } from './page.ts';

const balance = z.object({
  balance: looseDecimal,
  currency: looseText,
  unpaid_invoice_balance: looseDecimal,
  negative_balance_limit: looseDecimal,
  used_credit_from_other_containers: looseDecimal,
  total_available_funds: looseDecimal,
  unlimited_negative_balance: looseFlag,
});

/** GET /finance/balance; an unlimited credit has neither limit nor total. @throws WrongShape */
export function parseBalance(body: unknown): Balance {
  const wire = parseWith(balance, body);
  return {
    balance: wire.balance,
    currency: wire.currency,
    unpaidInvoices: wire.unpaid_invoice_balance,
    creditLimit: wire.negative_balance_limit,
    usedCreditOfOtherContainers: wire.used_credit_from_other_containers,
    availableFunds: wire.total_available_funds,
    hasUnlimitedCredit: wire.unlimited_negative_balance ?? false,
  };
}

const adjustmentIn = (zone: string) =>
  z.object({
    id: looseId, // a text, as all ids and amounts of finance are
    container: z.object({ id: looseInteger, name: looseText }).nullish(),
    credit: looseDecimal,
    debit: looseDecimal,
    transaction_type: looseText,
    receipt_id: looseInteger,
    transaction_date: looseTimestampIn(zone),
    balance_after: looseDecimal,
    currency: looseText,
    note: looseText,
    expiration_date: looseDay,
  });

/**
 * GET /finance/balance-history.
 *
 * @param zone of its times, which carry none
 * @throws WrongShape
 */
export function parseBalanceAdjustments(body: unknown, offset: number, zone: string): Page<BalanceAdjustment> {
  const adjustment = adjustmentIn(zone);
  return parsePage(body, 'adjustments', offset, (item) => {
    const wire = parseWith(adjustment, item);
    return {
      id: wire.id,
      containerId: (wire.container?.id ?? null) as ContainerId | null,
      containerName: wire.container?.name ?? null,
      credit: wire.credit,
      debit: wire.debit,
      transactionType: wire.transaction_type,
      receiptId: wire.receipt_id,
      transactionDate: wire.transaction_date,
      balanceAfter: wire.balance_after,
      currency: wire.currency,
      note: wire.note,
      expirationDate: wire.expiration_date,
    };
  });
}
