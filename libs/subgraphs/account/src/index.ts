import { readSchemaFile, type Subgraph } from '@certfolio/graph-kit';
import type { AccountPorts } from './ports.ts';
import { createAccountResolvers } from './resolvers.ts';

export type { AccountPorts } from './ports.ts';
export { sensitiveAccountFields } from './sensitive-fields.ts';

/** The `account` subgraph: divisions, users, products, requests for approval, money, units, definitions of custom fields. */
export function createAccountSubgraph(ports: AccountPorts): Subgraph {
  return {
    name: 'account',
    typeDefs: readSchemaFile(new URL('./schema.graphql', import.meta.url)),
    resolvers: createAccountResolvers(ports),
  };
}
