import type { Clock } from '@certfolio/core';
import { whyUnreachable } from '@certfolio/database';

const againMs = 1_000;

/**
 * Writes what must not be lost: again and again while the database does not answer.
 *
 * @throws what the database says of the write itself, and the last error when the signal aborts meanwhile
 */
export async function untilWritten<T>(
  write: () => Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (whyUnreachable(error) === null || signal.aborted) throw error;
      await clock.sleep(againMs, signal).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
