import {
  BadUserInput,
  factsOf,
  type OrderCondition,
  type OrderField,
  type OrderSort,
  type Scalar,
  type ValueRange,
} from '@certfolio/core';
import { dateConditions, type DateBounds } from '@certfolio/graph-kit';
import type { FilterLookups } from './filter-lookups.ts';

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
  /** Numbers, or amounts as text. */
  readonly gte?: Maybe<number | string>;
  readonly gt?: Maybe<number | string>;
  readonly lte?: Maybe<number | string>;
  readonly lt?: Maybe<number | string>;
  readonly isNull?: Maybe<boolean>;
}

const valueFields = [
  'id', 'commonName', 'serialNumber', 'thumbprint', 'certificateId', 'signatureHash', 'keyAlgorithm', 'keySize', 'caCertId', 'issuingCa',
  'validityYears', 'containerId', 'containerName', 'organizationId', 'organizationName', 'organizationCity', 'organizationState',
  'organizationCountry', 'organizationUnit', 'productNameId', 'productName', 'productType', 'userId', 'userEmail', 'userFirstName',
  'userLastName', 'email', 'contactsEmail', 'additionalEmails', 'userAssignments', 'techEmail', 'techFirstName', 'techLastName',
  'dcvMethod', 'payType', 'locale', 'customerOrderId', 'cost',
] as const satisfies readonly OrderField[]; // prettier-ignore
const flagFields = [
  'isRenewed',
  'autoRenew',
  'hasDuplicates',
  'hasReissues',
  'disableRenewalNotifications',
  'disableIssuanceEmail',
  'isOutOfContract',
] as const satisfies readonly OrderField[];
const dateFields = [
  'validTill',
  'validFrom',
  'orderValidTill',
  'dateCreated',
  'dateIssued',
] as const satisfies readonly OrderField[];

type Members<Names extends string, Value> = { readonly [Name in Names]?: Maybe<Value> };

/** `OrderFilter` of the schema as GraphQL hands it over. */
export type OrderFilterInput = Members<(typeof valueFields)[number] | 'status' | 'dnsName' | 'names', ValueFilter> &
  Members<(typeof flagFields)[number] | 'isWildcard' | 'excludeRenewed' | 'userIsActive', boolean> &
  Members<(typeof dateFields)[number], DateBounds> &
  Members<'coversName' | 'underDomain' | 'search' | 'revokedSince' | 'timeZone', string> & {
    readonly weakKey?: Maybe<{ readonly minRsaBits: number; readonly minEcBits: number }>;
    readonly validityDays?: Maybe<Pick<ValueFilter, 'gte' | 'gt' | 'lte' | 'lt'>>;
    readonly customField?: Maybe<readonly CustomFieldFilter[]>;
    readonly anyOf?: Maybe<readonly OrderFilterInput[]>;
    readonly not?: Maybe<OrderFilterInput>;
  };

interface CustomFieldFilter {
  readonly label: string;
  readonly value?: Maybe<ValueFilter>;
}

const upperCaseFields = new Set<OrderField>(['serialNumber', 'thumbprint']);

/**
 * Turns a filter into conditions; relative dates are resolved now.
 *
 * @param lookups what `lookUpFor` the same filter found
 * @throws BadUserInput naming the member that cannot be used
 */
export function conditionsOf(
  filter: Maybe<OrderFilterInput>,
  nowMs: number,
  lookups: FilterLookups = noLookups,
  defaultZone = 'UTC',
): readonly OrderCondition[] {
  if (filter == null) return [];
  const zone = filter.timeZone ?? defaultZone;
  const conditions: OrderCondition[] = [];
  for (const field of valueFields) conditions.push(...valueConditions(field, filter[field]));
  conditions.push(...statusConditions(filter.status));
  conditions.push(...valueConditions('dnsNames', filter.dnsName));
  conditions.push(...nameConditions(filter.names));
  for (const one of filter.customField ?? []) conditions.push(...customFieldConditions(one));
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
  const days = rangeOf(filter.validityDays);
  if (days !== null) conditions.push({ op: 'validityDays', ...(days as ValueRange<number>) });
  if (filter.weakKey != null) conditions.push({ op: 'weakKey', ...filter.weakKey });
  if (filter.underDomain != null) conditions.push(underDomain(filter.underDomain));
  if (filter.revokedSince != null) conditions.push(...lookups.revokedSince(filter.revokedSince, zone));
  if (filter.userIsActive != null) conditions.push(...lookups.userIsActive(filter.userIsActive));
  if (filter.coversName != null) conditions.push({ op: 'coversName', name: filter.coversName });
  if (filter.isWildcard != null) conditions.push({ op: 'isWildcard', isWildcard: filter.isWildcard });
  if (filter.search != null) conditions.push({ op: 'search', text: filter.search });
  if (filter.anyOf != null) {
    const alternatives = filter.anyOf.map((one) => allOf(conditionsOf(within(zone, one), nowMs, lookups)));
    conditions.push({ op: 'anyOf', conditions: alternatives });
  }
  if (filter.not != null)
    conditions.push({ op: 'not', condition: allOf(conditionsOf(within(zone, filter.not), nowMs, lookups)) });
  return conditions;
}

