import type {
  AccountReader,
  DomainReader,
  OrderPartReader,
  OrderReader,
  OrganizationContactReader,
  OrganizationReader,
  UpstreamKey,
} from '@certfolio/core';

/** Everything that subgraphs read of one account with one key. */
export interface AccountReaders {
  readonly orders: OrderReader;
  readonly parts: OrderPartReader;
  readonly organizations: OrganizationReader;
  readonly domains: DomainReader;
  readonly contacts: OrganizationContactReader;
  readonly account: AccountReader;
}

/** Does some reading with the readers of a key. */
export type WithKey = <T>(key: UpstreamKey, work: (readers: AccountReaders) => Promise<T>) => Promise<T>;

/** Readers that ask, for each read, whose key it is made with: that of the caller who is passed through, else the account's own. */
export function readersByKey(own: AccountReaders, withKey: WithKey): AccountReaders {
  const choose = <T>(
    { upstreamKey }: { readonly upstreamKey?: UpstreamKey },
    work: (readers: AccountReaders) => Promise<T>,
  ): Promise<T> => (upstreamKey === undefined ? work(own) : withKey(upstreamKey, work));
  return {
    orders: {
      findByIds: (ids, read) => choose(read, ({ orders }) => orders.findByIds(ids, read)),
      findByCertificate: (ref, read) => choose(read, ({ orders }) => orders.findByCertificate(ref, read)),
      findMany: (query, read) => choose(read, ({ orders }) => orders.findMany(query, read)),
      buckets: (query, read) => choose(read, ({ orders }) => orders.buckets(query, read)),
    },
    parts: { find: (part, ids, read) => choose(read, ({ parts }) => parts.find(part, ids, read)) },
    organizations: {
      findByIds: (ids, read) => choose(read, ({ organizations }) => organizations.findByIds(ids, read)),
      findAll: (read) => choose(read, ({ organizations }) => organizations.findAll(read)),
    },
    domains: {
      findByIds: (ids, read) => choose(read, ({ domains }) => domains.findByIds(ids, read)),
      findAll: (read, organizationIds) => choose(read, ({ domains }) => domains.findAll(read, organizationIds)),
    },
    contacts: { find: (ids, read) => choose(read, ({ contacts }) => contacts.find(ids, read)) },
    account: {
      containers: (read) => choose(read, ({ account }) => account.containers(read)),
      users: (read) => choose(read, ({ account }) => account.users(read)),
      products: (read) => choose(read, ({ account }) => account.products(read)),
      requests: (read) => choose(read, ({ account }) => account.requests(read)),
      balanceHistory: (read) => choose(read, ({ account }) => account.balanceHistory(read)),
      subaccountOrders: (read) => choose(read, ({ account }) => account.subaccountOrders(read)),
      unitOrders: (read) => choose(read, ({ account }) => account.unitOrders(read)),
      customFieldDefinitions: (read) => choose(read, ({ account }) => account.customFieldDefinitions(read)),
      balance: (containerId, read) => choose(read, ({ account }) => account.balance(containerId, read)),
      unitBundles: (ids, read) => choose(read, ({ account }) => account.unitBundles(ids, read)),
      statusChanges: (window, read) => choose(read, ({ account }) => account.statusChanges(window, read)),
      restList: (list, read) => choose(read, ({ account }) => account.restList(list, read)),
    },
  };
}
