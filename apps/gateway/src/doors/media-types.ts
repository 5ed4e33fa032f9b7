import { AppError } from '@certfolio/core';

export const graphqlJson = 'application/graphql-response+json; charset=utf-8';
export const plainJson = 'application/json; charset=utf-8';

export interface MediaType {
  /** Lower case, without parameters. */
  readonly type: string;
  readonly q: number;
}

/** Media types of an `Accept` header, the best first; what cannot be parsed is passed over. */
export function parseAccept(header: string | undefined): readonly MediaType[] {
  return (header ?? '')
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const q = Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1);
      return { type, q: Number.isNaN(q) ? 0 : q };
    })
    .filter(({ type, q }) => type !== '' && q > 0)
    .sort((a, b) => b.q - a.q);
}

/**
 * The answer's media type as GraphQL over HTTP wants it: the newer one when it is asked for at least as much as the
 * older, the older for `*` and for nothing.
 *
 * @throws AppError NOT_ACCEPTABLE when neither may be sent
 */
export function graphqlMediaType(accept: string | undefined): 'graphql' | 'json' {
  if (accept === undefined || accept === 'application/json' || accept === '*/*') return 'json';
  const accepted = parseAccept(accept);
  if (accepted.length === 0) return 'json';
  for (const { type } of accepted) {
    if (type === 'application/graphql-response+json') return 'graphql';
    if (type === 'application/json' || type === 'application/*' || type === '*/*') return 'json';
  }
  throw new AppError(
    'NOT_ACCEPTABLE',
    'The answer can be "application/graphql-response+json" or "application/json"; "Accept" allows neither.',
  );
}

const plainContentType = { type: 'application/json', charset: 'utf-8' };

/** Type and charset of a `Content-Type` header. */
export function parseContentType(header: string | undefined): { readonly type: string; readonly charset: string } {
  if (header === 'application/json') return plainContentType;
  const [type = '', ...parameters] = (header ?? '').split(';').map((text) => text.trim().toLowerCase());
  const charset = parameters
    .find((text) => text.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  return { type, charset: charset ?? 'utf-8' };
}

/** Bodies are taken as they are. @throws AppError UNSUPPORTED_MEDIA_TYPE for one that says it is compressed */
export function assertPlainBody(contentEncoding: string | undefined): void {
  if (contentEncoding === undefined || /^\s*(identity)?\s*$/i.test(contentEncoding)) return;
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    `The body has the content encoding "${contentEncoding.slice(0, 40)}"; send it without one.`,
  );
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Body bytes as text. @throws AppError UNSUPPORTED_MEDIA_TYPE for another charset than UTF-8, BAD_REQUEST for broken UTF-8 */
export function decodeUtf8(body: Buffer, charset: string): string {
  if (charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', `The body has the charset "${charset.slice(0, 40)}"; send UTF-8.`);
  }
  try {
    return strictUtf8.decode(body);
  } catch {
    throw new AppError('BAD_REQUEST', 'The body is not valid UTF-8.');
  }
}
