import type { Writable } from 'node:stream';

/** Waits until a stream whose `write` said "enough" takes more, or is closed and never will. */
export function drained(stream: Writable): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}
