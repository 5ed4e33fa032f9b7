import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** What a door reads of a request; fastify's has more. */
export interface DoorRequest {
  readonly id: string;
  readonly raw: IncomingMessage;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the client, a proxy's word for it where proxies are trusted. */
  readonly ip: string;
  /** Decoded parts of the path. */
  readonly params: unknown;
  readonly body: unknown;
}

/** How a door answers; fastify's has more. */
export interface DoorReply {
  readonly raw: ServerResponse;
  readonly statusCode: number;
  /** Milliseconds since the request came. */
  readonly elapsedTime: number;
  header(name: string, value: string): DoorReply;
  hasHeader(name: string): boolean;
  type(mediaType: string): DoorReply;
  code(status: number): DoorReply;
  send(body?: string): DoorReply;
}
