import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { OrderCondition, OrderField, ReadScope, Scalar } from '@certfolio/core';
import { namesThatCover } from '@certfolio/reading';
import type { LetterCase } from './letter-case.ts';
import { columnOf, type OrderColumn } from './order-columns.ts';
import { sqlOfDay } from './sql-days.ts';
import { storableText } from './storable.ts';

export type SqlCondition = RawBuilder<SqlBool>;

/** Rows that there are for a reader: orders of the account that CertCentral still lists, of the divisions of the scope. */
export function visibleOrders(upstreamId: number, scope: ReadScope): SqlCondition {
  return sql`${knownOrders(upstreamId, scope)} and vanished_at is null`;
}

/** The same, with those that CertCentral lists no more. */
export function knownOrders(upstreamId: number, scope: ReadScope): SqlCondition {
  const known = sql<SqlBool>`upstream_id = ${upstreamId}`;
  if (scope.containers === 'all') return known;
  return sql`${known} and container_id = any(${[...scope.containers]}::bigint[])`;
}

/**
 * Conditions on `mirror_orders` with the meaning that `OrderCondition` gives them. Null counts as false wherever they stand:
 * only `not` has to tell the two apart.
 *
 * @param letterCase null when no condition `comparesLetters`
 */
export function sqlOfConditions(conditions: readonly OrderCondition[], letterCase: LetterCase | null): SqlCondition {
  return allOf(conditions.map((condition) => sqlOf(condition, letterCase)));
}

/** Whether a condition ignores case. */
export function comparesLetters(condition: OrderCondition): boolean {
  switch (condition.op) {
    case 'like':
    case 'contains':
    case 'search':
    case 'customField':
      return true;
    case 'not':
      return comparesLetters(condition.condition);
    case 'anyOf':
      return condition.conditions.some(comparesLetters);
    default:
      return false;
  }
}

export function allOf(conditions: readonly SqlCondition[]): SqlCondition {
  if (conditions.length === 0) return sql`true`;
  return sql`(${sql.join(conditions, sql` and `)})`;
}

export function anyOf(conditions: readonly SqlCondition[]): SqlCondition {
  if (conditions.length === 0) return sql`false`;
  return sql`(${sql.join(conditions, sql` or `)})`;
}

function sqlOf(condition: OrderCondition, letterCase: LetterCase | null): SqlCondition {
  switch (condition.op) {
    case 'in':
      return isIn(columnOf(condition.field), condition.values);
    case 'range':
      return isWithin(columnOf(condition.field), condition);
    case 'like':
      return someText(condition.field, letterCase, matching(condition.pattern));
    case 'contains':
      return someText(condition.field, letterCase, containing(condition.text));
    case 'isNull': {
      const { isNull } = condition;
      const isMissing = missing(columnOf(condition.field));
      return isNull ? isMissing : sql`not ${isMissing}`;
    }
    case 'coversName':
      return sql`names && ${namesThatCover(storableText(condition.name))}::text[]`;
    case 'isWildcard':
      return condition.isWildcard ? sql`cardinality(wildcard_names) > 0` : sql`cardinality(wildcard_names) = 0`;
    case 'search': {
      const contains = containing(condition.text);
      return anyOf([someText('commonName', letterCase, contains), someText('email', letterCase, contains)]);
    }
    case 'customField':
      return someCustomField(condition, letterCase);
    case 'validityDays': {
      const days = sql`${sqlOfDay('valid_till')} - ${sqlOfDay('valid_from')}`;
      const bounds = operators.flatMap(([name, operator]) =>
        condition[name] === undefined ? [] : [sql<SqlBool>`${days} ${operator} ${condition[name]}::double precision`],
      );
      return allOf([sql`valid_till is not null`, sql`valid_from is not null`, ...bounds]);
    }
    case 'weakKey':
      // Size and algorithm of an order with a request are those of the request.
      return sql`(csr is not null and key_size < case when key_algorithm in ('RSA', 'DSA') then ${condition.minRsaBits}::bigint
        when key_algorithm = 'ECDSA' then ${condition.minEcBits}::bigint end)`;
    case 'not':
      return sql`(${sqlOf(condition.condition, letterCase)} is not true)`;
    case 'anyOf':
      return anyOf(condition.conditions.map((one) => sqlOf(one, letterCase)));
  }
}

