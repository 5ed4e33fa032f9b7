import { readSchemaFile } from '@certfolio/graph-kit';

export const typeDefs = readSchemaFile(new URL('./schema.graphql', import.meta.url));
