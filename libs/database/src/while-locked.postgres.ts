import type { PoolClient } from 'pg';
import type { Pool } from './pool.postgres.ts';

/**
 * Does the work while no other process does it; null at once when one does. The lock belongs to the connection that the
 * work is given: when that breaks, whatever the work still writes through it fails with it.
 *
 * @param lock class and number of an advisory lock
 */
export async function whileLocked<T>(
  pool: Pool,
  lock: readonly [lockClass: number, of: number],
  work: (client: PoolClient) => Promise<T>,
): Promise<{ readonly result: T } | null> {
  const client = await pool.connect();
  // Without a listener a connection that breaks while no statement runs would end this process; the next statement fails.
  const breaks = () => undefined;
  client.on('error', breaks);
  let isLocked = false;
  try {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, $2) as locked', [
      ...lock,
    ]);
    isLocked = rows[0]!.locked;
    return isLocked ? { result: await work(client) } : null;
  } finally {
    const isClean = isLocked
      ? await client.query('select pg_advisory_unlock($1, $2)', [...lock]).then(
          () => true,
          () => false,
        )
      : true;
    client.off('error', breaks);
    // A connection that cannot give its lock back is closed, and the lock with it.
    client.release(!isClean);
  }
}
