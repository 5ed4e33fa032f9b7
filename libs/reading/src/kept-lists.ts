import {
  AppError,
  GatewayTimeout,
  ReadLedger,
  type AccountListItems,
  type AccountListName,
  type AccountLists,
  type Clock,
  type ListMirror,
  type Logger,
  type Read,
} from '@certfolio/core';

export interface KeptListsOptions {
  readonly live: AccountLists;
  readonly mirror: ListMirror;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends readings that are under way. */
  readonly signal: AbortSignal;
  /** Instants before this are distrusted: what was kept then is read again. */
  readonly distrustBeforeMs?: number;
}

/** Deadline of a reading that several callers wait for; each of them waits by its own. */
const readingMs = 60_000;

type Items<L extends AccountListName> = readonly AccountListItems[L][];

/** Whole lists, read once for all who need them and kept as long as they are young enough. */
export class KeptLists implements AccountLists {
  readonly #live: AccountLists;
  readonly #mirror: ListMirror;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  readonly #distrustBeforeMs: number;
  readonly #readings = new Map<AccountListName, Promise<Items<AccountListName>>>();

  constructor({ live, mirror, clock, logger, signal, distrustBeforeMs = 0 }: KeptListsOptions) {
    this.#signal = signal;
    this.#live = live;
    this.#mirror = mirror;
    this.#clock = clock;
    this.#logger = logger;
    this.#distrustBeforeMs = distrustBeforeMs;
  }

  async all<L extends AccountListName>(list: L, read: Read): Promise<Items<L>> {
    const found = await this.#orNull(list, this.#mirror.find(list));
    // What an earlier emulator said is no answer, not even an old one.
    const kept = found !== null && found.asOfMs >= this.#distrustBeforeMs ? found : null;
    const isYoung = read.maxAgeMs > 0 && kept !== null && this.#clock.nowMs() - kept.asOfMs <= read.maxAgeMs;
    if (kept !== null && isYoung) {
      read.ledger.readFrom('mirror', kept.asOfMs);
      return kept.items;
    }
    if (read.planOnly) {
      read.ledger.leftUnread(list);
      read.ledger.planned(`the list of ${list}`);
      read.ledger.expects(Math.max(1, Math.ceil((kept?.items.length ?? 0) / 1_000)));
      return [];
    }
    try {
      return await this.#readShared(list, read);
    } catch (error) {
      const isDown = error instanceof AppError && error.entry.fault === 'certcentral';
      if (kept === null || read.maxAgeMs === 0 || !isDown || read.signal.aborted) throw error;
      read.ledger.readFrom('mirror', kept.asOfMs);
      read.ledger.isOlderThanAsked();
      return kept.items;
    }
  }

  /** Milliseconds since 1970 of the last reading; null before the first. */
  async asOfMs(list: AccountListName): Promise<number | null> {
    const asOfMs = await this.#orNull(list, this.#mirror.asOfMs(list));
    return asOfMs === null || asOfMs < this.#distrustBeforeMs ? null : asOfMs;
  }

  /** The database may be away; CertCentral can still be read. */
  async #orNull<T>(list: AccountListName, asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      this.#logger.warn({ list, reason: String(error) }, 'A kept list cannot be read; reading live.');
      return null;
    }
  }

  async #readShared<L extends AccountListName>(list: L, read: Read): Promise<Items<L>> {
    let reading = this.#readings.get(list) as Promise<Items<L>> | undefined;
    if (reading === undefined) {
      reading = this.#read(list, read).finally(() => this.#readings.delete(list));
      reading.catch(() => undefined);
      this.#readings.set(list, reading);
    }
    const items = await this.#within(read, reading, list);
    read.ledger.readFrom('live', this.#clock.nowMs());
    return items;
  }

  /** The reading outlives the caller who began it: others may wait for it. Its calls count for that caller. */
  async #read<L extends AccountListName>(list: L, { ledger, lane, onBehalfOf, ...read }: Read): Promise<Items<L>> {
    const startedAtMs = this.#clock.nowMs();
    const items = await this.#live.all(list, {
      ...read,
      lane,
      onBehalfOf,
      ledger: new CountingLedger(ledger),
      signal: this.#signal,
      deadline: new Date(Math.max(read.deadline.getTime(), startedAtMs + readingMs)),
    });
    await this.#mirror
      .keep(list, items, startedAtMs)
      .catch((error: unknown) => this.#logger.warn({ list, reason: String(error) }, 'A list could not be kept.'));
    return items;
  }

  async #within<T>({ deadline, signal }: Read, reading: Promise<T>, list: AccountListName): Promise<T> {
    signal.throwIfAborted();
    const leftMs = deadline.getTime() - this.#clock.nowMs();
    return new Promise<T>((resolve, reject) => {
      const leave = () => reject(signal.reason);
      const cancel = this.#clock.schedule(Math.max(0, leftMs), () =>
        reject(new GatewayTimeout(`The list of ${list}`, leftMs)),
      );
      signal.addEventListener('abort', leave, { once: true });
      reading.then(resolve, reject).finally(() => {
        cancel();
        signal.removeEventListener('abort', leave);
      });
    });
  }
}

/** Counts calls for the caller who made them, and nothing else: when and what was read is said by each waiter for itself. */
class CountingLedger extends ReadLedger {
  readonly #caller: ReadLedger;

  constructor(caller: ReadLedger) {
    super();
    this.#caller = caller;
  }

  override called(): void {
    super.called();
    this.#caller.called();
  }
}
