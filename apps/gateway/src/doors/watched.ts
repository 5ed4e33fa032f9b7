import type { FastifyReply } from 'fastify';
import { AppError } from '@certfolio/core';
import { storyOf } from './request-facts.ts';

/** A body that fails has sent its status and header before; the record of the request still tells. */
export async function* watched<Chunk>(chunks: AsyncIterable<Chunk>, reply: FastifyReply): AsyncGenerator<Chunk> {
  try {
    yield* chunks;
  } catch (error) {
    // What fails after the client went away fails because of that.
    if (!reply.raw.destroyed)
      storyOf(reply)?.brokeOff(error instanceof AppError ? error.code : 'INTERNAL_SERVER_ERROR');
    throw error;
  }
}
