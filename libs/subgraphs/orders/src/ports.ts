import type { Clock, OrderPartReader, OrderReader } from '@certfolio/core';

export interface OrdersPorts {
  /** The reader of an upstream account's orders, by the account's name. */
  ordersOf(account: string): OrderReader;
  /** The reader of what stands below them. */
  partsOf(account: string): OrderPartReader;
  readonly clock: Clock;
}
