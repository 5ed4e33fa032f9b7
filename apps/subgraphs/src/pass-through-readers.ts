import { ServiceUnavailable, type Clock, type Logger, type UpstreamKey } from '@certfolio/core';
import type { CertCentralClient } from '@certfolio/upstream';
import type { AccountReaders } from './account-readers.ts';

/** Client and readers of one key, with a call budget of its own. */
export interface OpenKey {
  readonly client: CertCentralClient;
  readonly readers: AccountReaders;
  close(): Promise<void>;
}

export interface PassThroughReadersOptions {
  /** @param apiKey throws while nobody reads with the key */
  readonly open: (key: UpstreamKey, apiKey: () => string) => OpenKey;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Keys with readers at the same time. Default 200. */
  readonly maxKeys?: number;
  /** A key that nobody reads with for so long is closed. Not shorter than CertCentral's longest window. Default 300,000. */
  readonly idleMs?: number;
}

/** CertCentral's longest window with our margin: calls that are older do not count any more. */
const longestWindowMs = 181_000;

interface Entry extends OpenKey {
  /** The key itself, while somebody reads with it. */
  readonly holder: { text: string | null };
  users: number;
  lastUsedMs: number;
}

/**
 * Readers of keys that are passed through. A key's text is held while a read with it is under way, and then let go; its call log
 * stays until it says nothing any more, so that coming back does not spend the windows twice. A restart begins with empty logs.
 */
export class PassThroughReaders {
  readonly #options: Required<PassThroughReadersOptions>;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #cancelTimer: (() => void) | null = null;

  constructor(options: PassThroughReadersOptions) {
    this.#options = { maxKeys: 200, idleMs: 300_000, ...options };
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @throws ServiceUnavailable when too many keys are in use */
  async use<T>(key: UpstreamKey, work: (open: OpenKey) => Promise<T>): Promise<T> {
    const entry = this.#entryOf(key);
    entry.holder.text = key.text();
    entry.users += 1;
    try {
      return await work(entry);
    } finally {
      entry.users -= 1;
      entry.lastUsedMs = this.#options.clock.monotonicMs();
      if (entry.users === 0) entry.holder.text = null;
    }
  }

  /** Closes the key's readers at once, unless somebody reads with them. */
  forget({ id }: UpstreamKey): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.users === 0) this.#close(id, entry);
  }

  async stop(): Promise<void> {
    this.#cancelTimer?.();
    for (const [id, entry] of this.#entries) this.#close(id, entry);
    await Promise.all(this.#closing);
  }

  #entryOf(key: UpstreamKey): Entry {
    const known = this.#entries.get(key.id);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#options.maxKeys) this.#makeRoom();
    const holder: Entry['holder'] = { text: null };
    const opened = this.#options.open(key, () => {
      if (holder.text === null) throw new Error('Nobody reads with this key any more.');
      return holder.text;
    });
    const entry = { ...opened, holder, users: 0, lastUsedMs: this.#options.clock.monotonicMs() };
    this.#entries.set(key.id, entry);
    this.#watch();
    return entry;
  }

  /** Closes the key that was idle longest, if its calls do not count any more. @throws ServiceUnavailable */
  #makeRoom(): void {
    const { clock, maxKeys } = this.#options;
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    const [oldest] = idle.sort(([, a], [, b]) => a.lastUsedMs - b.lastUsedMs);
    const waitMs =
      oldest === undefined ? longestWindowMs : oldest[1].lastUsedMs + longestWindowMs - clock.monotonicMs();
    if (oldest === undefined || waitMs > 0)
      throw new ServiceUnavailable(
        `${maxKeys} CertCentral keys are being passed through; there is room for another in ${Math.ceil(waitMs / 1_000)} s.`,
        { retryAfterMs: waitMs },
      );
    this.#close(...oldest);
  }

  #watch(): void {
    if (this.#cancelTimer !== null) return;
    const { clock, idleMs } = this.#options;
    this.#cancelTimer = clock.schedule(idleMs / 4, () => {
      this.#cancelTimer = null;
      const nowMs = clock.monotonicMs();
      for (const [id, entry] of this.#entries)
        if (entry.users === 0 && nowMs - entry.lastUsedMs >= idleMs) this.#close(id, entry);
      if (this.#entries.size > 0) this.#watch();
    });
  }

  #close(id: string, entry: Entry): void {
    this.#entries.delete(id);
    entry.holder.text = null;
    const closing: Promise<void> = entry
      .close()
      .catch((error: unknown) => this.#options.logger.warn({ reason: String(error) }, 'A client was not closed well.'))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
