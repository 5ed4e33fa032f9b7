import type { CatalogRoute, Replacement, RouteKey } from './legacy-route.ts';

const proxied = (key: RouteKey, title: string, replacement: Replacement | null = null): CatalogRoute => ({
  key,
  title,
  answeredBy: 'proxied',
  replacement,
  choices: [],
  inLoop: null,
});
const answers = (
  template: string | null,
  field: string,
  filters: Replacement['filters'] = [],
  notes: readonly string[] = [],
  variables: Replacement['variables'] = new Map(),
): Replacement => ({ template, field, variables, filters, notes });

/**
 * Routes that stay with CertCentral. Where the graph tells the same in another shape, the replacement says so: the script
 * can be rewritten, the route itself is not served.
 */
export const proxiedRoutes: readonly CatalogRoute[] = [
  proxied('GET /account', 'Account details'),
  proxied(
    'GET /order/certificate/{id}/validation',
    'Validation of an order',
    answers(
      'stuck-orders',
      'order(id) { validation { … } }',
      [],
      ['Orders that wait, with where their checks stand: a call of CertCentral for each.'],
      new Map([
        ['olderThanHours', '0'],
        ['withChecks', 'true'],
      ]),
    ),
  ),
  proxied('GET /order/certificate/{id}/note', 'Notes of an order', answers(null, 'order(id) { notes { … } }')),
  proxied(
    'GET /report/order/{container_id}/expiring',
    'Expiring summary of a division',
    answers(
      'expirations-by-week',
      'expirationWeeks(weeks, filter)',
      [{ filter: 'container_id', variable: 'containerIds' }],
      [],
      new Map([['weeks', '13']]),
    ),
  ),
  proxied('GET /container/{id}/children', 'Divisions below a division', answers(null, 'containers(filter)')),
  proxied('GET /container/{id}/parent', 'Division above a division', answers(null, 'container(id)')),
  proxied(
    'GET /container/{id}/order/organization',
    'Organizations of a division',
    answers(null, 'organizations(filter)'),
  ),
  proxied('GET /user/{id}', 'User info', answers(null, 'user(id)')),
  proxied('GET /user/me', 'The user of the key'),
  proxied('GET /user/api-only', 'Service users', answers(null, 'users(filter: {isServiceUser: true})')),
  proxied('GET /service-user', 'Service users', answers(null, 'users(filter: {isServiceUser: true})')),
  proxied('GET /product/{name_id}', 'Product info', answers(null, 'product(nameId)')),
  proxied('GET /request/{id}', 'Request info'),
  proxied('GET /certificate/{id}/download/format/{format}', 'Download of a certificate'),
  proxied('GET /certificate/{id}/download/platform', 'Download for a platform'),
  proxied('GET /certificate/{id}/download/platform/{platform_id}', 'Download for a platform'),
  proxied('GET /certificate/download/order/{id}/format/{format}', 'Download by order'),
  proxied('GET /certificate/{id}/chain', 'Chain of a certificate'),
  proxied('GET /certificate/intermediates', 'Intermediates'),
  proxied(
    'GET /finance/balance',
    'Balance',
    answers(
      'balance-and-burn',
      'balance(containerId)',
      [{ filter: 'container_id', variable: 'containerId' }],
      ['balance_now is the balance; a row for each month is beside it.'],
      new Map([['months', '1']]),
    ),
  ),
  proxied(
    'GET /finance/balance-history',
    'Balance history',
    answers(
      'balance-and-burn',
      'balanceHistory(filter)',
      [{ filter: 'container_id', variable: 'containerId' }],
      ['By month; single entries: balanceHistory.'],
    ),
  ),
  proxied(
    'GET /units/order',
    'Unit orders',
    answers('unused-units', 'unitOrders(filter)', [{ filter: 'filters[unit_account_id]', variable: 'unitAccountId' }]),
  ),
  proxied('GET /units/order/{id}', 'Unit order', answers('unused-units', 'unitOrders(filter)')),
  proxied('GET /account/subaccount/order', 'Orders of subaccounts'),
  proxied('GET /account/subaccount/order/{id}', 'Order of a subaccount'),
  proxied('GET /account/subaccount/{account_id}/organization', 'Organizations of a subaccount'),
  proxied('POST /order/certificate/{product}', 'Order a certificate'),
  proxied('POST /order/certificate/{id}/custom-field', 'Set a custom field'),
  proxied('POST /order/certificate/{id}/note', 'Add a note'),
  proxied('POST /order/certificate/{id}/reissue', 'Reissue'),
  proxied('POST /order/certificate/{id}/duplicate', 'Order a duplicate'),
  proxied('PUT /order/certificate/{id}/revoke', 'Revoke an order'),
  proxied('PUT /order/certificate/{id}/status', 'Change the status of an order'),
  proxied('PUT /certificate/{id}/revoke', 'Revoke a certificate'),
  proxied('PUT /request/{id}/status', 'Approve or reject a request'),
  proxied('POST /webhook', 'Create a webhook'),
];
