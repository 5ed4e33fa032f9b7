export type * from './rest-exchange.ts';
export * from './rollout/route-state.ts';
export type * from './rollout/state-store.ts';
export type * from './routes/legacy-route.ts';
export type * from './comparison/comparison-store.ts';
export type * from './comparison/ignore-rule.ts';
export * from './comparison/parity.ts';
export * from './rollout/plan.ts';
