import { type Call } from '../http/call.ts';
import { ApiError } from '../http/api-error.ts';

export interface ReportsRequest {
  readonly text: string;
  readonly variables: Readonly<Partial<Record<string, unknown>>> | undefined;
  readonly operationName: string | undefined;
}

const badBody = (message: string) => new ApiError(400, 'bad_request_format', message);

function isRecord(value: unknown): value is Readonly<Partial<Record<string, unknown>>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * `application/graphql` is the bare text, anything else is read as JSON. Source: overview page of the Custom Reports API.
 *
 * @throws ApiError 400
 */
export function readReportsRequest({ body, contentType }: Call): ReportsRequest {
  const text = body.toString('utf8');
  if (contentType.toLowerCase().startsWith('application/graphql'))
    return { text, variables: undefined, operationName: undefined };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw badBody('The request body is not JSON.');
  }
  if (!isRecord(parsed) || typeof parsed.query !== 'string') throw badBody('The request body has no "query".');
  const { query, variables, operationName } = parsed;
  if (variables != null && !isRecord(variables)) throw badBody('"variables" is not an object.');
  return {
    text: query,
    variables: variables == null ? undefined : variables,
    operationName: typeof operationName === 'string' ? operationName : undefined,
  };
}