const notLookedUp = (): never => {
  throw new TypeError('The filter has a member that has to be looked up first.');
};
const noLookups: FilterLookups = { revokedSince: notLookedUp, userIsActive: notLookedUp };

/** @throws BadUserInput for a text with a character that no domain has, since `like` gives some of them a meaning */
function underDomain(domain: string): OrderCondition {
  const name = domain.replace(/^\*?\.|\.$/g, '');
  if (!/^[^\s%_*]{1,253}$/u.test(name))
    throw new BadUserInput(`"${domain.slice(0, 80)}" is no domain; underDomain takes one such as "example.com".`);
  const fields = ['commonName', 'dnsNames'] as const;
  return {
    op: 'anyOf',
    conditions: fields.flatMap((field) => [
      { op: 'like', field, pattern: name } as const,
      { op: 'like', field, pattern: `%.${name}` } as const,
    ]),
  };
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
  const range = rangeOf(filter);
  if (range !== null) conditions.push({ op: 'range', field, ...range });
  if (filter.isNull != null) conditions.push({ op: 'isNull', field, isNull: filter.isNull });
  return conditions;
}

/** The bounds that were given; null when there are none. */
function rangeOf(filter: Maybe<ValueFilter>): ValueRange<number | string> | null {
  const given = (['gte', 'gt', 'lte', 'lt'] as const).flatMap((bound) => {
    const value = filter?.[bound];
    return value == null ? [] : [[bound, value] as const];
  });
  return given.length === 0 ? null : Object.fromEntries(given);
}

/** A test on names holds when one of all names meets it, `not` when none does. */
function nameConditions(filter: Maybe<ValueFilter>): OrderCondition[] {
  if (filter == null) return [];
  const { not, isNull, ...tests } = filter;
  const anyName = (test: ValueFilter): OrderCondition => ({
    op: 'anyOf',
    conditions: (['commonName', 'dnsNames'] as const).flatMap((field) => valueConditions(field, test)),
  });
  const conditions = Object.entries(tests).flatMap(([name, value]) =>
    value == null ? [] : [anyName({ [name]: value })],
  );
  if (not != null) conditions.push({ op: 'not', condition: anyName({ in: not }) });
  if (isNull != null) {
    const hasNames = anyName({ isNull: false });
    conditions.push(isNull ? { op: 'not', condition: hasNames } : hasNames);
  }
  return conditions;
}

/** All tests but `not` and `isNull` are of one and the same value, since a label can stand on an order more than once. */
function customFieldConditions({ label, value }: CustomFieldFilter): OrderCondition[] {
  const { eq, not, like, contains, isNull } = value ?? {};
  const wanted = [eq == null ? null : [String(eq)], value?.in?.map(String) ?? null].filter((values) => values !== null);
  const conditions: OrderCondition[] = [];
  const has: OrderCondition = { op: 'customField', label };
  if (not != null) conditions.push({ op: 'not', condition: { ...has, in: not.map(String) } });
  if (isNull != null) conditions.push(isNull ? { op: 'not', condition: has } : has);
  if (wanted.length > 0 || like != null || contains != null || conditions.length === 0) {
    conditions.push({
      ...has,
      ...(wanted.length === 0 ? {} : { in: wanted.reduce((all, some) => all.filter((one) => some.includes(one))) }),
      ...(like == null ? {} : { like }),
      ...(contains == null ? {} : { contains }),
    });
  }
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
