export { restoreBackup, type Restored, type RestoreOptions } from './restore.postgres.ts';
export { writeBackup, type BackupOptions } from './write-backup.postgres.ts';
