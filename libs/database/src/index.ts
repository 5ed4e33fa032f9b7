export { DatabaseIsNewer, whyUnreachable } from './errors.ts';
export { applyMigrations, knownMigrations } from './apply-migrations.postgres.ts';
export { migrate, migrationLock } from './migrate.postgres.ts';
export { createPool, createQueries, type Pool, type PoolOptions } from './pool.postgres.ts';
export { whileLocked } from './while-locked.postgres.ts';
