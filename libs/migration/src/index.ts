export type * from './rest-exchange.ts';
export * from './rollout/route-state.ts';
export type * from './rollout/state-store.ts';
export type * from './routes/legacy-route.ts';
export { matchRoute, methodsOf } from './routes/match-route.ts';
export { catalogRoute, routeCatalog } from './routes/route-catalog.ts';
export { suggestTemplate, type Suggestion } from './routes/suggest-template.ts';
export type * from './served/served-route.ts';
