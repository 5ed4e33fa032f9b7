import { createHash } from 'node:crypto';
import type { HeaderFields, RestAnswer, RestRequest } from '../rest-exchange.ts';
import { cannot } from './rest-query.ts';

/** As CertCentral sends it: without a charset. */
const jsonType = 'application/json';
export const csvType = 'text/csv';

/** The header fields of an answer that mean something to its reader; recorded answers of CertCentral have them. */
export const headersOf = (type: string): HeaderFields => [
  ['content-type', type],
  ['cache-control', 'private,no-cache'],
];

/** @param json the body, written already */
export function jsonText(json: string, status = 200): RestAnswer {
  const body = Buffer.from(json);
  const etag = `"${createHash('sha1').update(body).digest('hex')}"`;
  return { status, headers: [...headersOf(jsonType), ['etag', etag]], body };
}

export const jsonAnswer = (value: unknown, status = 200): RestAnswer => jsonText(JSON.stringify(value), status);

/** A refusal in CertCentral's form. Source of codes and form: vendor page "Errors". */
export const refusal = (status: number, code: string, message: string): RestAnswer =>
  jsonAnswer({ errors: [{ code, message }] }, status);

export const notFound = (what: string): RestAnswer =>
  refusal(404, `not_found|${what}`, `The specified ${what} was not found.`);

/**
 * Whether the call is one for JSON that can be answered here: null when it is. Lists can also be had as CSV, in columns that are
 * documented nowhere, and other types in forms that are not; one that nobody serves is refused.
 *
 * @param hasCsv whether CertCentral answers this route in CSV as well
 */
export function refuseOtherForms(
  request: RestRequest,
  hasCsv: boolean,
): { readonly kind: 'answer'; readonly answer: RestAnswer } | ReturnType<typeof cannot> | null {
  const other = leaveOddReads(request);
  if (other !== null) return other;
  const type = acceptedType(request.headers.get('accept'), hasCsv ? [jsonType, csvType] : [jsonType]);
  if (type === jsonType) return null;
  if (type !== null) return cannot('another form than JSON');
  return { kind: 'answer', answer: refusal(406, 'not_acceptable', 'No acceptable media type.') };
}

/** The order report is CSV, also for the programs that say they take JSON; what others get is known of nobody. */
export function leaveOtherReports(request: RestRequest): ReturnType<typeof cannot> | null {
  const type = acceptedType(request.headers.get('accept'), [jsonType, csvType]);
  return leaveOddReads(request) ?? (type === jsonType || type === csvType ? null : cannot('another form than CSV'));
}

/** Reads of which it is documented nowhere what CertCentral makes of them. */
function leaveOddReads({ method, headers, body }: RestRequest): ReturnType<typeof cannot> | null {
  if (method !== 'GET') return cannot('a method other than GET');
  if (body !== null && body.length > 0) return cannot('a read with a body');
  if (headers.has('content-type') && !headers.get('content-type')!.toLowerCase().startsWith(jsonType))
    return cannot('another form than JSON');
  const isPlain = ['if-none-match', 'if-modified-since', 'range'].every((name) => !headers.has(name));
  return isPlain ? null : cannot('a conditional or partial read');
}

/** Types that CertCentral may have an answer in, although it is not known which. */
const possibleTypes = new Set(['application/xml', 'text/xml', 'application/*', 'text/*', csvType]);

/** The first of the wanted types that is served; null for none. Weights are passed over, as clients of the API send none. */
function acceptedType(accept: string | undefined, served: readonly string[]): string | null {
  if (accept === undefined || accept.trim() === '') return jsonType;
  const wanted = accept.split(',').map((range) => range.split(';', 1)[0]!.trim().toLowerCase());
  for (const type of wanted) {
    if (type === '*/*') return jsonType;
    if (served.includes(type)) return type;
    if (type === 'application/*') return jsonType;
    if (possibleTypes.has(type)) return type;
  }
  return null;
}
