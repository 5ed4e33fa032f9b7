export type * from './routes/legacy-route.ts';
