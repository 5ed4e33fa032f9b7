import { readSchemaFile, type Subgraph } from '@certfolio/graph-kit';
import type { OrdersPorts } from './ports.ts';
import { createOrdersResolvers } from './resolvers.ts';

export type { OrdersPorts } from './ports.ts';
export { sensitiveOrderFields } from './sensitive-fields.ts';

/** The `orders` subgraph: DigiCert's compatible queries and the typed ones, over any `OrderReader`. */
export function createOrdersSubgraph(ports: OrdersPorts): Subgraph {
  return {
    name: 'orders',
    typeDefs: readSchemaFile(new URL('./schema.graphql', import.meta.url)),
    resolvers: createOrdersResolvers(ports),
    // Its values are text or null; whole reports are read through it.
    wireReadyTypes: new Set(['OrderDetails']),
  };
}
