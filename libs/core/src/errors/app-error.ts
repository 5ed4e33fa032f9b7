import { errorCatalog, type CatalogEntry, type ErrorCode } from './catalog.ts';

/** An error that may be shown to a caller: a code of the catalog, a sentence with the numbers in it, the facts as details. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Facts for `extensions`; never a secret, never a cause. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Milliseconds after which the same request can succeed, where waiting helps. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }

  get entry(): CatalogEntry {
    return errorCatalog[this.code];
  }
}

/** What `extensions` of a GraphQL error, and the JSON of a REST error, say of it. */
export function errorExtensions(error: AppError): Record<string, unknown> {
  return {
    code: error.code,
    ...error.details,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(error.retryAfterMs) }),
  };
}