/** Values of another type than the field's equal none. */
function isIn(column: OrderColumn, values: readonly Scalar[]): SqlCondition {
  const name = sql.ref(column.name);
  const texts = () => values.filter((value) => typeof value === 'string').map(storableText);
  switch (column.kind) {
    case 'integer':
      return sql`${name} = any(${values.filter(Number.isSafeInteger)}::bigint[])`;
    case 'flag':
      return sql`${name} = any(${values.filter((value) => typeof value === 'boolean')}::boolean[])`;
    case 'decimal':
      return sql`${name}::text = any(${texts()}::text[])`;
    case 'texts':
      return sql`${name} && ${texts()}::text[]`;
    case 'customFields':
      return sql`false`;
    default:
      return sql`${name} = any(${texts()}::text[])`;
  }
}

const operators = [
  ['gte', sql.raw('>=')],
  ['gt', sql.raw('>')],
  ['lte', sql.raw('<=')],
  ['lt', sql.raw('<')],
] as const;

function isWithin(column: OrderColumn, range: Extract<OrderCondition, { op: 'range' }>): SqlCondition {
  const bounds = operators.flatMap(([name, operator]) => {
    const bound = range[name];
    if (bound === undefined) return [];
    const comparable = boundOf(column, bound);
    return [
      comparable === null ? sql<SqlBool>`false` : sql<SqlBool>`${sql.ref(column.name)} ${operator} ${comparable}`,
    ];
  });
  if (column.kind === 'flag' || column.kind === 'texts' || column.kind === 'customFields') return sql`false`;
  return bounds.length === 0 ? sql`${sql.ref(column.name)} is not null` : allOf(bounds);
}

/** The bound as a value that the column is compared with; null when nothing compares with it. */
function boundOf({ kind }: OrderColumn, bound: string | number): RawBuilder<unknown> | null {
  if (kind === 'integer') {
    if (typeof bound !== 'number' || Number.isNaN(bound)) return null;
    return Number.isSafeInteger(bound) ? sql`${bound}::bigint` : sql`${bound}::double precision`;
  }
  if (kind === 'decimal') return isDecimal(bound) ? sql`${String(bound)}::numeric` : null;
  return typeof bound === 'string' ? sql`${storableText(bound)}` : null;
}

/** A plain number in decimal notation, as amounts are written. */
export function isDecimal(value: unknown): boolean {
  return /^-?\d+(\.\d+)?$/.test(String(value));
}

function missing({ kind, name }: OrderColumn): SqlCondition {
  const column = sql.ref(name);
  if (kind === 'texts') return sql`(${column} is null or cardinality(${column}) = 0)`;
  if (kind === 'customFields') return sql`(${column} is null or jsonb_array_length(${column}) = 0)`;
  return sql`(${column} is null)`;
}

const containing = (needle: string) => (text: RawBuilder<string>) =>
  sql<SqlBool>`strpos(${text}, ${storableText(needle).toLowerCase()}) > 0`;

/** Without an escape character: a backslash is a character like any other. */
const matching = (pattern: string) => (text: RawBuilder<string>) =>
  sql<SqlBool>`${text} like ${storableText(pattern).toLowerCase()} escape ''`;

function someCustomField(
  condition: Extract<OrderCondition, { op: 'customField' }>,
  letterCase: LetterCase | null,
): SqlCondition {
  const lower = (text: RawBuilder<unknown>) => letterCase!.lower(text);
  const value = lower(sql`value`);
  const tests: SqlCondition[] = [sql`${lower(sql`label`)} = ${storableText(condition.label).toLowerCase()}`];
  if (condition.in !== undefined) tests.push(sql`value = any(${condition.in.map(storableText)}::text[])`);
  if (condition.like !== undefined) tests.push(matching(condition.like)(value));
  if (condition.contains !== undefined) tests.push(containing(condition.contains)(value));
  return sql`exists (
    select from jsonb_array_elements(custom_fields) as list (raw),
      lateral (select (raw ->> 'label') collate "C" as label, (raw ->> 'value') collate "C" as value) as entries
    where ${allOf(tests)})`;
}

/** Holds when the value as text, or one of the entries of a list, does so in lower case. */
function someText(
  field: OrderField,
  letterCase: LetterCase | null,
  holds: (text: RawBuilder<string>) => SqlCondition,
): SqlCondition {
  const { kind, name } = columnOf(field);
  const column = sql.ref(name);
  const lower = (text: RawBuilder<unknown>) => letterCase!.lower(text);
  const entry = lower(sql`entry`);
  switch (kind) {
    case 'texts':
      return sql`exists (select from unnest(${column}) as list (raw), lateral (select raw collate "C" as entry) as entries where ${holds(entry)})`;
    case 'customFields':
      return sql`exists (select from jsonb_array_elements(${column}) as list (raw), lateral (select (raw ->> 'value') collate "C" as entry) as entries where ${holds(entry)})`;
    case 'integer':
    case 'flag':
    case 'decimal':
      return holds(sql`${column}::text`);
    default:
      return holds(lower(column));
  }
}
