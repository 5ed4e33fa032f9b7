export { createAutomaticDocuments, type AutomaticDocuments } from './automatic-documents.ts';
export { Pipeline, reportRun, type PipelineParts, type SharedAnswer } from './pipeline.ts';
export { defaultCostPolicy, type Cost, type CostPolicy } from './request-cost.ts';
export type { Answer, Caller, OperationRequest, ReadyOperation } from './types.ts';
