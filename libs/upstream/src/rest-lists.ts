import type { AccountListItems, Page, PageRequest, RestListName, RestListPage, UpstreamCall } from '@certfolio/core';
import { pageQuery } from './paths.ts';
import type { Transport } from './transport.http.ts';
import { parseRequest } from './wire/approval-requests.ts';
import { parseContainer, parseDomain, parseOrganization } from './wire/organizations.ts';
import { parseList, parsePage } from './wire/page.ts';
import { parseProduct } from './wire/products.ts';
import { parseUser } from './wire/users.ts';

type Item<L extends RestListName> = Omit<AccountListItems[L], 'restDocument'>;

/** How a list is asked for, with all that its items can hold. */
interface ListFacts<L extends RestListName> {
  readonly path: `/${string}`;
  /** Begins the query; a list without pages has none. */
  readonly query: string | null;
  readonly key: string;
  readonly parse: (item: unknown) => Item<L>;
}

const lists: { readonly [L in RestListName]: ListFacts<L> } = {
  restOrganizations: {
    path: '/organization',
    query: 'include_validation=true&',
    key: 'organizations',
    parse: parseOrganization,
  },
  restDomains: {
    path: '/domain',
    query: 'include_validation=true&include_dcv_expiration_time=true&filters[include_validation_reuse_status]=true&',
    key: 'domains',
    parse: parseDomain,
  },
  restContainers: { path: '/container', query: null, key: 'containers', parse: parseContainer },
  restUsers: { path: '/user', query: '', key: 'users', parse: (item) => parseUser(item) },
  restProducts: { path: '/product', query: null, key: 'products', parse: parseProduct },
  restRequests: { path: '/request', query: '', key: 'requests', parse: parseRequest },
};

/** Reads CertCentral's own lists, item by item with what it was read from. */
export function createRestLists(transport: Transport): RestListPage {
  return async <L extends RestListName>(list: L, page: PageRequest, call: UpstreamCall) => {
    const { path, query, key, parse } = lists[list];
    const documented = (item: unknown) => ({ ...parse(item), restDocument: JSON.stringify(item) });
    const read = (body: unknown): Page<unknown> => {
      if (query !== null) return parsePage(body, key, page.offset, documented);
      const items = parseList(body, key, documented);
      return { items, total: items.length };
    };
    return transport.json(
      {
        route: `GET ${path}`,
        path: query === null ? path : `${path}?${query}${pageQuery(page)}`,
        variant: 'documents',
        parse: (body) => read(body) as Page<AccountListItems[L]>, // the list and its parser belong together, see `lists`
      },
      call,
    );
  };
}
