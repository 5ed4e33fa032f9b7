export * from './delivery-failed.ts';
export * from './destination.ts';
