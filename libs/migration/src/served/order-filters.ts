import { cannot } from './rest-query.ts';

/** An `OrderFilter` of the graph. */
type Filter = Readonly<Record<string, unknown>>;
export type MappedFilter =
  { readonly kind: 'filter'; readonly filter: Filter } | { readonly kind: 'cannot'; readonly reason: string };
type Map1 = (value: string) => Filter | null;

const id =
  (field: string): Map1 =>
  (value) =>
    /^\d{1,9}$/.test(value) ? { [field]: { in: [value] } } : null;
const flag =
  (field: string): Map1 =>
  (value) =>
    value === '1' || value === '0' ? { [field]: value === '1' } : null;

/** Statuses that CertCentral documents to filter by; orders that have expired since are found as issued ones. */
const statuses = new Set(['pending', 'issued', 'rejected', 'revoked', 'waiting_pickup', 'reissue_pending', 'canceled']);
const status: Map1 = (value) =>
  statuses.has(value) ? { status: { in: value === 'issued' ? ['issued', 'expired'] : [value] } } : null;

/** A day, or the days behind one. `<` and ranges are documented for no list. */
const validTill: Map1 = (value) => {
  const [, after, day] = /^(>?)(\d{4}-\d{2}-\d{2})$/.exec(value) ?? [];
  if (day === undefined || !isDay(day)) return null;
  return { validTill: after === '>' ? { gt: day } : { gte: day, lte: day } };
};
const isDay = (day: string) => {
  const atMs = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(day);
};

/** A plain host name: no `%`, which means something in searches, and no `_`, which does in the graph. Case is ignored. */
const hostName = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i;
const commonName: Map1 = (value) => (hostName.test(value) ? { coversName: value, commonName: { like: value } } : null);
/** The common name or one of the others; a wildcard that covers the name is another name. */
const domainName: Map1 = (value) => (hostName.test(value) ? { coversName: value, names: { like: value } } : null);

const product: Map1 = (value) => (/^[a-z0-9_]+$/.test(value) ? { productNameId: { in: [value] } } : null);
const serialNumber: Map1 = (value) => (/^[0-9a-f]+$/i.test(value) ? { serialNumber: { in: [value] } } : null);

/** What both the list and the report filter by. */
const shared: readonly (readonly [string, Map1])[] = [
  ['id', id('id')],
  ['status', status],
  ['valid_till', validTill],
  ['organization_id', id('organizationId')],
  ['user_id', id('userId')],
  ['product_name_id', product],
  ['container_id', id('containerId')],
  ['is_renewed', flag('isRenewed')],
  ['common_name', commonName],
];
export const reportFilters: ReadonlyMap<string, Map1> = new Map(shared);

export const listFilters: ReadonlyMap<string, Map1> = new Map([
  ...shared,
  ['domain_name', domainName],
  ['disable_renewal_notifications', flag('disableRenewalNotifications')],
  ['certificate_id', id('certificateId')],
  ['serial_number', serialNumber],
]);

/**
 * Filters that CertCentral has, and whose rows the graph cannot tell exactly: an order has more addresses than the graph's, and
 * whether a day of creation is meant in UTC, and as the whole day, is documented nowhere.
 */
export const unservedFilters = ['date_created', 'email', 'search', 'metadata_id', 'origin'];

/** All of a call's filters as one of the graph. */
export function mapFilters(filters: ReadonlyMap<string, string>, known: ReadonlyMap<string, Map1>): MappedFilter {
  const all: Filter[] = [];
  for (const [name, value] of filters) {
    const map = known.get(name);
    if (map === undefined) return cannot(`the filter ${name}`);
    const filter = map(value);
    if (filter === null) return cannot(`the filter ${name} with a value of this form`);
    all.push(filter);
  }
  // Two filters can need the same member, as names do.
  const members = all.flatMap((filter) => Object.keys(filter));
  if (new Set(members).size < members.length) return cannot('two filters by name at once');
  return { kind: 'filter', filter: Object.assign({}, ...all) as Filter };
}
