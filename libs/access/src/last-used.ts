import type { Clock, Logger } from '@certfolio/core';
import type { KeyStore } from './key-store.ts';

export interface LastUsedRecorder {
  /** Costs a look into a map; writes nothing. @param secretHash SHA-256 of the secret, base64 */
  note(keyId: string, secretHash: string): void;
  /** Writes what was noted, all keys in one go; on failure keeps it for the next time. */
  flush(): Promise<void>;
  /** Flushes once a minute until the signal aborts, and a last time then. */
  run(signal: AbortSignal): Promise<void>;
}

interface Use {
  readonly keyId: string;
  atMs: number;
}

export function createLastUsedRecorder(
  keys: Pick<KeyStore, 'touchLastUsed'>,
  clock: Clock,
  logger: Logger,
  everyMs = 60_000,
): LastUsedRecorder {
  /** By hash of the secret: a key has one for each of its secrets. */
  let noted = new Map<string, Use>();

  async function flush(): Promise<void> {
    const writing = noted;
    noted = new Map();
    try {
      await keys.touchLastUsed(
        [...writing].map(([secretHash, { keyId, atMs }]) => ({
          keyId,
          sha256: Buffer.from(secretHash, 'base64'),
          at: new Date(atMs),
        })),
      );
    } catch (error) {
      noted = new Map([...writing, ...noted]);
      logger.warn(
        { secrets: noted.size, reason: String(error) },
        'When keys were last used could not be written; it is tried again.',
      );
    }
  }

  return {
    note(keyId, secretHash) {
      const use = noted.get(secretHash);
      if (use === undefined) noted.set(secretHash, { keyId, atMs: clock.nowMs() });
      else use.atMs = clock.nowMs();
    },
    flush,
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined);
        await flush();
      }
    },
  };
}
