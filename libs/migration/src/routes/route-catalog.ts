import type { AnsweredBy, CatalogRoute, Choice, FilterRule, Replacement, RouteKey } from './legacy-route.ts';
import { inventory, orderChoices, orderReport, reportChoices } from './order-replacements.ts';
import { proxiedRoutes } from './proxied-routes.ts';

interface Given extends Partial<Omit<Replacement, 'field'>> {
  readonly field: string;
}
const by = ({ template = null, field, variables = new Map(), filters = [], notes = [] }: Given): Replacement => ({
  template,
  field,
  variables,
  filters,
  notes,
});
const route = (
  key: RouteKey,
  title: string,
  replacement: Replacement | null,
  more: { answeredBy?: AnsweredBy; choices?: readonly Choice[]; inLoop?: Replacement } = {},
): CatalogRoute => ({
  key,
  title,
  answeredBy: more.answeredBy ?? 'graph',
  replacement,
  choices: more.choices ?? [],
  inLoop: more.inLoop ?? null,
});

const anyDay = new Map([['days', '3650']]);
const oneOrder = 'Of one order: order(id) in a query of your own; the template tells it of all of them.';
const copies: Replacement = by({
  template: 'duplicates-and-reissues',
  field: 'order(id) { duplicates { … } reissues { … } }',
  notes: [oneOrder, 'Only orders that are valid today and have copies are listed.'],
});
const validations: Replacement = by({
  template: 'org-validation-expiry',
  field: 'organizationValidations(filter)',
  variables: anyDay,
  filters: [{ filter: 'id', variable: 'organizationIds' }],
});
const organizations: Replacement = by({
  field: 'organizations(filter)',
  filters: [
    { filter: 'filters[search]', variable: 'nameContains', convert: 'contains' },
    { filter: 'filters[status]', variable: null, note: 'organizations(filter: {isActive: …})' },
    { filter: 'container_id', variable: null, note: 'organizations of divisions: organization { container { id } }' },
  ],
});
const domains: readonly FilterRule[] = [
  { filter: 'container_id', variable: 'containerIds' },
  { filter: 'filters[search]', variable: 'nameContains', convert: 'contains' },
  { filter: 'filters[status]', variable: null, note: 'isActive=true lists active domains, isActive=false the others.' },
  { filter: 'filters[validation]', variable: null, note: 'Validations are in domains { validations { … } }.' },
  { filter: 'filters[dcv_method]', variable: null, note: 'The method is a column of the report, not a variable.' },
];
const openRequests: Choice = {
  when: { filter: 'filters[status]', value: /^(pending|submitted)$/i },
  ...by({
    template: 'requests-awaiting-approval',
    field: 'requests(filter: {isOpen: true})',
    variables: new Map([['olderThanHours', '0']]),
    filters: [
      { filter: 'filters[status]', variable: null },
      { filter: 'filters[container_id]', variable: 'containerIds' },
    ],
    notes: ['Requests of the states submitted and pending.'],
  }),
};
/** Order info takes the number of a certificate in the place of the order's id; its name in the script tells. */
const byNumber = (variable: 'serial' | 'thumbprint', value: RegExp): Choice => ({
  when: { filter: 'id', value },
  ...by({
    template: 'where-is-name',
    field: `certificate(${variable === 'serial' ? 'serialNumber' : variable})`,
    filters: [{ filter: 'id', variable }],
    notes: ['Taken from the name of the variable in the path. Duplicates and reissued certificates are found too.'],
  }),
});
const windowOf = (filter: string, convert: 'minutes' | 'seconds'): FilterRule => ({
  filter,
  variable: 'since',
  convert,
  note: 'The template counts whole days (UTC), rounded up here: rows are more than the window has.',
});

