import type { Server } from 'node:http';

/** First word of the line by which a process of the benchmark says that it can be used. */
export const readyWord = 'BENCH-READY';

/** Tells the parent what it needs to use this process, and ends with it. */
export function tellReady(facts: Readonly<Record<string, unknown>>): void {
  process.once('disconnect', () => process.exit(0));
  process.stdout.write(`${readyWord} ${JSON.stringify(facts)}\n`);
}

export function sayReady(server: Server, host: string): void {
  process.once('SIGTERM', () => process.exit(0));
  server.listen(0, host, () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port.');
    tellReady({ origin: `http://${host}:${address.port}` });
  });
}
