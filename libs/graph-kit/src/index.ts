export { decodeCursor, encodeCursor } from './cursor.ts';
export {
  dateConditions,
  dateTest,
  instantRange,
  startOfDayMs,
  type DateBounds,
  type DateContext,
} from './date-filter.ts';
export { counted, noteExpected, oneIf } from './expected-rows.ts';
export { framed, readFramed } from './framed-message.ts';
export { identityHeader, identityLifetimeMs, signIdentity, verifyIdentity } from './identity.ts';
export { appErrorOf, formatError } from './graphql-errors.ts';
export { perRequest } from './per-request.ts';
export { dateScalar, dateTimeScalar, moneyScalar } from './scalars.ts';
export { readSchemaFile } from './schema-file.fs.ts';
export { rememberSelection, walkSelection, type SelectionInfo } from './selection.ts';
export { reference, type ReferenceResolver, type Resolver, type Resolvers, type Subgraph } from './subgraph.ts';
