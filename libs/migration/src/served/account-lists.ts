import { isObject, parseDocument, type JsonObject } from './json-members.ts';
import { mountainDay } from './mountain-time.ts';
import { jsonText, refuseOtherForms } from './rest-answers.ts';
import {
  cannot,
  pagingParameters,
  readFlag,
  readPage,
  readQuery,
  type PageRequest,
  type RestQuery,
} from './rest-query.ts';
import type { ServedPlan, ServedRoute } from './served-route.ts';

/** Most lists: at most so many rows, which is also what comes without a limit. */
const mostRows = 1_000;

/** Whether an item is wanted; null for a filter with a value of which nobody says what it means. */
type Test = (item: JsonObject) => boolean;
type MakeTest = (value: string) => Test | null;

interface ListFacts {
  readonly path: `/${string}`;
  /** Of the template and of its field. */
  readonly name: 'organizations' | 'domains' | 'containers' | 'users' | 'products' | 'requests';
  readonly hasCsv: boolean;
  readonly hasPages: boolean;
  /** Parameters that say what an item shows. */
  readonly flags?: readonly string[];
  readonly filters?: ReadonlyMap<string, MakeTest>;
  /** Shows of an item what was asked for; it is the caller's own to change. */
  readonly show?: (item: JsonObject, asked: (flag: string) => boolean, query: RestQuery) => void;
}

const equals =
  (member: string): MakeTest =>
  (value) =>
  (item) =>
    String(item[member]) === value;
/** Exact, or contained with a `%` in front; case is ignored. Source: vendor page "URL query strings". */
const search =
  (...members: readonly string[]): MakeTest =>
  (value) => {
    const text = value.replace(/^%/, '').toLowerCase();
    if (text === '' || text.includes('%')) return null;
    const isPart = value.startsWith('%');
    return (item) =>
      members.some((member) => {
        const found = typeof item[member] === 'string' ? item[member].toLowerCase() : null;
        return found !== null && (isPart ? found.includes(text) : found === text);
      });
  };

const reuse = 'include_validation_reuse_status';

/** Sources: vendor pages "List organizations", "List domains", "List containers", "List users" and "Product list". */
const lists: readonly ListFacts[] = [
  {
    path: '/organization',
    name: 'organizations',
    hasCsv: true,
    hasPages: true,
    flags: ['include_validation'],
    filters: new Map([['status', equals('status')]]),
    show(item, asked) {
      if (!asked('include_validation')) for (const name of ['validations', 'ev_approvers']) delete item[name];
    },
  },
  {
    path: '/domain',
    name: 'domains',
    hasCsv: true,
    hasPages: true,
    flags: ['include_validation', 'include_dcv_expiration_time'],
    filters: new Map<string, MakeTest>([
      [
        'status',
        (value) => (['active', 'inactive'].includes(value) ? ({ is_active: is }) => is === (value === 'active') : null),
      ],
      ['dcv_method', equals('dcv_method')],
      ['search', search('name')],
      [reuse, (value) => (value === 'true' || value === '1' ? () => true : null)],
    ]),
    show: showDomain,
  },
  { path: '/container', name: 'containers', hasCsv: false, hasPages: false },
  {
    path: '/user',
    name: 'users',
    hasCsv: true,
    hasPages: true,
    flags: ['without_container'],
    filters: new Map([
      ['status', equals('status')],
      ['search', search('username', 'first_name', 'last_name', 'email')],
    ]),
    show(item, asked) {
      if (asked('without_container')) delete item['container'];
    },
  },
  { path: '/product', name: 'products', hasCsv: false, hasPages: false },
];

/** The graph has every item with all that CertCentral tells; days of domain control are in Mountain Time unless times are asked for. */
function showDomain(item: JsonObject, asked: (flag: string) => boolean, { filters }: RestQuery): void {
  const isReuse = filters.has(reuse);
  if (!isReuse && !asked('include_validation')) delete item['validations'];
  const expiration = item['dcv_expiration'];
  if (!isObject(expiration)) return;
  if (!isReuse)
    for (const name of ['ov_shortened', 'ov_status', 'ev_status', 'dcv_approval_date']) delete expiration[name];
  if (asked('include_dcv_expiration_time')) return;
  for (const name of ['ov', 'ev', 'ov_shortened']) {
    const instant = expiration[name];
    if (typeof instant === 'string' && instant.length > 10) expiration[name] = mountainDay(Date.parse(instant));
  }
}

