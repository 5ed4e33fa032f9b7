import { AppError } from '@certfolio/core';

/** The file is no backup, or not whole, or not what was written. Nothing was changed. */
export class BackupUnusable extends AppError {
  constructor(what: string, options: { readonly cause?: unknown } = {}) {
    super('BAD_REQUEST', `The backup cannot be restored: ${what} Nothing was changed.`, options);
  }
}

/** The database has something that the backup would replace. Nothing was changed. */
export class DatabaseHasContent extends AppError {
  constructor(tables: readonly string[]) {
    super(
      'BAD_REQUEST',
      `The database has content of its own (${tables.join(', ')}), which a restore would replace; ask for that ("--replace"), or restore into a new database. Nothing was changed.`,
      { details: { tables } },
    );
  }
}
