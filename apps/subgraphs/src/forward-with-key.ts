import type { ForwardedAnswer, ForwardedCall, UpstreamCall, UpstreamKey } from '@certfolio/core';
import type { PassThroughReaders } from './pass-through-readers.ts';

/** Forwards a call with a key that is passed through: its client stays open, and the key held, until the answer has been read. */
export function forwardWith(
  readers: PassThroughReaders,
  key: UpstreamKey,
  call: ForwardedCall,
  on: UpstreamCall,
): Promise<ForwardedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ForwardedAnswer>();
  readers
    .use(key, async ({ client }) => {
      const answer = await client.forward(call, on);
      const over = Promise.withResolvers<void>();
      resolve({ ...answer, body: followed(answer.body, over.resolve) });
      await over.promise;
    })
    .catch(reject);
  return promise;
}

async function* followed(body: AsyncIterable<Buffer>, over: () => void): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } finally {
    over();
  }
}
