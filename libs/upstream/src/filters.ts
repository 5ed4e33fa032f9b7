import {
  addDays,
  isCalendarDate,
  type CalendarDate,
  type OrderListRequest,
  type OrderReportRequest,
  type PushedCondition,
} from '@certfolio/core';
import { encoded } from './encoded.ts';

/**
 * Filters by their names (dev.digicert.com, Services API, List orders and Order report; ADR 0004).
 * Both take `filters[name]=value`; `>` and `<` before a date are what client programs rely on.
 */
const filterNames: ReadonlyMap<
  PushedCondition['field'],
  { readonly name: string; readonly inReport: boolean; readonly ops: 'eq' | 'like' | 'date' | 'time' }
> = new Map([
  ['id', { name: 'id', inReport: true, ops: 'eq' }],
  ['status', { name: 'status', inReport: true, ops: 'eq' }],
  ['organizationId', { name: 'organization_id', inReport: true, ops: 'eq' }],
  ['productNameId', { name: 'product_name_id', inReport: true, ops: 'eq' }],
  ['validTill', { name: 'valid_till', inReport: true, ops: 'date' }],
  ['dateCreated', { name: 'date_created', inReport: true, ops: 'time' }],
  ['userId', { name: 'user_id', inReport: true, ops: 'eq' }],
  ['commonName', { name: 'common_name', inReport: true, ops: 'like' }],
  ['containerId', { name: 'container_id', inReport: true, ops: 'eq' }],
  ['isRenewed', { name: 'is_renewed', inReport: true, ops: 'eq' }],
  ['domainName', { name: 'domain_name', inReport: false, ops: 'eq' }],
  ['disableRenewalNotifications', { name: 'disable_renewal_notifications', inReport: false, ops: 'eq' }],
  ['email', { name: 'email', inReport: false, ops: 'eq' }],
  ['certificateId', { name: 'certificate_id', inReport: false, ops: 'eq' }],
  ['serialNumber', { name: 'serial_number', inReport: false, ops: 'eq' }],
  ['search', { name: 'search', inReport: false, ops: 'like' }],
] as const);

const sortNames = { id: 'order_id', dateCreated: 'date_created' } as const;

/** The query of GET /order/certificate. @throws TypeError for what the list cannot be asked, and for a page it has not */
export function listQuery({ where, sort, limit, offset }: OrderListRequest): string {
  checkPage(limit, offset, 1_000);
  const sorting = sort === null ? [] : [`sort=${sort.direction === 'desc' ? '-' : ''}${sortNames[sort.field]}`];
  return [...filters(where, 'list'), ...sorting, `limit=${limit}`, `offset=${offset}`].join('&');
}

/** The query of GET /report/order. @throws TypeError as `listQuery` */
export function reportQuery({ where, limit, offset }: Omit<OrderReportRequest, 'fields'>): string {
  checkPage(limit, offset, 100_000);
  return [...filters(where, 'report'), `limit=${limit}`, `offset=${offset}`].join('&');
}

export function checkPage(limit: number, offset: number, most: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new TypeError(`A page of ${limit} rows is not within 1 and ${most}.`);
  if (!Number.isSafeInteger(offset) || offset < 0) throw new TypeError(`An offset of ${offset} is no place in a list.`);
}

/**
 * A second condition on a name is left out: what CertCentral makes of two is undocumented. The rows are then more than
 * asked for, never fewer, and readers apply their conditions again.
 */
function filters(where: readonly PushedCondition[], source: 'list' | 'report'): string[] {
  const byName = new Map<string, string>();
  for (const condition of where) {
    const filter = filterNames.get(condition.field);
    if (filter === undefined || (source === 'report' && !filter.inReport))
      throw new TypeError(`The ${source} has no filter for "${condition.field}".`);
    const value = filterValue(condition, filter.ops);
    if (value === null) throw new TypeError(`The ${source} cannot apply "${condition.op}" to "${condition.field}".`);
    if (!byName.has(filter.name)) byName.set(filter.name, value);
  }
  return [...byName].map(([name, value]) => `filters[${name}]=${encoded(value)}`);
}

function filterValue({ op, value }: PushedCondition, ops: 'eq' | 'like' | 'date' | 'time'): string | null {
  if (op === 'eq') return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
  if (op === 'like') return ops === 'like' ? String(value) : null;
  if (ops !== 'date' && ops !== 'time') return null;

  const day = String(value).slice(0, 10);
  if (!isCalendarDate(day)) return null;
  // A day more on either side, and two where the zone of the column is unknown: a wide filter is put right by the reader,
  // a narrow one loses rows.
  const isLower = op === 'gt' || op === 'gte';
  const widerBy = ops === 'time' ? (isLower ? 2 : 1) : op === 'gt' || op === 'lt' ? 0 : 1;
  return isLower ? `>${addDays(day as CalendarDate, -widerBy)}` : `<${addDays(day as CalendarDate, widerBy)}`;
}
