export * from './exporters/csv.ts';
export * from './exporters/ndjson.ts';
