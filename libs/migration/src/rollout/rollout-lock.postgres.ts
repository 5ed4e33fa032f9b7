import { whileLocked, type Pool } from '@certfolio/database';
import type { RolloutLock } from './ramp-loop.ts';

/** Class of the advisory lock; beside those of the mirror. */
const lockClass = 740_103;
const ramps = 1;

/** One lock for all processes of a database; it is free again when the process that holds it dies. */
export function createRolloutLock(pool: Pool): RolloutLock {
  return { whileHeld: (work) => whileLocked(pool, [lockClass, ramps], work) };
}
