import {
  mayRead,
  type AccountFacts,
  type AccountListItems,
  type AccountListName,
  type AccountLists,
  type AccountReader,
  type ContainerId,
  type Read,
  type UnitBundle,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';

/** Unit orders whose parts are read at the same time. */
const bundlesInParallel = 8;

/** Reads an account's lists, whoever keeps them, and shows of each what the scope may see. */
export function createAccountReader(lists: AccountLists, facts: AccountFacts): AccountReader {
  /** A scope of nothing costs nothing. */
  const visible = async <L extends AccountListName>(
    list: L,
    read: Read,
    isVisible: (row: AccountListItems[L]) => boolean,
  ): Promise<readonly AccountListItems[L][]> => {
    if (isEmpty(read)) return [];
    const rows = await lists.all(list, read);
    return read.scope.containers === 'all' ? rows : rows.filter(isVisible);
  };
  const isWithin =
    ({ scope }: Read) =>
    (id: ContainerId | null) =>
      mayRead(scope, id);

  return {
    containers: (read) => visible('containers', read, ({ id }) => mayRead(read.scope, id)),
    async users(read) {
      const within = isWithin(read);
      const users = await visible(
        'users',
        read,
        ({ containerId, assignedContainerIds }) => within(containerId) || assignedContainerIds.some(within),
      );
      return users.map((user) =>
        within(user.containerId) && user.assignedContainerIds.every(within)
          ? user
          : {
              ...user,
              ...(within(user.containerId) ? {} : { containerId: null, containerName: null }),
              assignedContainerIds: user.assignedContainerIds.filter(within),
            },
      );
    },
    async products(read) {
      const within = isWithin(read);
      const products = await visible(
        'products',
        read,
        ({ allowedContainerIds }) => allowedContainerIds === null || allowedContainerIds.some(within),
      );
      return products.map((product) =>
        product.allowedContainerIds?.every(within) === false
          ? { ...product, allowedContainerIds: product.allowedContainerIds.filter(within) }
          : product,
      );
    },
    requests: (read) => visible('requests', read, ({ containerId }) => isWithin(read)(containerId)),
    balanceHistory: (read) => visible('balanceAdjustments', read, ({ containerId }) => isWithin(read)(containerId)),
    unitOrders: async (read) => (read.scope.containers === 'all' ? lists.all('unitOrders', read) : []),
    customFieldDefinitions: (read) => visible('customFieldDefinitions', read, () => true),
    async balance(containerId, read) {
      if (!mayRead(read.scope, containerId)) return null;
      const balance = await facts.balance(containerId, read);
      if (balance === null) return null;
      const isWhole = read.scope.containers === 'all';
      return { ...balance, containerId, ...(isWhole ? {} : { usedCreditOfOtherContainers: null }) };
    },
    statusChanges: async (window, read) => (read.scope.containers === 'all' ? facts.statusChanges(window, read) : null),
    async restList(list, read) {
      if (read.scope.containers === 'all') return lists.all(list, read);
      if (list !== 'restDomains' && list !== 'restRequests') return null;
      const within = isWithin(read);
      return visible(list, read, (row) => within((row as { readonly containerId: ContainerId | null }).containerId));
    },
    subaccountOrders: async (read) => (read.scope.containers === 'all' ? facts.subaccountOrders(read) : []),
    async unitBundles(ids, read) {
      if (read.scope.containers !== 'all') return new Map();
      const found = await mapConcurrently([...new Set(ids)], bundlesInParallel, async (id) => {
        const bundles = await facts.unitBundles(id, read);
        return bundles === null ? [] : [[id, bundles] as const];
      });
      return new Map<number, readonly UnitBundle[]>(found.flat());
    },
  };
}

const isEmpty = ({ scope }: Read): boolean => scope.containers !== 'all' && scope.containers.size === 0;
