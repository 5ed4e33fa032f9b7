import type { Pool } from '@certfolio/database';
import type { PoolClient } from 'pg';

/** What only one process does at a time, for one upstream. */
const lockClasses = { round: 740_101, backfill: 740_102 } as const;

/**
 * Does the work while no other process does it; null at once when one does. The lock belongs to the connection that the
 * work is given: when that breaks, whatever the work still writes through it fails with it.
 */
export async function whileLocked<T>(
  pool: Pool,
  what: keyof typeof lockClasses,
  upstreamId: number,
  work: (client: PoolClient) => Promise<T>,
): Promise<{ readonly result: T } | null> {
  const client = await pool.connect();
  // Without a listener a connection that breaks while no statement runs would end this process; the next statement fails.
  const breaks = () => undefined;
  client.on('error', breaks);
  let isLocked = false;
  try {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
      lockClasses[what],
      upstreamId,
    ]);
    isLocked = rows[0]!.locked;
    return isLocked ? { result: await work(client) } : null;
  } finally {
    const isClean = isLocked
      ? await client.query('select pg_advisory_unlock($1, $2)', [lockClasses[what], upstreamId]).then(
          () => true,
          () => false,
        )
      : true;
    client.off('error', breaks);
    // A connection that cannot give its lock back is closed, and the lock with it.
    client.release(!isClean);
  }
}
