export { createAuditStore } from './audit-store.postgres.ts';
export { createSeenStore } from './seen-store.postgres.ts';
