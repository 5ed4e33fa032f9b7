import { whileLocked as whileHeld, type Pool } from '@certfolio/database';
import type { PoolClient } from 'pg';

/** What only one process does at a time, for one upstream. */
const lockClasses = { round: 740_101, backfill: 740_102 } as const;

/** As the database's own, for one upstream. */
export const whileLocked = <T>(
  pool: Pool,
  what: keyof typeof lockClasses,
  upstreamId: number,
  work: (client: PoolClient) => Promise<T>,
): Promise<{ readonly result: T } | null> => whileHeld(pool, [lockClasses[what], upstreamId], work);
