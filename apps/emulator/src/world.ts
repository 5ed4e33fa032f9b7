import { type Account } from './account/account.ts';
import { type CertificateStore } from './certificates/certificate-store.ts';
import { type EmptyLists } from './http/paged-list.ts';
import { type OrderBook } from './orders/order-book.ts';

/** What resources answer from. */
export interface World {
  readonly account: Account;
  readonly orders: OrderBook;
  readonly certificates: CertificateStore;
  readonly emptyLists: EmptyLists;
}
