import {
  factsOf,
  fieldOfCustomName,
  isCalendarDate,
  type CustomReportRequest,
  type OrderField,
  type PushedCondition,
} from '@certfolio/core';
import { columnsFor } from './wire/order-row.ts';
import { localOf } from './zoned-time.ts';

/** Arguments of `order_details` that compare for equality (dev.digicert.com, Custom Reports API, order_details; ADR 0004). */
const equalityArguments: ReadonlySet<PushedCondition['field']> = new Set([
  'id',
  'status',
  'containerId',
  'organizationId',
  'productNameId',
  'serialNumber',
  'signatureHash',
  'userId',
  'caCertId',
  'commonName',
  'locale',
  'thumbprint',
  'email',
]);

/** Under this name a witness answers beside `order_details`. */
export const witnessAlias = 'witness';

/**
 * The GraphQL text of a Custom Reports query. Its arguments are literals, not variables: the documentation shows nothing else.
 *
 * @param reportZone zone of the times that the API compares with
 * @throws TypeError for a condition or field that `order_details` does not have
 */
export function customQuery({ witness, ...report }: CustomReportRequest, reportZone: string): string {
  const questions = [orderDetails(report, reportZone)];
  if (witness !== undefined) {
    questions.push(`${witnessAlias}: ${orderDetails({ ...witness, sort: null, limit: null }, reportZone)}`);
  }
  return `{ ${questions.join(' ')} }`;
}

function orderDetails(request: Omit<CustomReportRequest, 'witness'>, reportZone: string): string {
  const args = request.where.map((condition) => argument(condition, reportZone));
  if (new Set(args.map(([name]) => name)).size < args.length)
    throw new TypeError('Custom Reports takes one condition per field.');
  const literals = args.map(([name, literal]) => `${name}: ${literal}`);
  if (request.sort !== null) {
    literals.push(
      `sort: [${literal(customName(request.sort.field))}, "${request.sort.direction === 'desc' ? 'DESC' : 'ASC'}"]`,
    );
  }
  if (request.limit !== null) {
    if (!Number.isInteger(request.limit) || request.limit < 1)
      throw new TypeError(`A limit of ${request.limit} rows is no limit.`);
    literals.push(`limit: ${request.limit}`);
  }
  const selected = customFields(request.fields).map(customName);
  return `order_details${literals.length === 0 ? '' : `(${literals.join(', ')})`} { ${selected.join(' ')} }`;
}

/** What is selected for the fields asked for, and the id, which makes a row an order. */
export function customFields(fields: readonly OrderField[]): readonly OrderField[] {
  return columnsFor(['id', ...fields]);
}

/** Fields that an error of the API calls unknown, as GraphQL servers word it. */
export function unknownFields(messages: readonly string[]): readonly OrderField[] {
  const named = messages.flatMap((message) =>
    [...message.matchAll(/Cannot query field \\?["'`]?(\w+)/g)].map((match) => match[1]!),
  );
  return [...new Set(named)].flatMap((name) => fieldOfCustomName.get(name) ?? []);
}

export function customName(field: OrderField): string {
  const name = factsOf(field).customName;
  if (name === null) throw new TypeError(`Custom Reports has no field for "${field}".`);
  return name;
}

function argument(condition: PushedCondition, reportZone: string): readonly [name: string, literal: string] {
  const { field, op, value } = condition;
  const isLower = op === 'gte' || op === 'gt';
  const isUpper = op === 'lte' || op === 'lt';
  if (field === 'search' && (op === 'eq' || op === 'like')) return ['search', literal(String(value))];
  // The bounds are inclusive, so an exclusive one asks for the row on the bound too; the reader drops it.
  if ((field === 'validFrom' && isLower) || (field === 'validTill' && isUpper))
    return [customName(field), literal(dayOf(value))];
  if (field === 'dateCreated' && isLower) return ['date_created', literal(momentOf(value, reportZone))];
  if (field === 'id' && op === 'eq') {
    if (!Number.isSafeInteger(Number(value))) throw new TypeError('An order id is a whole number.');
    return ['id', String(Number(value))];
  }
  const isLike = op === 'like' && field === 'commonName';
  if (field === 'search' || field === 'domainName' || !equalityArguments.has(field) || !(op === 'eq' || isLike)) {
    throw new TypeError(`Custom Reports cannot apply "${op}" to "${field}".`);
  }
  return [customName(field), literal(typeof value === 'boolean' ? (value ? '1' : '0') : String(value))];
}

function dayOf(value: PushedCondition['value']): string {
  const day = String(value).slice(0, 10);
  if (!isCalendarDate(day)) throw new TypeError('A validity bound is a day, yyyy-MM-dd.');
  return day;
}

/** `yyyy-MM-dd HH:mm:ss` in the zone of the reports. */
function momentOf(value: PushedCondition['value'], reportZone: string): string {
  const text = String(value);
  const instantMs = Date.parse(isCalendarDate(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(instantMs)) throw new TypeError('A creation bound is a day or an instant.');
  return localOf(instantMs, reportZone).replace('T', ' ');
}

/** A GraphQL string literal: its escapes are those of JSON. */
function literal(text: string): string {
  return JSON.stringify(text);
}
