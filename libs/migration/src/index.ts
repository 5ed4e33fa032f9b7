export type * from './routes/legacy-route.ts';
export { matchRoute, methodsOf } from './routes/match-route.ts';
export { catalogRoute, routeCatalog } from './routes/route-catalog.ts';
export { suggestTemplate, type Suggestion } from './routes/suggest-template.ts';
