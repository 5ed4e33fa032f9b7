import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, errorExtensions, isErrorCode, type ErrorCode } from '@certfolio/core';

/** The error of ours behind a GraphQL error, if one caused it. */
export function appErrorOf(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof GraphQLError && error.originalError) return appErrorOf(error.originalError);
  return null;
}

/** A GraphQL error as an answer shows it: ours with code and facts; a stranger's with its code when the catalog has it, else masked. */
export function formatError(error: GraphQLError, onMasked: (error: GraphQLError) => void): GraphQLFormattedError {
  const ours = appErrorOf(error);
  const where = {
    // A compiled query knows no places in the text; an empty list of them is not allowed.
    ...(error.locations === undefined || error.locations.length === 0 ? {} : { locations: error.locations }),
    ...(error.path === undefined ? {} : { path: error.path }),
  };
  if (ours !== null) return { message: ours.message, ...where, extensions: errorExtensions(ours) };
  // graphql-jit makes errors of the class without setting its extensions.
  const code = (error.extensions as GraphQLError['extensions'] | undefined)?.['code'];
  if (isErrorCode(code) && code !== 'INTERNAL_SERVER_ERROR')
    return { message: error.message, ...where, extensions: withoutInternals(error.extensions) };
  // What graphql-js says of a document or its variables has no path and no cause of a stranger's, and tells no secret.
  if (error.path === undefined && !hasForeignCause(error)) {
    return { message: error.message, ...where, extensions: { code: codeOfMessage(error.message) } };
  }
  onMasked(error);
  return {
    message: 'Something went wrong on our side; the log has the cause under this request id.',
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  };
}

function withoutInternals({
  stacktrace: _stacktrace,
  serviceName: _serviceName,
  exception: _exception,
  ...extensions
}: Record<string, unknown>): Record<string, unknown> {
  return extensions;
}

/** graphql-js and @apollo/gateway tell these apart by their sentences alone. */
function codeOfMessage(message: string): ErrorCode {
  if (message.startsWith('Variable "$')) return 'BAD_USER_INPUT';
  const isOfOperation = /^(Must provide (an )?operation|Unknown operation named)/.test(message);
  return isOfOperation ? 'OPERATION_RESOLUTION_FAILURE' : 'GRAPHQL_VALIDATION_FAILED';
}

/** Whether something other than GraphQL itself failed: a resolver's crash. graphql-js wraps its own errors in each other. */
function hasForeignCause({ originalError }: GraphQLError): boolean {
  if (originalError === undefined) return false;
  return !(originalError instanceof GraphQLError) || hasForeignCause(originalError);
}
