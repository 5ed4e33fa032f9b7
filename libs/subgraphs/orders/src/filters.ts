import {
  BadUserInput,
  factsOf,
  type OrderCondition,
  type OrderField,
  type OrderSort,
  type Scalar,
} from '@certfolio/core';
import { dateConditions, type DateBounds } from '@certfolio/graph-kit';

/** Statuses that `OrderStatus` of the schema has by name; all others are its `other`. */
export const knownStatuses: ReadonlySet<string> = new Set([
  'pending',
  'needs_approval',
  'needs_csr',
  'processing',
  'reissue_pending',
  'waiting_pickup',
  'issued',
  'expired',
  'revoked',
  'rejected',
  'canceled',
]);

type Maybe<T> = T | null | undefined;

interface ValueFilter {
  readonly eq?: Maybe<Scalar>;
  readonly in?: Maybe<readonly Scalar[]>;
  readonly not?: Maybe<readonly Scalar[]>;
  readonly like?: Maybe<string>;
  readonly contains?: Maybe<string>;
  readonly gte?: Maybe<number>;
  readonly gt?: Maybe<number>;
  readonly lte?: Maybe<number>;
  readonly lt?: Maybe<number>;
  readonly isNull?: Maybe<boolean>;
}

/** `OrderFilter` of the schema as GraphQL hands it over. */
export interface OrderFilterInput {
  readonly id?: Maybe<ValueFilter>;
  readonly status?: Maybe<ValueFilter>;
  readonly commonName?: Maybe<ValueFilter>;
  readonly dnsName?: Maybe<ValueFilter>;
  readonly coversName?: Maybe<string>;
  readonly isWildcard?: Maybe<boolean>;
  readonly search?: Maybe<string>;
  readonly serialNumber?: Maybe<ValueFilter>;
  readonly thumbprint?: Maybe<ValueFilter>;
  readonly signatureHash?: Maybe<ValueFilter>;
  readonly keySize?: Maybe<ValueFilter>;
  readonly caCertId?: Maybe<ValueFilter>;
  readonly issuingCa?: Maybe<ValueFilter>;
  readonly validTill?: Maybe<DateBounds>;
  readonly validFrom?: Maybe<DateBounds>;
  readonly orderValidTill?: Maybe<DateBounds>;
  readonly dateCreated?: Maybe<DateBounds>;
  readonly containerId?: Maybe<ValueFilter>;
  readonly organizationId?: Maybe<ValueFilter>;
  readonly productNameId?: Maybe<ValueFilter>;
  readonly productType?: Maybe<ValueFilter>;
  readonly userId?: Maybe<ValueFilter>;
  readonly userEmail?: Maybe<ValueFilter>;
  readonly email?: Maybe<ValueFilter>;
  readonly dcvMethod?: Maybe<ValueFilter>;
  readonly customerOrderId?: Maybe<ValueFilter>;
  readonly isRenewed?: Maybe<boolean>;
  readonly excludeRenewed?: Maybe<boolean>;
  readonly autoRenew?: Maybe<boolean>;
  readonly hasDuplicates?: Maybe<boolean>;
  readonly disableRenewalNotifications?: Maybe<boolean>;
  readonly isOutOfContract?: Maybe<boolean>;
  readonly anyOf?: Maybe<readonly OrderFilterInput[]>;
  readonly not?: Maybe<OrderFilterInput>;
  readonly timeZone?: Maybe<string>;
}

const valueFields = [
  'id', 'status', 'commonName', 'serialNumber', 'thumbprint', 'signatureHash', 'keySize', 'caCertId', 'issuingCa', 'containerId',
  'organizationId', 'productNameId', 'productType', 'userId', 'userEmail', 'email', 'dcvMethod', 'customerOrderId',
] as const; // prettier-ignore
const flagFields = [
  'isRenewed',
  'autoRenew',
  'hasDuplicates',
  'disableRenewalNotifications',
  'isOutOfContract',
] as const;
const dateFields = ['validTill', 'validFrom', 'orderValidTill', 'dateCreated'] as const;
const upperCaseFields = new Set<OrderField>(['serialNumber', 'thumbprint']);

/**
 * Turns a filter into conditions; relative dates are resolved now.
 *
 * @throws BadUserInput naming the member that cannot be used
 */
