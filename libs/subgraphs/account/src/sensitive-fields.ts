import type { FieldRights } from '@certfolio/core';

/** `Type.field` to the right it needs. */
export const sensitiveAccountFields: ReadonlyMap<string, FieldRights> = new Map<string, FieldRights>([
  ['Person.email', 'email'],
  ['User.email', 'email'],
  // People sign in with their address more often than not.
  ['User.username', 'email'],
  ['Balance.balance', 'cost'],
  ['Balance.currency', 'cost'],
  ['Balance.unpaidInvoices', 'cost'],
  ['Balance.creditLimit', 'cost'],
  ['Balance.usedCreditOfOtherContainers', 'cost'],
  ['Balance.availableFunds', 'cost'],
  ['BalanceEntry.credit', 'cost'],
  ['BalanceEntry.debit', 'cost'],
  ['BalanceEntry.balanceAfter', 'cost'],
  ['BalanceEntry.currency', 'cost'],
  ['BalanceMonth.charges', 'cost'],
  ['BalanceMonth.refunds', 'cost'],
  ['BalanceMonth.deposits', 'cost'],
  ['BalanceMonth.expired', 'cost'],
  ['BalanceMonth.net', 'cost'],
  ['BalanceMonth.balanceAfter', 'cost'],
  ['BalanceMonth.balance', 'cost'],
  ['BalanceMonth.burnPerDay', 'cost'],
  ['BalanceMonth.runOutDate', 'cost'],
  ['BalanceMonth.currency', 'cost'],
  ['UnitOrder.cost', 'cost'],
  ['UnitOrder.currency', 'cost'],
  ['UnitBundle.cost', 'cost'],
  // Items are shown with whatever CertCentral puts into them.
  ...['restOrganizations', 'restDomains', 'restContainers', 'restUsers', 'restProducts', 'restRequests'].map(
    (name): [string, FieldRights] => [`Query.${name}`, ['email', 'cost', 'customFields', 'csr']],
  ),
]);
