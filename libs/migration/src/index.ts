export type * from './rest-exchange.ts';
export * from './rollout/route-state.ts';
export type * from './rollout/state-store.ts';
export type * from './routes/legacy-route.ts';
export type * from './served/served-route.ts';
