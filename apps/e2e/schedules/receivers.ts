import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

export interface Hook {
  readonly url: string;
  /** What came, answered with `status`. */
  readonly calls: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[];
  status: number;
  stop(): Promise<void>;
}

/** An HTTP server that keeps what it is sent. */
export async function startHook(): Promise<Hook> {
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      hook.calls.push({ headers: request.headers, body });
      response.writeHead(hook.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hook: Hook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls: [],
    status: 200,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return hook;
}

export interface Mailbox {
  readonly port: number;
  readonly mails: { readonly to: readonly string[]; readonly raw: string }[];
  /** Mail is refused for good. */
  isBroken: boolean;
  stop(): Promise<void>;
}

/** A mail server that keeps what it is sent. */
export async function startMailbox(): Promise<Mailbox> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) =>
      done(mailbox.isBroken ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
    onData(stream, { envelope }, done) {
      void buffer(stream).then((raw) => {
        mailbox.mails.push({ to: envelope.rcptTo.map(({ address }) => address), raw: raw.toString() });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mailbox: Mailbox = {
    port: (server.server.address() as AddressInfo).port,
    mails: [],
    isBroken: false,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
  return mailbox;
}
