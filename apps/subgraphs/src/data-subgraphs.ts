import type { Clock } from '@certfolio/core';
import type { Subgraph } from '@certfolio/graph-kit';
import { createAccountSubgraph } from '@certfolio/subgraph-account';
import { createOrdersSubgraph } from '@certfolio/subgraph-orders';
import { createOrganizationsSubgraph } from '@certfolio/subgraph-organizations';
import type { Accounts } from './accounts.ts';

/** Names of the subgraphs that read CertCentral. */
export const dataSubgraphNames = ['orders', 'organizations', 'account'] as const;
export type DataSubgraphName = (typeof dataSubgraphNames)[number];

type Readers = Pick<
  Accounts,
  'ordersOf' | 'partsOf' | 'historyOf' | 'organizationsOf' | 'domainsOf' | 'contactsOf' | 'accountOf'
>;

export function createDataSubgraph(name: DataSubgraphName, readers: Readers, clock: Clock): Subgraph {
  switch (name) {
    case 'orders':
      return createOrdersSubgraph({
        ordersOf: readers.ordersOf,
        partsOf: readers.partsOf,
        historyOf: readers.historyOf,
        usersOf: (account) => readers.accountOf(account),
        clock,
      });
    case 'organizations':
      return createOrganizationsSubgraph({
        organizationsOf: readers.organizationsOf,
        domainsOf: readers.domainsOf,
        contactsOf: readers.contactsOf,
        ordersOf: readers.ordersOf,
        clock,
      });
    case 'account':
      return createAccountSubgraph({ accountOf: readers.accountOf, clock });
  }
}
