import { readSchemaFile, type Subgraph } from '@certfolio/graph-kit';
import { createOrganizationsResolvers, type OrganizationsPorts } from './resolvers.ts';

export type { OrganizationsPorts } from './resolvers.ts';
export { sensitiveOrganizationFields } from './sensitive-fields.ts';

/** The `organizations` subgraph: organizations with their validations and people, domains with their control validation. */
export function createOrganizationsSubgraph(ports: OrganizationsPorts): Subgraph {
  return {
    name: 'organizations',
    typeDefs: readSchemaFile(new URL('./schema.graphql', import.meta.url)),
    resolvers: createOrganizationsResolvers(ports),
  };
}
