import { AppError } from '@certfolio/core';

/** Another process works with the data folder. One process at a time may. */
export class DataFolderInUse extends AppError {
  readonly dataDir: string;
  /** The process that has the folder; null when it could not be read. */
  readonly pid: number | null;

  constructor(dataDir: string, pid: number | null) {
    const by = pid === null ? 'another process' : `process ${pid}`;
    super(
      'SERVICE_UNAVAILABLE',
      `The data folder ${dataDir} is in use by ${by}. Stop it first, or set CERTFOLIO_DATA_DIR to another folder.`,
      {
        details: { dataDir, pid },
      },
    );
    this.dataDir = dataDir;
    this.pid = pid;
  }
}

/** The embedded server could not be prepared or started; the message says what PostgreSQL said. */
export class EmbeddedDatabaseFailed extends AppError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('SERVICE_UNAVAILABLE', `The embedded database failed: ${what}`, options);
  }
}

/** A newer release has migrated this database; an older one must not write to it. */
export class DatabaseIsNewer extends AppError {
  readonly unknownMigrations: readonly string[];

  constructor(unknownMigrations: readonly string[], newestKnown: string) {
    super(
      'SERVICE_UNAVAILABLE',
      `The database was migrated by a newer release: it has ${unknownMigrations.join(', ')}, and the newest that this release knows is ${newestKnown}. Start the newer release, or restore a backup made by this one.`,
      { details: { unknownMigrations } },
    );
    this.unknownMigrations = unknownMigrations;
  }
}

/** Of Node, for a server that is not there. */
const networkCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
/** Class 08, and servers that stop, start or are full. Source: PostgreSQL documentation, appendix A "Error Codes" (read 2026-11). */
const serverCodes = /^(08...|57P0[1-3]|53300)$/;
/** What `pg` itself says, without a code. */
const lostConnection =
  /connection terminated|connection error|timeout exceeded when trying to connect|timeout expired|read timeout/i;

/** Why a statement did not get through to the database, in a few words; null for any other error. */
export function whyUnreachable(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === 'string') return networkCodes.test(code) || serverCodes.test(code) ? code : null;
  return lostConnection.test(String(message)) ? 'the connection was lost' : null;
}
