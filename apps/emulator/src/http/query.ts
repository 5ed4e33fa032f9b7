/** `filters[property]=value` as sent. */
export interface Filter {
  readonly property: string;
  readonly value: string;
}

/** The query string of a request. Source: vendor page "URL query strings". */
export interface Query {
  readonly filters: readonly Filter[];
  /** Property names, each with a leading `-` when descending. */
  readonly sort: readonly string[];
  readonly value: (name: string) => string | undefined;
  readonly flag: (name: string) => boolean;
}

const truths = new Set(['1', 'true', 'yes']);

/** Reads brackets raw or percent-encoded, and `filter[...]` like `filters[...]`: clients send all of them. */
export function parseQuery(search: string): Query {
  const params = new URLSearchParams(search);
  const filters = [...params].flatMap(([name, value]) => {
    const property = /^filters?\[([^\]]*)\]$/.exec(name)?.[1];
    return property === undefined ? [] : [{ property, value }];
  });
  return {
    filters,
    sort: (params.get('sort') ?? '').split(',').filter((name) => name !== ''),
    value: (name) => params.get(name) ?? undefined,
    flag: (name) => truths.has(params.get(name) ?? ''),
  };
}

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Numbers that make no sense count as not given; `limit` above the maximum is cut to it. */
export function parsePage(query: Query, maximum: number, fallback: number): PageRequest {
  const limit = wholeNumber(query.value('limit')) ?? fallback;
  return { limit: limit === 0 ? fallback : Math.min(limit, maximum), offset: wholeNumber(query.value('offset')) ?? 0 };
}
