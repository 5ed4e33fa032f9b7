import type { Clock, Logger } from '@certfolio/core';
import type { KeyStore } from './key-store.ts';

export interface LastUsedRecorder {
  /** Costs a map entry; writes nothing. */
  note(keyId: string): void;
  /** Writes what was noted, all keys in one statement; on failure keeps it for the next time. */
  flush(): Promise<void>;
  /** Flushes once a minute until the signal aborts, and a last time then. */
  run(signal: AbortSignal): Promise<void>;
}

export function createLastUsedRecorder(
  keys: Pick<KeyStore, 'touchLastUsed'>,
  clock: Clock,
  logger: Logger,
  everyMs = 60_000,
): LastUsedRecorder {
  let noted = new Map<string, Date>();

  async function flush(): Promise<void> {
    const writing = noted;
    noted = new Map();
    try {
      await keys.touchLastUsed(writing);
    } catch (error) {
      noted = new Map([...writing, ...noted]);
      logger.warn(
        { keys: noted.size, reason: String(error) },
        'When keys were last used could not be written; it is tried again.',
      );
    }
  }

  return {
    note: (keyId) => void noted.set(keyId, new Date(clock.nowMs())),
    flush,
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined);
        await flush();
      }
    },
  };
}
