import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ReadLedger, silentLogger, type UpstreamCall } from '@certfolio/core';
import { createCertCentral, type CallReport, type CertCentralClient, type CertCentralOptions } from '../src/index.ts';
import { systemClock } from './system-clock.ts';

export type Answer = (
  request: IncomingMessage & { readonly text: string },
  response: ServerResponse,
  nth: number,
) => void;

/** A small HTTP service that answers as the spec says, and a client of it. */
export async function startService(answer: Answer, options: Partial<CertCentralOptions> = {}) {
  const requests: { method: string; url: string; headers: IncomingMessage['headers']; text: string }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      requests.push({ method: request.method!, url: request.url!, headers: request.headers, text });
      answer(Object.assign(request, { text }), response, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const reports: CallReport[] = [];
  const baseUrl = `http://127.0.0.1:${port}/services/v2`;
  const create = () =>
    createCertCentral({
      baseUrl,
      apiKey: () => 'the-key',
      version: '1.2.3',
      logger: silentLogger,
      clock: systemClock,
      random: () => 0.01,
      onCall: (report) => reports.push(report),
      ...options,
    });
  let client: CertCentralClient;
  try {
    client = create();
  } catch (error) {
    server.close();
    throw error;
  }
  const close = async () => {
    await client.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { client, requests, reports, server, baseUrl, port, close };
}

export function anyCall(
  overrides: Partial<UpstreamCall> & { inMs?: number } = {},
): UpstreamCall & { ledger: ReadLedger } {
  const { inMs = 5_000, ...rest } = overrides;
  return {
    deadline: new Date(Date.now() + inMs),
    lane: 'interactive',
    onBehalfOf: 'test',
    signal: new AbortController().signal,
    ledger: new ReadLedger(),
    ...rest,
  };
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export const refusal = (code: string) => ({ errors: [{ code, message: 'No.' }] });
