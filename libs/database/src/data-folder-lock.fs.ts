import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DataFolderInUse } from './errors.ts';

export interface DataFolderLock {
  release(): void;
}

/** Held here, since a lock whose handle is garbage collected is a lock that is gone. */
const held = new Set<DatabaseSync>();

/**
 * Takes the folder for this process. The lock belongs to the kernel, not to a file with a process id: it is gone with
 * the process however that ended, it cannot go stale, and it holds between containers that share a volume, where
 * process ids mean nothing. Node has no call for it, but its SQLite takes exactly such a lock on an empty file.
 *
 * @throws DataFolderInUse with the folder and the process that has it
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  const ownerFile = join(dataDir, 'lock-owner');
  const lock = new DatabaseSync(join(dataDir, 'lock'));
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new DataFolderInUse(dataDir, readPid(ownerFile));
    throw error;
  }
  held.add(lock);
  writeFileSync(ownerFile, `${process.pid}\n`);
  return {
    release() {
      if (held.delete(lock)) lock.close();
    },
  };
}

/** SQLITE_BUSY and SQLITE_LOCKED, https://sqlite.org/rescode.html (read 2026-11). */
function isBusy(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'errcode' in error && (error.errcode === 5 || error.errcode === 6)
  );
}

function readPid(ownerFile: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(ownerFile, 'utf8'), 10);
    return Number.isSafeInteger(pid) ? pid : null;
  } catch {
    return null;
  }
}
