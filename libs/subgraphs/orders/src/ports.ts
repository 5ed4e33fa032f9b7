import type { AccountReader, Clock, OrderHistory, OrderPartReader, OrderReader } from '@certfolio/core';

export interface OrdersPorts {
  /** The reader of an upstream account's orders, by the account's name. */
  ordersOf(account: string): OrderReader;
  /** The reader of what stands below them. */
  partsOf(account: string): OrderPartReader;
  /** What a mirror saw change; null where there is none. */
  historyOf(account: string): OrderHistory | null;
  /** The users of the account, for what orders say of theirs. */
  usersOf(account: string): Pick<AccountReader, 'users'>;
  readonly clock: Clock;
}
