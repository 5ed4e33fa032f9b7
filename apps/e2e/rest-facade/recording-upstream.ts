import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as it reached CertCentral's place. */
export interface Reached {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn, in the order and spelling of the wire. */
  readonly rawHeaders: readonly string[];
  /** Null while it has not come whole, and for good when it broke off. */
  body: Buffer | null;
  /** The connection ended before the answer was sent. */
  isLeft: boolean;
}

export interface RecordingUpstream {
  readonly baseUrl: string;
  readonly reached: Reached[];
  /** Answers of a path; others get `{}`. */
  on(path: string, answer: (response: ServerResponse, request: IncomingMessage) => void): void;
  stop(): Promise<void>;
}

/** Stands where CertCentral stands, writes down every byte that matters and answers what a test wants. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const reached: Reached[] = [];
  const answers = new Map<string, (response: ServerResponse, request: IncomingMessage) => void>();
  const server = createServer((request, response) => {
    const call: Reached = {
      method: request.method!,
      url: request.url!,
      rawHeaders: request.rawHeaders,
      body: null,
      isLeft: false,
    };
    reached.push(call);
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.once('end', () => (call.body = Buffer.concat(pieces)));
    request.on('error', () => undefined);
    response.once('close', () => (call.isLeft = !response.writableFinished));
    const answer = answers.get(request.url!.replace('/services/v2', '').split('?', 1)[0]!);
    if (answer === undefined)
      request.once('end', () => response.setHeader('Content-Type', 'application/json').end('{}'));
    else answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/v2`,
    reached,
    on: (path, answer) => void answers.set(path, answer),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
