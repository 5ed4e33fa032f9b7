import { badRequest } from './api-error.ts';
import { type Query } from './query.ts';

/** One request to a resource, after key, limit and route were settled. */
export interface Call {
  readonly method: string;
  readonly query: Query;
  /** The value of a `{name}` part of the route's pattern. */
  readonly param: (name: string) => string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly wantsCsv: boolean;
  /** The emulator's clock, UTC milliseconds. */
  readonly nowMs: number;
}

/** @throws ApiError 400 when the body is not one JSON object */
export function jsonBody({ body }: Call): Map<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
  } catch {
    // Answered below like any other body that is not an object.
  }
  throw badRequest('The request body is not a JSON object.');
}
