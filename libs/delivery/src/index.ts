export * from './exporters/csv.ts';
export * from './exporters/html.ts';
export * from './exporters/icalendar.ts';
export * from './exporters/ndjson.ts';
export * from './exporters/parquet.ts';
export * from './exporters/report-facts.ts';
export * from './exporters/xlsx.ts';
