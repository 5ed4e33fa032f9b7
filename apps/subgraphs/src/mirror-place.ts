import type { Logger } from '@certfolio/core';
import { createPool } from '@certfolio/database';
import type { Configuration } from '@certfolio/runtime';
import type { MirrorPlace } from './accounts.ts';

/** A round and a step of the backfill hold a connection each while queries and write-backs need others. */
const connections = 12;

/** Where the accounts of this process are mirrored; null when there is to be no mirror, or no database for it. */
export function mirrorPlace(
  { mirror: settings }: Pick<Configuration, 'mirror'>,
  databaseUrl: string | undefined,
  logger: Logger,
  distrustBefore?: Date,
): MirrorPlace | null {
  if (!settings.enabled) return null;
  if (databaseUrl === undefined) {
    logger.info({}, 'Without CERTFOLIO_DATABASE_URL this process keeps no mirror; every read is live.');
    return null;
  }
  const pool = createPool(databaseUrl, {
    ...{ applicationName: 'certfolio-mirror', max: connections, logger },
    freeTimeoutMs: settings.connectionWaitSeconds * 1_000,
  });
  return { pool, settings, ...(distrustBefore === undefined ? {} : { distrustBefore }) };
}
