// eslint-disable-next-line @nx/enforce-module-boundaries -- the subgraphs are put together here as an app does, to see them run as one
import { createOrdersSubgraph } from '@certfolio/subgraph-orders';
// eslint-disable-next-line @nx/enforce-module-boundaries -- as above
import { createOrganizationsSubgraph } from '@certfolio/subgraph-organizations';
import {
  organizationId,
  type Clock,
  type Domain,
  type Logger,
  type Order,
  type OrderId,
  type OrderPage,
  type OrderQuery,
  type OrderReader,
  type Organization,
  type OrganizationId,
} from '@certfolio/core';
import { createLocalSubgraph, type LocalSubgraph } from '../src/index.ts';

export const organization = (id: number, facts: Partial<Organization> = {}): Organization => ({
  id: organizationId(id),
  name: `Organization ${id}`,
  assumedName: null,
  displayName: null,
  status: 'active',
  isActive: true,
  address: null,
  address2: null,
  zip: null,
  city: `City ${id}`,
  state: null,
  country: 'us',
  telephone: null,
  containerId: null,
  containerName: null,
  assignedContainerIds: [],
  validations: [],
  ...facts,
});

/** Readers over arrays that count what they are asked. */
export class DataAtHand {
  orders: readonly Order[] = [];
  organizations: readonly Organization[] = [];
  domains: readonly Domain[] = [];
  failOrders: Error | null = null;
  readonly organizationBatches: (readonly OrganizationId[])[] = [];
  readonly queries: OrderQuery[] = [];

  readonly orderReader: OrderReader = {
    findByIds: async (ids: readonly OrderId[]) => this.orders.filter(({ id }) => ids.includes(id)),
    findByCertificate: async () => null,
    buckets: async () => [],
    findMany: async (query): Promise<OrderPage> => {
      if (this.failOrders !== null) throw this.failOrders;
      this.queries.push(query);
      const orders = this.orders.slice(0, query.limit ?? undefined);
      return {
        orders,
        hasNext: orders.length < this.orders.length,
        total: query.withTotal ? this.orders.length : null,
        positionOf: ({ id }) => ({ sortValues: query.sort.map(() => null), id }),
      };
    },
  };

  subgraphs(clock: Clock, logger: Logger): LocalSubgraph[] {
    const organizations = {
      findByIds: async (ids: readonly OrganizationId[]) => {
        this.organizationBatches.push(ids);
        return this.organizations.filter(({ id }) => ids.includes(id));
      },
      findAll: async () => this.organizations,
    };
    const domains = { findByIds: async () => [], findAll: async () => this.domains };
    return [
      createOrdersSubgraph({
        ordersOf: () => this.orderReader,
        partsOf: () => ({ find: async () => new Map() }),
        historyOf: () => null,
        usersOf: () => ({ users: async () => [] }),
        clock,
      }),
      createOrganizationsSubgraph({
        organizationsOf: () => organizations,
        domainsOf: () => domains,
        contactsOf: () => ({ find: async () => new Map() }),
        ordersOf: () => this.orderReader,
        clock,
      }),
    ].map((subgraph) => createLocalSubgraph(subgraph, logger, 1));
  }
}
