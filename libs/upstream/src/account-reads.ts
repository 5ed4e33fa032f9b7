import type { CertCentral, CertCentralAccount, PageRequest, UpstreamCall, Validation } from '@certfolio/core';
import type { CertCentralSettings } from './options.ts';
import { pageQuery, segment } from './paths.ts';
import { createRestLists } from './rest-lists.ts';
import { absent, type JsonRequest, type Transport } from './transport.http.ts';
import { parseAccount } from './wire/account.ts';
import { parseRequests } from './wire/approval-requests.ts';
import { parseCustomFieldDefinitions } from './wire/custom-field-definitions.ts';
import { parseBalance, parseBalanceAdjustments } from './wire/finance.ts';
import { parseOrganizationContacts } from './wire/organization-contacts.ts';
import {
  parseContainers,
  parseDomain,
  parseDomains,
  parseOrganization,
  parseOrganizations,
  parseValidations,
} from './wire/organizations.ts';
import { parseProductInfo, parseProducts, type ProductInfo } from './wire/products.ts';
import { parseSubaccountOrders } from './wire/subaccount-orders.ts';
import { parseUnitBundles, parseUnitOrders } from './wire/unit-orders.ts';
import { parseUsers } from './wire/users.ts';

type AccountReads = Omit<CertCentral, 'listOrders' | 'orderInfo' | 'orderReport' | 'customReport' | 'outlook'> &
  CertCentralAccount & {
    productInfo(nameId: string, call: UpstreamCall): Promise<ProductInfo | null>;
    organizationValidations(id: number, call: UpstreamCall): Promise<readonly Validation[] | null>;
  };

/** CertCentral's reads of what an account has beside orders. */
export function createAccountReads(transport: Transport, { reportZone }: CertCentralSettings): AccountReads {
  const serviceUsers = (route: '/service-user' | '/user/api-only', page: PageRequest, call: UpstreamCall) =>
    transport.json(
      {
        route: `GET ${route}`,
        path: `${route}?${pageQuery(page)}`,
        parse: (body) => parseUsers(body, page.offset, true),
        refused: (status) => (status === 404 ? null : undefined),
      },
      call,
    );
  /** The path that the account's edition of CertCentral was found to lack. */
  let isServiceUserPathUnknown = false;
  const one = <T>(route: string, path: string, parse: JsonRequest<T>['parse'], call: UpstreamCall) =>
    transport.json<T | null>({ route, path, parse, refused: absent }, call);
  return {
    restListPage: createRestLists(transport),
    async account(call) {
      return transport.json({ route: 'GET /account', path: '/account', parse: parseAccount }, call);
    },
    async listOrganizations(page, call) {
      const path = `/organization?include_validation=true&${pageQuery(page)}`;
      return transport.json(
        { route: 'GET /organization', path, parse: (body) => parseOrganizations(body, page.offset) },
        call,
      );
    },
    organization: (id, call) =>
      one(
        'GET /organization/{organization_id}',
        `/organization/${segment(id)}?include_validation=true`,
        parseOrganization,
        call,
      ),
    async listDomains(page, call) {
      // Without this parameter the expiry is a day in Mountain Time; with it an instant.
      const path = `/domain?include_validation=true&include_dcv_expiration_time=true&filters[include_validation_reuse_status]=true&${pageQuery(page)}`;
      return transport.json({ route: 'GET /domain', path, parse: (body) => parseDomains(body, page.offset) }, call);
    },
    domain: (id, call) =>
      one(
        'GET /domain/{domain_id}',
        `/domain/${segment(id)}?include_dcv=true&include_validation=true&include_dcv_expiration_time=true&include_validation_reuse_status=true`,
        parseDomain,
        call,
      ),
    async listContainers(call) {
      return transport.json({ route: 'GET /container', path: '/container', parse: parseContainers }, call);
    },
    async listUsers(page, call) {
      return transport.json(
        { route: 'GET /user', path: `/user?${pageQuery(page)}`, parse: (body) => parseUsers(body, page.offset) },
        call,
      );
    },
    async listServiceUsers(page, call) {
      const found = isServiceUserPathUnknown ? null : await serviceUsers('/service-user', page, call);
      if (found !== null) return found;
      isServiceUserPathUnknown = true;
      return (await serviceUsers('/user/api-only', page, call)) ?? { items: [], total: 0 };
    },
    async listProducts(call) {
      return transport.json({ route: 'GET /product', path: '/product', parse: parseProducts }, call);
    },
    async productInfo(nameId, call) {
      return one('GET /product/{name_id}', `/product/${segment(nameId)}`, parseProductInfo, call);
    },
    async listSubaccountOrders(page, call) {
      return transport.json(
        {
          route: 'GET /account/subaccount/order',
          path: `/account/subaccount/order?${pageQuery(page)}`,
          parse: (body) => parseSubaccountOrders(body, page.offset),
        },
        call,
      );
    },
    async customFieldDefinitions(call) {
      return transport.json(
        { route: 'GET /account/metadata', path: '/account/metadata', parse: parseCustomFieldDefinitions },
        call,
      );
    },
    organizationValidations: (id, call) =>
      one(
        'GET /organization/{organization_id}/validation',
        `/organization/${segment(id)}/validation`,
        parseValidations,
        call,
      ),
    // Without validations, so that its path is not that of the other read of the same organization.
    organizationContacts: (id, call) =>
      one('GET /organization/{organization_id}', `/organization/${segment(id)}`, parseOrganizationContacts, call),
    async listRequests(page, call) {
      return transport.json(
        {
          route: 'GET /request',
          path: `/request?${pageQuery(page)}`,
          parse: (body) => parseRequests(body, page.offset),
        },
        call,
      );
    },
    async balance(containerId, call) {
      const path = containerId === null ? '/finance/balance' : `/finance/balance?container_id=${containerId}`;
      return transport.json({ route: 'GET /finance/balance', path, parse: parseBalance }, call);
    },
    async listBalanceAdjustments(page, call) {
      return transport.json(
        {
          route: 'GET /finance/balance-history',
          path: `/finance/balance-history?${pageQuery(page)}`,
          parse: (body) => parseBalanceAdjustments(body, page.offset, reportZone),
        },
        call,
      );
    },
    async listUnitOrders(page, call) {
      return transport.json(
        {
          route: 'GET /units/order',
          path: `/units/order?${pageQuery(page)}`,
          parse: (body) => parseUnitOrders(body, page.offset, reportZone),
        },
        call,
      );
    },
    unitBundles: (id, call) =>
      one('GET /units/order/{unit_order_id}', `/units/order/${segment(id)}`, parseUnitBundles, call),
  };
}