/** Routes that the graph can answer, or that answer as before. */
const answeredRoutes: readonly CatalogRoute[] = [
  route('GET /order/certificate', 'List orders', inventory, { choices: orderChoices }),
  route(
    'GET /order/certificate/status-changes',
    'Status changes',
    by({
      template: 'what-changed',
      field: 'orderChanges(seenAt, fields)',
      variables: new Map([['fields', 'status']]),
      filters: [
        windowOf('minutes', 'minutes'),
        windowOf('seconds', 'seconds'),
        {
          filter: 'filters[status_last_updated]',
          variable: 'since',
          convert: 'dateFrom',
          note: 'CertCentral reads the range in Mountain Time, the template in UTC; until= ends it.',
        },
      ],
      notes: ['What the mirror saw, with the status before and after; without a mirror there are no rows.'],
    }),
  ),
  route(
    'GET /order/certificate/{id}',
    'Order info, by id, serial number or thumbprint',
    by({
      field: 'order(id)',
      filters: [{ filter: 'id', variable: 'id' }],
      notes: ['A serial number or thumbprint in the path: where-is-name?serial=… or thumbprint=….'],
    }),
    {
      inLoop: inventory,
      choices: [byNumber('serial', /serial/i), byNumber('thumbprint', /thumb|finger/i)],
    },
  ),
  route('GET /order/certificate/{id}/duplicate', 'Duplicates of an order', copies, { inLoop: copies }),
  route('GET /order/certificate/{id}/reissue', 'Reissues of an order', copies, { inLoop: copies }),
  route('GET /report/order', 'Order report (CSV)', orderReport, { choices: reportChoices }),
  route(
    'GET /report/order/expiring',
    'Expiring summary',
    by({
      template: 'expirations-by-week',
      field: 'expirationWeeks(weeks, filter)',
      variables: new Map([
        ['weeks', '13'],
        ['excludeRenewed', 'false'],
      ]),
      filters: [{ filter: 'container_id', variable: 'containerIds' }],
      notes: ['By week, not in 30, 60 and 90 days; those who expired in the last 7 days: lapsed-not-renewed?days=7.'],
    }),
  ),
  route('GET /organization', 'List organizations', organizations, {
    choices: [{ when: { filter: 'include_validation', value: /^(true|1)$/i }, ...validations }],
  }),
  route(
    'GET /organization/{id}',
    'Organization info',
    by({
      field: 'organization(id)',
      filters: [{ filter: 'id', variable: 'id' }],
    }),
    { inLoop: organizations },
  ),
  route('GET /organization/{id}/validation', 'Validations of an organization', validations, {
    inLoop: { ...validations, filters: [] },
  }),
  route(
    'GET /domain',
    'List domains',
    by({
      template: 'dcv-expiry',
      field: 'domains(filter)',
      variables: anyDay,
      filters: domains,
      notes: ['Active domains alone; days counts from the end of the reuse for OV certificates.'],
    }),
  ),
  route(
    'GET /domain/{id}',
    'Domain info',
    by({
      field: 'domain(id)',
      filters: [{ filter: 'id', variable: 'id' }],
    }),
    {
      inLoop: by({
        template: 'dcv-expiry',
        field: 'domains(filter)',
        variables: anyDay,
        notes: ['Active domains alone.'],
      }),
    },
  ),
  route('GET /container', 'List divisions', by({ field: 'containers(filter)' })),
  route(
    'GET /container/{id}',
    'Division info',
    by({
      field: 'container(id)',
      filters: [{ filter: 'id', variable: 'id' }],
    }),
    { inLoop: by({ field: 'containers(filter)' }) },
  ),
  route(
    'GET /user',
    'List users',
    by({
      template: 'users-and-keys-audit',
      field: 'users(filter)',
      variables: new Map([['flags', '']]),
      filters: [
        { filter: 'container_id', variable: 'containerId' },
        { filter: 'filters[status]', variable: null, note: 'In a query of your own: users(filter: {status: …}).' },
        {
          filter: 'filters[search]',
          variable: null,
          note: 'In a query of your own: users(filter: {nameContains: …}).',
        },
        { filter: 'access_role_id', variable: null, note: 'In a query of your own: users(filter: {roleId: …}).' },
      ],
      notes: ['flags= without a value lists everybody; service users are among them.'],
    }),
  ),
  route('GET /product', 'List products', by({ field: 'products(filter)' })),
  route(
    'GET /request',
    'List requests',
    by({
      field: 'requests(filter)',
      filters: [
        { filter: 'filters[status]', variable: null, note: 'In the filter: requests(filter: {status: [...]}).' },
        { filter: 'status', variable: null, note: 'In the filter: requests(filter: {status: [...]}).' },
      ],
      notes: ['Those that wait for somebody: requests-awaiting-approval.'],
    }),
    { choices: [openRequests, { ...openRequests, when: { ...openRequests.when, filter: 'status' } }] },
  ),
  route('GET /account/metadata', 'Custom fields of the account', by({ field: 'customFieldDefinitions' })),
  route('POST /reports/query', 'Custom Reports (GraphQL)', null, { answeredBy: 'unchanged' }),
];

/** Every route of CertCentral's REST API that the product knows by name. */
export const routeCatalog: readonly CatalogRoute[] = [...answeredRoutes, ...proxiedRoutes];

const byKey = new Map(routeCatalog.map((each) => [each.key, each]));

/** Null for a key that is in no list; such a route is passed through. */
export function catalogRoute(key: RouteKey): CatalogRoute | null {
  return byKey.get(key) ?? null;
}
