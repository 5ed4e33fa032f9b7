import type { Clock, OrderReader } from '@certfolio/core';

export interface OrdersPorts {
  /** The reader of an upstream account's orders, by the account's name. */
  ordersOf(account: string): OrderReader;
  readonly clock: Clock;
}
