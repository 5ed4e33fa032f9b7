export { decodeCursor, encodeCursor } from './cursor.ts';
export { dateConditions, startOfDayMs, type DateBounds, type DateContext } from './date-filter.ts';
export { appErrorOf, formatError } from './graphql-errors.ts';
export { dateScalar, dateTimeScalar, moneyScalar } from './scalars.ts';
export { readSchemaFile } from './schema-file.fs.ts';
export { rememberSelection, walkSelection, type SelectionInfo } from './selection.ts';
export type { Resolver, Resolvers, Subgraph } from './subgraph.ts';
