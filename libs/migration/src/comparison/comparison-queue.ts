/** Work that waits for its turn, bounded in number and bytes; what does not fit is dropped and never waited for. */
export interface ComparisonQueue<T> {
  /** False when it was dropped. */
  offer(item: T, bytes: number): boolean;
  hasPlace(): boolean;
  /** Waiting or under way. */
  size(): number;
  /** Resolves when everything that was offered is done. */
  idle(): Promise<void>;
  /** Drops what waits; what is under way ends. */
  stop(): Promise<void>;
}

export interface QueueLimits {
  readonly items: number;
  readonly bytes: number;
  readonly atOnce: number;
}

export const defaultQueueLimits: QueueLimits = { items: 100, bytes: 32_000_000, atOnce: 2 };

/** @param work never rejects */
export function createComparisonQueue<T>(limits: QueueLimits, work: (item: T) => Promise<void>): ComparisonQueue<T> {
  let waiting: { readonly item: T; readonly bytes: number }[] = [];
  let bytesHeld = 0;
  let running = 0;
  let isStopped = false;
  let whenIdle: (() => void)[] = [];

  function next(): void {
    while (running < limits.atOnce && waiting.length > 0) {
      const { item, bytes } = waiting.shift()!;
      running += 1;
      // A turn of the event loop later: the caller's answer is on its way first.
      setImmediate(() => {
        void work(item).finally(() => {
          running -= 1;
          bytesHeld -= bytes;
          next();
        });
      });
    }
    if (running > 0 || waiting.length > 0) return;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  }

  const idle = () =>
    running === 0 && waiting.length === 0 ? Promise.resolve() : new Promise<void>((resolve) => whenIdle.push(resolve));

  return {
    offer(item, bytes) {
      if (isStopped || waiting.length + running >= limits.items || bytesHeld + bytes > limits.bytes) return false;
      waiting.push({ item, bytes });
      bytesHeld += bytes;
      next();
      return true;
    },
    hasPlace: () => !isStopped && waiting.length + running < limits.items && bytesHeld < limits.bytes,
    size: () => waiting.length + running,
    idle,
    async stop() {
      isStopped = true;
      waiting = [];
      await idle();
    },
  };
}
