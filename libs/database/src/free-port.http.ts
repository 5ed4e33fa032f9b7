import { createServer } from 'node:net';

/** A port of 127.0.0.1 that was free a moment ago; another process can take it first, so the user of it retries. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The system gave no port of 127.0.0.1.');
  return address.port;
}
