export {
  CompositionError,
  apiSchemaOf,
  composeSupergraph,
  digestOfSubgraphs,
  type SubgraphDefinition,
} from './compose.ts';
export { InFlight } from './in-flight.ts';
export { createLocalSubgraph, type LocalSubgraph, type SubgraphAnswer } from './local-subgraph.ts';
export {
  createOperationRunner,
  type ExecutionAnswer,
  type OperationRunner,
  type PreparedOperation,
} from './operation-runner.ts';
export { createSupergraph, type SubgraphRunner, type Supergraph } from './supergraph.ts';
export {
  DocumentError,
  createPreparedDocuments,
  defaultPreparationLimits,
  isMutation,
  type PreparationLimits,
  type DeprecatedField,
  type PreparedDocument,
  type PreparedDocuments,
} from './prepared-documents.ts';
export {
  createMemoryResultStore,
  createResultCache,
  type CachedResult,
  type ResultCache,
  type ResultStore,
} from './result-cache.ts';
