export { createRunStore, type RunStoreOptions } from './run-store.postgres.ts';
export { createScheduleStore } from './schedule-store.postgres.ts';
