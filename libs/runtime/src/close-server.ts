import type { Server } from 'node:http';

/** The part of a fastify server that ends it. */
export interface ClosableServer {
  readonly server: Pick<Server, 'closeIdleConnections'>;
  close(): Promise<unknown>;
}

/** A connection is idle this long at the most before it is closed. */
const lookEveryMs = 50;

/**
 * Lets requests in flight end, then closes. Closing a server ends the connections that are idle at that moment; one that
 * becomes idle later, with the answer to a request in flight, would be kept for the next request until its client goes.
 */
export async function closeServer(server: ClosableServer): Promise<void> {
  const sweep = setInterval(() => server.server.closeIdleConnections(), lookEveryMs);
  try {
    await server.close();
  } finally {
    clearInterval(sweep);
  }
}
