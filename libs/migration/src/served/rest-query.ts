import type { RestRequest } from '../rest-exchange.ts';

/** The query string of a call, as far as what it means is known. */
export interface RestQuery {
  /** Parameters beside filters and sort, by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Of `filters[name]=value`. */
  readonly filters: ReadonlyMap<string, string>;
  /** Property names, in their order; none when nothing was said. */
  readonly sort: readonly { readonly name: string; readonly isDescending: boolean }[];
}

export type ReadQuery =
  { readonly kind: 'query'; readonly query: RestQuery } | { readonly kind: 'cannot'; readonly reason: string };

/** Which parameters and filters a route is known to have. */
export interface KnownQuery {
  readonly parameters?: readonly string[];
  readonly filters?: readonly string[];
}

/** Of a list that pages; `sort` and the filters are read apart. */
export const pagingParameters = ['limit', 'offset'] as const;

/**
 * Reads a query string. What CertCentral makes of a name it does not have, or of one that comes twice, is documented nowhere, so that
 * such a call is left to it.
 */
export function readQuery({ search }: Pick<RestRequest, 'search'>, known: KnownQuery): ReadQuery {
  const parameters = new Map<string, string>();
  const filters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    const filter = /^filters\[([^\]]*)\]$/.exec(name)?.[1];
    const [into, key, names] =
      filter === undefined ? [parameters, name, known.parameters] : [filters, filter, known.filters];
    if (into.has(key)) return cannot('a name that comes more than once');
    const isKnown =
      names?.includes(key) === true || (filter === undefined && key === 'sort' && known.filters !== undefined);
    if (!isKnown) return cannot(filter === undefined ? 'a parameter that is not known' : 'a filter that is not known');
    into.set(key, value);
  }
  const sort = (parameters.get('sort') ?? '')
    .split(',')
    .filter((name) => name !== '')
    .map((name) => ({ name: name.replace(/^-/, ''), isDescending: name.startsWith('-') }));
  parameters.delete('sort');
  return { kind: 'query', query: { parameters, filters, sort } };
}

export const cannot = (reason: string) => ({ kind: 'cannot', reason }) as const;

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

/** Numbers that make no sense count as not given, and so does a limit of 0; one above the most is cut to it. */
export function readPage({ parameters }: RestQuery, most: number, without = most): PageRequest {
  const limit = wholeNumber(parameters.get('limit')) || without;
  return { limit: Math.min(limit, most), offset: wholeNumber(parameters.get('offset')) ?? 0 };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** A flag of the query string. Null for a spelling of which nobody says what it means. */
export function readFlag({ parameters }: RestQuery, name: string): boolean | null {
  const text = parameters.get(name);
  if (text === undefined || text === '' || text === '0' || text === 'false') return false;
  return text === '1' || text === 'true' ? true : null;
}
