export { createKeyStore, type KeyStoreOptions } from './key-store.postgres.ts';
