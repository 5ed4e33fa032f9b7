import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface DatabaseGate {
  /** As the database's own, by way of the gate. */
  readonly url: string;
  /** Cuts every connection and refuses new ones, as a server that went away does. */
  close(): Promise<void>;
  /** @param databaseUrl where it leads from now on; without one, where it led before */
  open(databaseUrl?: string): Promise<void>;
}

/** An address of a database that stays the same while the database goes away and comes back, also at another port. */
export async function createDatabaseGate(databaseUrl: string): Promise<DatabaseGate> {
  let target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => (sockets.delete(from), to.destroy()));
      from.pipe(to);
    }
  });
  // A test that fails before it closes the gate still ends.
  server.unref();
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async open(at = target.href) {
      target = new URL(at);
      await listen(port);
    },
  };
}
