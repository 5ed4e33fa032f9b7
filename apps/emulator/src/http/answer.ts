import { type ApiError } from './api-error.ts';

/** A body of rows that is sent as it is made. The rows come in batches, each row with its line end. */
export interface CsvBody {
  readonly header: string;
  readonly rows: AsyncIterable<readonly string[]>;
}

/** What a resource answers, before it is turned into bytes; faults can still act on its rows. */
export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'csv'; readonly status: number; readonly csv: CsvBody }
  | { readonly kind: 'bytes'; readonly status: number; readonly type: string; readonly bytes: Buffer }
  | { readonly kind: 'none'; readonly status: number };

export const json = (value: unknown, status = 200): Answer => ({ kind: 'json', status, value });
export const csv = (body: CsvBody): Answer => ({ kind: 'csv', status: 200, csv: body });
export const bytes = (type: string, content: Buffer | string): Answer => ({
  kind: 'bytes',
  status: 200,
  type,
  bytes: Buffer.from(content),
});
export const noContent: Answer = { kind: 'none', status: 204 };

export const errorAnswer = ({ status, code, message }: ApiError): Answer =>
  json({ errors: [{ code, message }] }, status);
