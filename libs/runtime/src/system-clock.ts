import type { Clock } from '@certfolio/core';

/** The machine's time; the one place in the libs that reads it. */
export const systemClock: Clock = {
  // eslint-disable-next-line no-restricted-syntax -- this is the clock that all others are handed
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(ms, callBack) {
    const timer = setTimeout(callBack, ms);
    return () => clearTimeout(timer);
  },
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      const stop = () => {
        clearTimeout(timer);
        reject(signal!.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
    }),
};
