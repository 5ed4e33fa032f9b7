export * from './delivery-failed.ts';
export * from './destination.ts';
export * from './condition.ts';
export * from './difference.ts';
export * from './schedule-definition.ts';
export * from './slots.ts';