function routeOf(facts: ListFacts): ServedRoute {
  const { path, name, hasCsv, hasPages, flags = [], filters = new Map<string, MakeTest>() } = facts;
  const known = {
    parameters: [...flags, ...(hasPages ? pagingParameters : [])],
    ...(hasPages ? { filters: [...filters.keys()] } : {}),
  };
  return {
    route: `GET ${path}`,
    template: `rest-${name}`,
    plan(request): ServedPlan {
      const other = refuseOtherForms(request, hasCsv);
      if (other !== null) return other;
      const read = readQuery(request, known);
      if (read.kind === 'cannot') return read;
      const { query } = read;
      if (query.sort.length > 0) return cannot('a sort by a property that is not known');
      const asked = new Map(flags.map((flag) => [flag, readFlag(query, flag)]));
      if ([...asked.values()].includes(null)) return cannot('a flag that is neither true nor false');
      const tests = [...query.filters].map(([filter, value]) => filters.get(filter)!(value));
      if (!tests.every((test) => test !== null)) return cannot('a filter with a value of this form');
      const page = hasPages ? readPage(query, mostRows) : null;
      // The graph pages where nothing is filtered here.
      const isPaged = page !== null && tests.length === 0;
      return {
        kind: 'run',
        variables: isPaged ? { first: page.limit, offset: page.offset } : {},
        render(data) {
          const list = data[fieldOf(name)];
          if (!isObject(list) || !Array.isArray(list['documents'])) return cannot('items that name other divisions');
          const all = (list['documents'] as readonly unknown[]).map(parseDocument);
          const items = all.filter((item) => item !== null && tests.every((test) => test(item))) as JsonObject[];
          const shown = isPaged || page === null ? items : items.slice(page.offset, page.offset + page.limit);
          for (const item of shown) facts.show?.(item, (flag) => asked.get(flag) === true, query);
          const total = isPaged ? Number(list['total']) : items.length;
          return { kind: 'answer', answer: jsonText(listText(name, shown, page === null ? null : { ...page, total })) };
        },
      };
    },
  };
}

const fieldOf = (name: string) => `rest${name[0]!.toUpperCase()}${name.slice(1)}`;

function listText(
  name: string,
  items: readonly unknown[],
  page: (PageRequest & { readonly total: number }) | null,
): string {
  if (page === null) return JSON.stringify({ [name]: items });
  const { total, limit, offset } = page;
  return JSON.stringify({ [name]: items, page: { total, limit, offset } });
}

/** Without a limit the page of this list alone says 0. Source: the sample of vendor page "List requests". */
const requests: ServedRoute = {
  route: 'GET /request',
  template: 'rest-requests',
  plan(request): ServedPlan {
    const other = refuseOtherForms(request, true);
    if (other !== null) return other;
    const read = readQuery(request, { parameters: [...pagingParameters, 'status'], filters: ['status'] });
    if (read.kind === 'cannot') return read;
    const { parameters, filters, sort } = read.query;
    if (sort.length > 0) return cannot('a sort by a property that is not known');
    // Older clients send the status outside of filters.
    const statuses = [parameters.get('status'), filters.get('status')].filter((status) => status !== undefined);
    if (statuses.length > 1) return cannot('two filters by status at once');
    const limitText = parameters.get('limit');
    if (limitText !== undefined && !/^[1-9]\d{0,8}$/.test(limitText)) return cannot('a limit that is no number');
    const { limit, offset } = readPage(read.query, mostRows);
    return {
      kind: 'run',
      needsMirror: true,
      variables: { first: limit, offset, ...(statuses.length === 0 ? {} : { status: statuses }) },
      render({ restRequests: list }) {
        if (!isObject(list) || !Array.isArray(list['documents'])) return cannot('items that name other divisions');
        const page = JSON.stringify({ total: list['total'], limit: limitText === undefined ? 0 : limit, offset });
        return {
          kind: 'answer',
          answer: jsonText(`{"requests":[${list['documents'].map(rewritten).join(',')}],"page":${page}}`),
        };
      },
    };
  },
};

/** One way of writing JSON for every answer. */
const rewritten = (document: unknown): string => JSON.stringify(parseDocument(document));

export const accountLists: readonly ServedRoute[] = [...lists.map(routeOf), requests];
