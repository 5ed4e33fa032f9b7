import { randomBytes } from 'node:crypto';
import type { KeyStore } from '@certfolio/access';
import { createKeyStore } from '@certfolio/access/postgres';
import type { Clock, KeyLimits, Logger } from '@certfolio/core';
import { createPool, migrate, type Pool } from '@certfolio/database';
import type { Shutdown } from '@certfolio/runtime';

export interface OpenKeysOptions {
  readonly databaseUrl: string;
  /** From the environment: accepted from now on. Undefined: the first start ever makes one. */
  readonly adminKey: string | undefined;
  /** Named limits of keys. */
  readonly tiers: ReadonlyMap<string, KeyLimits>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
}

/** For backup and restore, which take as long as they take. */
export interface Maintenance {
  /** Connections whose statements have no time limit. */
  readonly pool: Pool;
  /** The admin key of the environment is accepted again after keys were replaced. */
  ensureAdminKey(): Promise<void>;
}

export interface OpenKeys {
  readonly pool: Pool;
  readonly keys: KeyStore;
  readonly maintenance: Maintenance;
  /** The admin key that was made just now; to be shown once. */
  readonly firstAdminKey: string | null;
}

/** Connects to the database, migrates it, and sees to an admin key. */
export async function openKeys({
  databaseUrl,
  adminKey,
  tiers,
  clock,
  logger,
  shutdown,
}: OpenKeysOptions): Promise<OpenKeys> {
  const pool = createPool(databaseUrl, { applicationName: 'certfolio', max: 10, logger });
  shutdown.add('database connections', () => pool.end());
  await migrate(pool);
  const keys = createKeyStore(pool, { clock, randomBytes, tiers });
  if (adminKey !== undefined) await keys.ensureAdminKey(adminKey);
  const made = adminKey === undefined ? await keys.makeFirstAdminKey() : null;
  const long = createPool(databaseUrl, { applicationName: 'certfolio-backup', max: 2, logger, statementTimeoutMs: 0 });
  shutdown.add('database connections of backups', () => long.end());
  const maintenance: Maintenance = {
    pool: long,
    async ensureAdminKey() {
      if (adminKey !== undefined) await keys.ensureAdminKey(adminKey);
    },
  };
  return { pool, keys, maintenance, firstAdminKey: made?.text ?? null };
}
