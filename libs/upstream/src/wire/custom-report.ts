import type { CustomReportRequest, Order, OrderField } from '@certfolio/core';
import { customFields, customName, unknownFields, witnessAlias } from '../custom-query.ts';
import { rowConverter } from './order-row.ts';
import { member } from './values.ts';
import { describe, within, WrongShape } from './wrong-shape.ts';

export type CustomReportAnswer =
  | { readonly kind: 'rows'; readonly orders: readonly Order[]; readonly witness: readonly Order[] | null }
  | { readonly kind: 'unknown-fields'; readonly fields: readonly OrderField[] }
  | { readonly kind: 'witness-refused' }
  | { readonly kind: 'errors'; readonly messages: readonly string[] };

type AskedFields = Pick<CustomReportRequest, 'fields' | 'witness'>;

/**
 * POST /reports/query. Rows beside an error are not taken: nobody says which are missing.
 *
 * @param asked the fields, as they were asked for
 * @throws WrongShape
 */
export function parseCustomReport(
  body: unknown,
  { fields, witness }: AskedFields,
  reportZone: string,
): CustomReportAnswer {
  const messages = errorMessages(body);
  if (messages !== null) {
    const unknown = unknownFields(messages);
    return unknown.length > 0 ? { kind: 'unknown-fields', fields: unknown } : { kind: 'errors', messages };
  }
  // A server that takes the second question for the first again answers under one name.
  if (witness !== undefined && answerOf(body, witnessAlias) === undefined) return { kind: 'witness-refused' };
  return {
    kind: 'rows',
    orders: rowsOf(body, 'order_details', fields, reportZone),
    witness: witness === undefined ? null : rowsOf(body, witnessAlias, witness.fields, reportZone),
  };
}

const answerOf = (body: unknown, name: string): unknown =>
  within('data', () => member(member(body, 'data', ''), name, ''));

function rowsOf(body: unknown, name: string, fields: readonly OrderField[], reportZone: string): readonly Order[] {
  const rows = answerOf(body, name);
  if (!Array.isArray(rows)) throw new WrongShape(`data.${name}`, `is ${describe(rows)}, not a list`);

  const names = customFields(fields).map(customName);
  const convert = rowConverter(new Set<OrderField>(['id', ...fields]), reportZone);
  return rows.map((row: unknown, index) =>
    within(`data.${name}[${index}]`, () => convert((place) => present(member(row, names[place]!, ''), names[place]!))),
  );
}

/** GraphQL gives every selected field, null where there is no value; a row without one is no answer to our query. */
function present(value: unknown, name: string): unknown {
  if (value === undefined) throw new WrongShape(name, 'is missing');
  return value;
}

/** Messages of the errors in a body; null when it has none. */
export function errorMessages(body: unknown): readonly string[] | null {
  if (typeof body !== 'object' || body === null || !('errors' in body)) return null;
  const errors: readonly unknown[] = Array.isArray(body.errors) ? body.errors : [body.errors];
  if (errors.length === 0 || errors[0] == null) return null;
  return errors.map((error) =>
    typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
      ? error.message
      : 'an error without a message',
  );
}
