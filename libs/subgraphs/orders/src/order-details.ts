import {
  BadUserInput,
  factsOf,
  fieldOfCustomName,
  isCalendarDate,
  orderFields,
  type Order,
  type OrderCondition,
  type OrderField,
  type OrderQuery,
  type OrderSort,
} from '@certfolio/core';

/** Arguments of DigiCert's `order_details`, as GraphQL hands them over. */
export interface OrderDetailsArgs {
  readonly id?: number | null;
  readonly valid_from?: string | null;
  readonly valid_till?: string | null;
  readonly date_created?: string | null;
  readonly dns_names?: string | null;
  readonly common_name?: string | null;
  readonly search?: string | null;
  readonly sort?: readonly (string | null)[] | null;
  readonly limit?: number | null;
  readonly offset?: number | null;
  readonly [equal: string]: unknown;
}

const equalArguments = [
  'status',
  'container_id',
  'organization_id',
  'product_name_id',
  'serial_number',
  'signature_hash',
  'user_id',
  'ca_cert_id',
  'locale',
  'thumbprint',
  'email',
] as const;

/**
 * DigiCert's arguments as a query of ours. Bounds follow its page: `valid_from` and `date_created` are lower ones,
 * `valid_till` is an upper one. An argument that is null is as if absent.
 *
 * @throws BadUserInput naming the argument
 */
export function orderDetailsQuery(args: OrderDetailsArgs): OrderQuery {
  const conditions: OrderCondition[] = [];
  if (args.id != null) conditions.push({ op: 'in', field: 'id', values: [args.id] });
  for (const name of equalArguments) {
    const value = args[name];
    if (typeof value === 'string') conditions.push(equalTo(name, value));
  }
  if (args.common_name != null) conditions.push(nameCondition('commonName', args.common_name));
  if (args.dns_names != null) conditions.push(nameCondition('dnsNames', args.dns_names));
  if (args.valid_from != null)
    conditions.push({ op: 'range', field: 'validFrom', gte: day('valid_from', args.valid_from) });
  if (args.valid_till != null)
    conditions.push({ op: 'range', field: 'validTill', lte: day('valid_till', args.valid_till) });
  if (args.date_created != null)
    conditions.push({ op: 'range', field: 'dateCreated', gte: instant(args.date_created) });
  if (args.search != null) conditions.push({ op: 'search', text: args.search.replaceAll('%', '') });
  return {
    conditions,
    sort: sortOf(args.sort),
    limit: args.limit == null ? null : notNegative('limit', args.limit),
    offset: args.offset == null ? 0 : notNegative('offset', args.offset),
    after: null,
    withTotal: false,
  };
}

function equalTo(name: string, value: string): OrderCondition {
  const field = fieldOfCustomName.get(name)!;
  const { kind } = factsOf(field);
  if (kind !== 'integer') {
    const stored = field === 'serialNumber' || field === 'thumbprint' ? value.toUpperCase() : value;
    return { op: 'in', field, values: [stored] };
  }
  // Text that is no number equals no id; DigiCert answers an empty list rather than an error.
  return { op: 'in', field, values: /^\d{1,15}$/.test(value) ? [Number(value)] : [] };
}

function nameCondition(field: 'commonName' | 'dnsNames', value: string): OrderCondition {
  return value.includes('%') ? { op: 'like', field, pattern: value } : { op: 'in', field, values: [value] };
}

function day(name: string, value: string): string {
  const date = value.slice(0, 10);
  if (isCalendarDate(date) && (value.length === 10 || /^.{10}[ T]\d{2}:\d{2}:\d{2}$/.test(value))) return date;
  throw new BadUserInput(`${name} is "${value.slice(0, 40)}"; it must be a day as yyyy-MM-dd.`);
}

function instant(value: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d))?$/.exec(value);
  if (match !== null && isCalendarDate(match[1]!)) return `${match[1]}T${match[2] ?? '00:00:00'}Z`;
  throw new BadUserInput(`date_created is "${value.slice(0, 40)}"; it must be a time as yyyy-MM-dd HH:mm:ss.`);
}

function notNegative(name: string, value: number): number {
  if (value >= 0) return value;
  throw new BadUserInput(`${name} is ${value}; it must be 0 or more.`);
}

/** `["valid_from", "DESC"]`, and any number of further pairs. */
function sortOf(sort: OrderDetailsArgs['sort']): readonly OrderSort[] {
  const words = (sort ?? []).filter((word) => word !== null);
  const pairs: OrderSort[] = [];
  for (let at = 0; at < words.length;) {
    const name = words[at]!;
    const field = fieldOfCustomName.get(name);
    if (field === undefined)
      throw new BadUserInput(`sort names "${name.slice(0, 60)}", which is no field of an order.`);
    const direction = words[at + 1]?.toUpperCase();
    const isDirection = direction === 'ASC' || direction === 'DESC';
    pairs.push({ field, direction: direction === 'DESC' ? 'desc' : 'asc' });
    at += isDirection ? 2 : 1;
  }
  return pairs;
}

/** A value as DigiCert writes it: numbers as text, flags as "0" and "1", lists joined by commas, times without zone. */
export function customText(field: OrderField): (order: Order) => string | null {
  const { kind } = factsOf(field);
  const text = (write: (value: never) => string | null) => (order: Order) => {
    const value = order[field];
    return value == null ? null : write(value as never);
  };
  switch (kind) {
    case 'integer':
      return text((value: number) => String(value));
    case 'flag':
      return text((value: boolean) => (value ? '1' : '0'));
    case 'timestamp':
      return text((value: string) => value.slice(0, 19).replace('T', ' '));
    case 'texts':
      return text((value: readonly string[]) => (value.length === 0 ? null : value.join(',')));
    case 'customFields':
      return text((value: NonNullable<Order['customFields']>) => customFieldsText(value));
    default:
      return text((value: string) => value);
  }
}

/** As order info writes custom fields; text of another form that CertCentral gave is passed on as it came. */
function customFieldsText(values: NonNullable<Order['customFields']>): string | null {
  const [first] = values;
  if (first === undefined) return null;
  if (values.length === 1 && first.id === null && first.label === null) return first.value;
  return JSON.stringify(values.map(({ id, label, value }) => ({ metadata_id: id, label, value })));
}

/**
 * An order with its values under DigiCert's names, one getter for each field of `OrderDetails`. Read as properties they cost
 * graphql-jit two closures and four calls less each than resolvers would: a fifth of the time of 5,000 rows of 20 fields.
 */
export class OrderDetailsRow {
  readonly order: Order;

  constructor(order: Order) {
    this.order = order;
  }
}

/** DigiCert's names of all fields of `OrderDetails`. */
export const orderDetailsNames: readonly string[] = [...fieldOfCustomName]
  .filter(([, field]) => orderFields.has(field))
  .map(([name, field]) => {
    const textOf = customText(field);
    const get = function (this: OrderDetailsRow) {
      return textOf(this.order);
    };
    Object.defineProperty(OrderDetailsRow.prototype, name, { get, enumerable: true });
    return name;
  });
