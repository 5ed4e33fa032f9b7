import type { Choice, FilterRule, Replacement } from './legacy-route.ts';

/** Every `OrderStatus` of the graph: what CertCentral's lists give when no status is asked for. */
export const everyStatus = [
  ...['pending', 'needs_approval', 'needs_csr', 'processing', 'reissue_pending', 'waiting_pickup'],
  ...['issued', 'expired', 'revoked', 'rejected', 'canceled', 'other'],
].join(',');

const none: ReadonlyMap<string, string> = new Map();
const status: FilterRule = { filter: 'filters[status]', variable: 'statuses', convert: 'status' };
const scope: readonly FilterRule[] = [
  { filter: 'filters[container_id]', variable: 'containerIds' },
  { filter: 'filters[organization_id]', variable: 'organizationIds' },
  { filter: 'filters[product_name_id]', variable: 'productNameIds' },
];
const names: readonly FilterRule[] = [
  { filter: 'filters[common_name]', variable: 'nameLike', convert: 'like' },
  {
    filter: 'filters[search]',
    variable: 'nameLike',
    convert: 'like',
    note: 'filters[search] looks at e-mail addresses too; nameLike looks at the common name alone.',
  },
];
const byDateCreated =
  'The template has no day of order; in a query of your own: orders(filter: {dateCreated: {gte: …}}).';

/** What no report of orders takes as a variable. */
const withoutVariable: readonly FilterRule[] = [
  { filter: 'filters[user_id]', variable: null, note: 'In a query of your own: orders(filter: {userId: {eq: …}}).' },
  { filter: 'filters[date_created]', variable: null, note: byDateCreated },
  { filter: 'filters[email]', variable: null, note: 'In a query of your own: orders(filter: {email: {eq: …}}).' },
  {
    filter: 'filters[metadata_id]',
    variable: null,
    note: 'inventory-full takes custom fields by label: tags=[{"label": …}].',
  },
  {
    filter: 'filters[origin]',
    variable: null,
    note: 'The graph does not tell where an order came from: keep this call.',
  },
  { filter: 'filters[is_renewed]', variable: null, note: 'In a query of your own: orders(filter: {isRenewed: …}).' },
  {
    filter: 'filters[disable_renewal_notifications]',
    variable: null,
    note: 'renewal-hygiene lists orders without notices; exactly so: orders(filter: {disableRenewalNotifications: …}).',
  },
];
const dateIsNotDays =
  'The template counts days from today, both ends included; a date that a script computes becomes that number of days.';

/** All orders, as a list. */
export const inventory: Replacement = {
  template: 'inventory-full',
  field: 'orders(filter, first, after)',
  variables: new Map([['statuses', everyStatus]]),
  filters: [
    status,
    ...scope,
    ...names,
    {
      filter: 'filters[valid_till]',
      variable: null,
      note: 'In a query of your own: orders(filter: {validTill: {gte: …, lte: …}}).',
    },
    ...withoutVariable,
  ],
  notes: ['All rows in one call: no paging.'],
};

const found = (filter: string, variable: 'name' | 'serial', more: readonly string[] = []): Choice => ({
  when: { filter },
  template: 'where-is-name',
  field: variable === 'serial' ? 'certificate(serialNumber)' : 'orders(filter: {names: {eq}})',
  variables: none,
  filters: [{ filter, variable }, status, ...scope, ...withoutVariable],
  notes: more,
});
const orderById = (filter: string, field: string): Choice => ({
  when: { filter },
  template: null,
  field,
  variables: none,
  filters: [{ filter, variable: 'id' }],
  notes: [],
});

/** The list of orders by what it is asked for: the first that fits is taken. */
export const orderChoices: readonly Choice[] = [
  orderById('filters[id]', 'order(id)'),
  orderById('filters[certificate_id]', 'orders(filter: {certificateId: {eq: id}})'),
  found('filters[serial_number]', 'serial', ['Duplicates and reissued certificates are found too.']),
  found('filters[domain_name]', 'name', ['A wildcard that covers the name is found too; match_type tells.']),
  {
    when: { filter: 'filters[status]', value: /^revoked$/i },
    template: 'revoked',
    field: 'orders(filter: {revokedSince})',
    variables: new Map([['since', '2000-01-01']]),
    filters: [{ filter: 'filters[status]', variable: null }, ...scope, ...names, ...withoutVariable],
    notes: ['since=2000-01-01 asks for all that were ever revoked; today-7d for those of a week.'],
  },
  {
    when: { filter: 'filters[status]', value: /^expired$/i },
    template: 'lapsed-not-renewed',
    field: 'orders(filter: {status: {in: [expired]}})',
    variables: new Map([
      ['days', '3650'],
      ['excludeRenewed', 'false'],
    ]),
    filters: [{ filter: 'filters[status]', variable: null }, ...scope, ...names, ...withoutVariable],
    notes: ['By the last day of the certificate, whether CertCentral shows the order as issued or expired.'],
  },
  {
    when: { filter: 'filters[status]', value: /^(pending|processing|needs_csr|waiting_pickup|reissue_pending)$/i },
    template: 'stuck-orders',
    field: 'orders(filter: {status})',
    variables: new Map([['olderThanHours', '0']]),
    filters: [status, ...scope, ...names, ...withoutVariable],
    notes: [],
  },
  {
    when: { filter: 'filters[status]', value: /^needs_approval$/i },
    template: 'requests-awaiting-approval',
    field: 'requests(filter: {isOpen: true})',
    variables: new Map([['olderThanHours', '0']]),
    filters: [{ filter: 'filters[status]', variable: null }, ...scope, ...withoutVariable],
    notes: ['Rows are requests, with the id of their order.'],
  },
  {
    when: { filter: 'filters[valid_till]', value: /^(<|[^>]*\.\.\.)/, orUnknown: true },
    template: 'expiring-soon',
    field: 'orders(filter: {validTill: {nextDays}})',
    variables: new Map([['excludeRenewed', 'false']]),
    filters: [
      { filter: 'filters[valid_till]', variable: 'days', convert: 'daysAhead', note: dateIsNotDays },
      { filter: 'filters[status]', variable: null },
      { filter: 'filters[is_renewed]', variable: 'excludeRenewed', convert: 'notRenewed' },
      ...scope,
      ...names,
      ...withoutVariable,
    ],
    notes: ['Orders that are issued and not yet expired.'],
  },
  {
    when: { filter: 'filters[common_name]', value: /^[^%]*$/, orUnknown: true },
    template: 'where-is-name',
    field: 'orders(filter: {commonName: {eq}})',
    variables: none,
    filters: [{ filter: 'filters[common_name]', variable: 'name' }, status, ...scope, ...withoutVariable],
    notes: ['More than the common name is looked at: other names, and wildcards that cover it; match_type tells.'],
  },
];

/** The order report: the same rows, with columns of their own names. */
export const orderReport: Replacement = {
  ...inventory,
  notes: [
    'CSV from /r/inventory-full.csv; its columns have names of their own, so compare the first line.',
    'For sums of cost: cost-by-division-product?period=last_month.',
  ],
};

export const reportChoices: readonly Choice[] = orderChoices.filter(({ template }) => template !== null);
