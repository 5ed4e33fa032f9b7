import { textTest, type Properties, type Property } from '../http/filtering.ts';
import { statusAt } from './order-status.ts';
import { dnsNamesOf, type Order } from './order.ts';

type Reader = Property<Order>['read'];
const property = (kind: Property<Order>['kind'], read: Reader): Property<Order> => ({ kind, read });

/** `issued` also finds orders that have run out since, although they show `expired`. Source: vendor page "List orders". */
const status: Property<Order> = {
  kind: 'text',
  read: statusAt,
  test: (wanted, nowMs) => (order) => {
    const shown = statusAt(order, nowMs);
    return shown === wanted || (wanted === 'issued' && shown === 'expired');
  },
};

/** Exact on e-mail or common name, or contains with a leading `%`. */
const search = property('names', (order) => [order.commonName, ...order.emails]);

/** Filters of the order report. Source: vendor page "Order report". */
export const reportProperties: Properties<Order> = new Map([
  ['id', property('number', ({ id }) => id)],
  ['common_name', property('text', ({ commonName }) => commonName)],
  ['status', status],
  ['date_created', property('instant', ({ createdMs }) => createdMs)],
  ['valid_till', property('day', ({ issuance }) => issuance?.validTill)],
  ['organization_id', property('number', ({ organization }) => organization?.id)],
  ['user_id', property('number', ({ user }) => user.id)],
  ['product_name_id', property('text', ({ product }) => product.nameId)],
  ['is_renewed', property('flag', ({ isRenewed }) => isRenewed)],
  ['container_id', property('number', ({ division }) => division.id)],
]);

/** Filters of the list, and what it can be sorted by; the vendor's page names no sort properties. */
export const listProperties: Properties<Order> = new Map([
  ...reportProperties,
  ['order_id', property('number', ({ id }) => id)],
  ['domain_name', { kind: 'text', read: ({ commonName }) => commonName, test: hasName }],
  ['metadata_id', { kind: 'text', read: () => undefined, test: hasCustomField }],
  ['disable_renewal_notifications', property('flag', ({ isRenewalNoticeDisabled }) => isRenewalNoticeDisabled)],
  ['email', property('names', ({ emails }) => emails)],
  ['certificate_id', property('number', ({ certificateId }) => certificateId)],
  ['origin', property('text', ({ origin }) => origin)],
  ['serial_number', property('text', ({ issuance }) => issuance?.serialNumber)],
  ['search', search],
  ['valid_from', property('day', ({ issuance }) => issuance?.validFrom)],
  ['order_valid_till', property('day', ({ orderValidTill }) => orderValidTill)],
  ['price', property('number', ({ price }) => price)],
  ['product_name', property('text', ({ product }) => product.name)],
  ['container_name', property('text', ({ division }) => division.name)],
  ['organization_name', property('text', ({ organization }) => organization?.name)],
  ['number_of_sans', property('number', (order) => dnsNamesOf(order).length)],
]);

function hasCustomField(wanted: string): (order: Order) => boolean {
  return ({ customFields }) => customFields.some(({ field }) => field.id === Number(wanted));
}

function hasName(wanted: string): (order: Order) => boolean {
  const isMatch = textTest(wanted);
  return ({ commonName, otherNames }) => isMatch(commonName) || otherNames.some(isMatch);
}
