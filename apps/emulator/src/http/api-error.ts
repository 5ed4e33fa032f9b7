/** An answer of the form `{"errors":[{"code","message"}]}`. Source: vendor page "Errors". */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const invalidKey = () =>
  new ApiError(403, 'access_denied|access_denied_invalid_key', 'Access denied due to access_denied_invalid_key.');
export const missingPermission = () =>
  new ApiError(403, 'access_denied|missing_permission', 'You do not have permission to perform this action.');
export const limitExceeded = () =>
  new ApiError(429, 'request_limit_exceeded', 'Service unavailable, please limit request volume');
export const badRequest = (message: string) => new ApiError(400, 'bad_request_format', message);
export const notFound = (what: string) =>
  new ApiError(404, `not_found|${what}`, `The specified ${what} was not found.`);
