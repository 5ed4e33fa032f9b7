import { concatAST } from 'graphql';
import { readSchemaFile } from '@certfolio/graph-kit';

/** One file per noun; `keys` comes first, since it has the root types that the others extend. */
const nouns = [
  'keys',
  'templates',
  'publishing',
  'template-changes',
  'imports',
  'usage',
  'schema',
  'upstream',
  'limits',
  'audit',
  'seen',
  'schedules',
  'migration',
];

export const typeDefs = concatAST(
  nouns.map((noun) => readSchemaFile(new URL(`./schema/${noun}.graphql`, import.meta.url))),
);
