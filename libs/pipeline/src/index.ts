export { createAutomaticDocuments, type AutomaticDocuments } from './automatic-documents.ts';
export {
  createCostMemory,
  type CostMemory,
  type LearnedCost,
  type LearnedCostStore,
  type LearnedField,
} from './cost-memory.ts';
export { Pipeline, reportRun, type PipelineParts, type SharedAnswer } from './pipeline.ts';
export { Spending } from './spending.ts';
export type { Answer, Caller, Cost, Examination, OperationRequest, ReadyOperation } from './types.ts';
