export { createAutomaticDocuments, type AutomaticDocuments } from './automatic-documents.ts';
export { Pipeline, reportRun, type PipelineParts, type SharedAnswer } from './pipeline.ts';
export type { Answer, Caller, Cost, Examination, OperationRequest, ReadyOperation } from './types.ts';
