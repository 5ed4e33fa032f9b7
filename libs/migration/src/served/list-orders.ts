import { isObject, parseDocument, settle, daysUntil, type JsonObject } from './json-members.ts';
import { listFilters, mapFilters, unservedFilters } from './order-filters.ts';
import { jsonText, refuseOtherForms } from './rest-answers.ts';
import { cannot, pagingParameters, readPage, readQuery, type PageRequest, type RestQuery } from './rest-query.ts';
import type { RenderedAnswer, ServedRoute } from './served-route.ts';

const known = { parameters: pagingParameters, filters: [...listFilters.keys(), ...unservedFilters] };
const mostRows = 1_000;
/** What client programs sort by; CertCentral documents no name. */
const sortFields: ReadonlyMap<string, string> = new Map([
  ['order_id', 'id'],
  ['date_created', 'dateCreated'],
]);

/** Source of parameters and form: vendor page "List orders". Without a sort the list comes by id, as far as anybody has seen. */
export const listOrders: ServedRoute = {
  route: 'GET /order/certificate',
  template: 'rest-orders',
  plan(request) {
    const other = refuseOtherForms(request, true);
    if (other !== null) return other;
    const read = readQuery(request, known);
    if (read.kind === 'cannot') return read;
    const filter = mapFilters(read.query.filters, listFilters);
    if (filter.kind === 'cannot') return filter;
    const orderBy = orderOf(read.query);
    if (orderBy === null) return cannot('a sort by a property that is not known');
    const page = readPage(read.query, mostRows);
    return {
      kind: 'run',
      variables: { filter: filter.filter, orderBy, first: page.limit, offset: page.offset },
      render: ({ orders }, { nowMs }) => renderPage(orders, page, nowMs),
    };
  },
};

function orderOf({ sort }: RestQuery): readonly object[] | null {
  const steps = sort.map(({ name, isDescending }) => ({
    field: sortFields.get(name),
    direction: isDescending ? 'DESC' : 'ASC',
  }));
  return steps.every(({ field }) => field !== undefined) ? steps : null;
}

function renderPage(connection: unknown, { limit, offset }: PageRequest, nowMs: number): RenderedAnswer {
  if (!isObject(connection) || !Array.isArray(connection['nodes'])) return cannot('the list could not be read');
  const items: string[] = [];
  for (const node of connection['nodes'] as readonly JsonObject[]) {
    const item = renderItem(node, nowMs);
    if (item === null) return cannot('an order whose list item was not read yet');
    items.push(item);
  }
  const page = JSON.stringify({ total: connection['totalCount'], limit, offset });
  return { kind: 'answer', answer: jsonText(`{"orders":[${items.join(',')}],"page":${page}}`) };
}

/** The item as CertCentral gave it, with what may have changed since, or changes by the day, as it is now. */
function renderItem(order: JsonObject, nowMs: number): string | null {
  const item = parseDocument(order['restListItem']);
  if (item === null) return null;
  if (order['status'] !== 'other') settle(item, 'status', order['status']);
  settle(item, 'is_renewed', order['isRenewed']);
  settle(item, 'disable_renewal_notifications', order['disableRenewalNotifications']);
  settle(item, 'order_valid_till', order['orderValidTill']);
  settle(item, 'price', order['cost'], 'number');
  for (const name of ['container', 'organization']) settleReference(item, name, order[name]);
  const { certificate } = item;
  if (isObject(certificate) && isObject(order['certificate']))
    settleCertificate(certificate, order['certificate'], nowMs);
  return JSON.stringify(item);
}

function settleReference(item: JsonObject, name: string, fact: unknown): void {
  const given = item[name];
  if (!isObject(fact)) delete item[name];
  else if (!isObject(given)) item[name] = { id: Number(fact['id']), name: fact['name'] };
  else {
    settle(given, 'id', fact['id'], 'number');
    settle(given, 'name', fact['name']);
  }
}

function settleCertificate(certificate: JsonObject, fact: JsonObject, nowMs: number): void {
  settle(certificate, 'id', fact['id'], 'number');
  settle(certificate, 'serial_number', fact['serialNumber'], 'upper');
  settle(certificate, 'valid_from', fact['validFrom']);
  settle(certificate, 'valid_till', fact['validTill']);
  settleDaysRemaining(certificate, nowMs);
}

export function settleDaysRemaining(certificate: JsonObject, nowMs: number): void {
  const till = certificate['valid_till'];
  settle(
    certificate,
    'days_remaining',
    typeof till === 'string' && till !== '' ? daysUntil(till, nowMs) : null,
    'number',
  );
}
