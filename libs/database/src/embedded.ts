export { DataFolderInUse, EmbeddedDatabaseFailed } from './errors.ts';
export { startEmbeddedDatabase, type EmbeddedDatabase, type EmbeddedDatabaseOptions } from './embedded-server.fs.ts';
