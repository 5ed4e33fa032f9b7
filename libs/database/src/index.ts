export { DatabaseIsNewer } from './errors.ts';
export { migrate } from './migrate.postgres.ts';
export { createPool, createQueries, type Pool, type PoolOptions } from './pool.postgres.ts';