export function conditionsOf(filter: Maybe<OrderFilterInput>, nowMs: number): readonly OrderCondition[] {
  if (filter == null) return [];
  const zone = filter.timeZone ?? 'UTC';
  const conditions: OrderCondition[] = [];
  for (const field of valueFields) if (field !== 'status') conditions.push(...valueConditions(field, filter[field]));
  conditions.push(...statusConditions(filter.status));
  conditions.push(...valueConditions('dnsNames', filter.dnsName));
  for (const field of flagFields) {
    const wanted = filter[field];
    if (wanted != null) conditions.push({ op: 'in', field, values: [wanted] });
  }
  if (filter.excludeRenewed === true)
    conditions.push({ op: 'not', condition: { op: 'in', field: 'isRenewed', values: [true] } });
  for (const field of dateFields) {
    const bounds = filter[field];
    if (bounds != null)
      conditions.push(
        ...dateConditions(field, bounds, factsOf(field).kind === 'timestamp' ? 'timestamp' : 'date', { nowMs, zone }),
      );
  }
  if (filter.coversName != null) conditions.push({ op: 'coversName', name: filter.coversName });
  if (filter.isWildcard != null) conditions.push({ op: 'isWildcard', isWildcard: filter.isWildcard });
  if (filter.search != null) conditions.push({ op: 'search', text: filter.search });
  if (filter.anyOf != null) {
    const alternatives = filter.anyOf.map((one) => allOf(conditionsOf(within(zone, one), nowMs)));
    conditions.push({ op: 'anyOf', conditions: alternatives });
  }
  if (filter.not != null)
    conditions.push({ op: 'not', condition: allOf(conditionsOf(within(zone, filter.not), nowMs)) });
  return conditions;
}

/** A filter inside another means its days in the zone of the outer one, unless it names its own. */
const within = (zone: string, filter: OrderFilterInput): OrderFilterInput => ({
  ...filter,
  timeZone: filter.timeZone ?? zone,
});

/** One condition that holds when all do: not (not a or not b). */
function allOf(conditions: readonly OrderCondition[]): OrderCondition {
  const [only] = conditions;
  if (conditions.length === 1) return only!;
  return {
    op: 'not',
    condition: { op: 'anyOf', conditions: conditions.map((condition) => ({ op: 'not', condition })) },
  };
}

function valueConditions(field: OrderField, filter: Maybe<ValueFilter>): OrderCondition[] {
  if (filter == null) return [];
  const conditions: OrderCondition[] = [];
  const stored = (values: readonly Scalar[]) => values.map((value) => storedValue(field, value));
  if (filter.eq != null) conditions.push({ op: 'in', field, values: stored([filter.eq]) });
  if (filter.in != null) conditions.push({ op: 'in', field, values: stored(filter.in) });
  if (filter.not != null) conditions.push({ op: 'not', condition: { op: 'in', field, values: stored(filter.not) } });
  if (filter.like != null) conditions.push({ op: 'like', field, pattern: filter.like });
  if (filter.contains != null) conditions.push({ op: 'contains', field, text: filter.contains });
  const { gte, gt, lte, lt } = filter;
  if (gte != null || gt != null || lte != null || lt != null) {
    conditions.push({
      op: 'range',
      field,
      ...(gte == null ? {} : { gte }),
      ...(gt == null ? {} : { gt }),
      ...(lte == null ? {} : { lte }),
      ...(lt == null ? {} : { lt }),
    });
  }
  if (filter.isNull != null) conditions.push({ op: 'isNull', field, isNull: filter.isNull });
  return conditions;
}

function statusConditions(filter: Maybe<ValueFilter>): OrderCondition[] {
  const conditions: OrderCondition[] = [];
  if (filter?.in != null) conditions.push(statusIn(filter.in));
  if (filter?.not != null) conditions.push({ op: 'not', condition: statusIn(filter.not) });
  return conditions;
}

/** `other` is every status outside the vocabulary, as answers show it. */
function statusIn(values: readonly Scalar[]): OrderCondition {
  const named: OrderCondition = { op: 'in', field: 'status', values: values.filter((value) => value !== 'other') };
  if (named.values.length === values.length) return named;
  const isKnown: OrderCondition = { op: 'in', field: 'status', values: [...knownStatuses] };
  const isMissing: OrderCondition = { op: 'isNull', field: 'status', isNull: true };
  const isOther: OrderCondition = { op: 'not', condition: { op: 'anyOf', conditions: [isKnown, isMissing] } };
  return named.values.length === 0 ? isOther : { op: 'anyOf', conditions: [named, isOther] };
}

/** A filter value in the form the field is stored in: ids are numbers, serial numbers and thumbprints upper case. */
function storedValue(field: OrderField, value: Scalar): Scalar {
  if (factsOf(field).kind === 'integer') {
    const number = Number(value);
    if (!Number.isSafeInteger(number) || String(value).trim() === '')
      throw new BadUserInput(`"${String(value).slice(0, 40)}" is no number that ${field} could have.`);
    return number;
  }
  return upperCaseFields.has(field) ? String(value).toUpperCase() : value;
}

export interface OrderByInput {
  readonly field: OrderField;
  readonly direction: 'ASC' | 'DESC';
}

export function sortOf(orderBy: Maybe<readonly OrderByInput[]>): readonly OrderSort[] {
  return (orderBy ?? []).map(({ field, direction }) => ({ field, direction: direction === 'DESC' ? 'desc' : 'asc' }));
}
