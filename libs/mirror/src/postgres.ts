export { readExpiries, type CertificateExpiry, type Expiries, type ExpiriesWanted } from './expiries.postgres.ts';
export { createListMirror } from './list-mirror.postgres.ts';
export { createOrderHistory } from './order-history.postgres.ts';
export { createOrderMirror, type PostgresOrderMirror } from './order-mirror.postgres.ts';
export {
  findMirrorOfKey,
  isMirrorThere,
  openMirror,
  rememberKey,
  type MirrorBinding,
  type OpenMirrorOptions,
  type UpstreamKey,
} from './binding.postgres.ts';
export { createMirrorSync, type MirrorSettings, type MirrorSync, type MirrorSyncOptions } from './sync.ts';
export type { MirrorFeed } from './feed.ts';
export type { MirrorStatus } from './sync-status.ts';
export { createMirrorWriteBack } from './sync-write-back.ts';
