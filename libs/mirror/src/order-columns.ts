import { orderFields, type FieldKind, type Order, type OrderField } from '@certfolio/core';
import { storableJson, storableText } from './storable.ts';

/** What pg takes as a parameter for a column. */
export type SqlValue = number | boolean | string | readonly string[] | null;

/** How a field of an order is kept in `mirror_orders`. */
export interface OrderColumn {
  readonly field: OrderField;
  readonly kind: FieldKind;
  /** Snake case of the field; safe as an identifier without quotes. */
  readonly name: string;
  /** For casts: `$1::bigint`, `x text[]`. */
  readonly sqlType: 'bigint' | 'boolean' | 'numeric' | 'text' | 'text[]' | 'jsonb';
  /** Value of the field to parameter; undefined counts as missing. JSON goes as text. */
  readonly encode: (value: unknown) => SqlValue;
  /** What pg gives for the column to the value of the field, null when it has none. */
  readonly decode: (stored: unknown) => unknown;
}

const sqlTypes: Readonly<Record<FieldKind, OrderColumn['sqlType']>> = {
  integer: 'bigint',
  flag: 'boolean',
  decimal: 'numeric',
  text: 'text',
  date: 'text',
  timestamp: 'text',
  texts: 'text[]',
  customFields: 'jsonb',
  document: 'text',
};

const encoders: Readonly<Record<FieldKind, (value: NonNullable<unknown>) => SqlValue>> = {
  integer: (value) => value as number,
  flag: (value) => value as boolean,
  decimal: (value) => value as string,
  text: (value) => storableText(value as string),
  date: (value) => storableText(value as string),
  timestamp: (value) => storableText(value as string),
  texts: (value) => (value as readonly string[]).map(storableText),
  customFields: storableJson,
  document: (value) => storableText(value as string),
};

/**
 * Every field's column, in the order of the fields; documents have one in a table of their own. Nothing is lost on the way but what `storableText` says; the pool of
 * `@certfolio/database` gives bigint as number and numeric as text, so values are read as they were written.
 */
export const orderColumns: ReadonlyMap<OrderField, OrderColumn> = new Map(
  [...orderFields].map(([field, { kind }]): [OrderField, OrderColumn] => [
    field,
    {
      field,
      kind,
      name: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      sqlType: sqlTypes[kind],
      encode: (value) => (value == null ? null : encoders[kind](value)),
      decode: (stored) => stored ?? null,
    },
  ]),
);

/** The readings whose documents are kept, by the field of the document. */
export const documentSources: ReadonlyMap<OrderField, 'list' | 'info'> = new Map([
  ['restListItem', 'list'],
  ['restOrderInfo', 'info'],
]);

/** @throws TypeError for a name that is no field: a fault of ours, since callers pass parsed names */
export function columnOf(field: OrderField): OrderColumn {
  const column = orderColumns.get(field);
  if (column === undefined) throw new TypeError(`"${field}" is no field of an order.`);
  return column;
}

/**
 * What the columns `names` and `wildcard_names` hold: common name and other names in lower case (JavaScript's), each once,
 * as far as they were read.
 */
export function namesOfOrder(order: Pick<Order, 'commonName' | 'dnsNames'>): {
  readonly names: readonly string[];
  readonly wildcardNames: readonly string[];
} {
  const { commonName, dnsNames } = order;
  const all = commonName == null ? (dnsNames ?? []) : [commonName, ...(dnsNames ?? [])];
  const names = [...new Set(all.map((name) => storableText(name).toLowerCase()))];
  return { names, wildcardNames: names.filter((name) => name.startsWith('*.')) };
}
