import { derivedFrom, factsOf, publicKeyOf, type Order, type OrderField } from '@certfolio/core';
import { requiredId } from './required.ts';
import {
  converterOf,
  otherNames,
  toEmails,
  toLowerText,
  toReference,
  toUnits,
  toUpperText,
  type Convert,
} from './values.ts';

/** Converts one row of texts, as both of CertCentral's reports give them. `valueAt` answers by position in `columnsFor(fields)`. */
export type RowConverter = (valueAt: (index: number) => unknown) => Order;

/** The columns that have to be there for the fields: a derived field needs the one it is read out of. */
export function columnsFor(fields: Iterable<OrderField>): readonly OrderField[] {
  return [...new Set([...fields].map((field) => derivedFrom.get(field) ?? field))];
}

/** Compiled once per report: what each column is called and how it is read is decided before the first row. */
export function rowConverter(wanted: Iterable<OrderField>, reportZone: string): RowConverter {
  const asked = new Set(wanted);
  const fields = columnsFor(asked);
  const columns = fields.map((field, index) => ({
    field,
    index,
    name: columnName(field),
    convert: converterFor(field, reportZone),
  }));
  const idIndex = fields.indexOf('id');
  if (idIndex < 0) throw new TypeError('A report row needs its id.');
  const rest = columns.filter(({ field }) => field !== 'id');
  // Copying an order of nulls and filling it is a fifth faster than adding its fields one by one.
  const blank: Record<string, unknown> = Object.fromEntries([['id', null], ...rest.map(({ field }) => [field, null])]);
  const keyFields = (['keyAlgorithm', 'keySize'] as const).filter((field) => asked.has(field));
  for (const field of keyFields) blank[field] = null;
  const hidesCsr = keyFields.length > 0 && !asked.has('csr');
  const mayRepeatCommonName = fields.includes('dnsNames') && fields.includes('commonName');

  return (valueAt) => {
    const order: Record<string, unknown> = { ...blank, id: requiredId(valueAt(idIndex), columns[idIndex]!.name) };
    for (const { field, index, name, convert } of rest) order[field] = convert(valueAt(index), name);
    if (mayRepeatCommonName)
      order['dnsNames'] = otherNames(order['dnsNames'] as string[] | null, order['commonName'] as string | null);
    if (keyFields.length > 0) {
      const key = order['csr'] === null ? null : publicKeyOf(order['csr'] as string);
      for (const field of keyFields) order[field] = key?.[field === 'keySize' ? 'size' : 'algorithm'] ?? null;
      if (hidesCsr) delete order['csr'];
    }
    return order as unknown as Order;
  };
}

/** The column of the order report, which is the field of Custom Reports but for the id. */
export function columnName(field: OrderField): string {
  if (field === 'id') return 'order_id';
  const name = factsOf(field).customName;
  if (name === null) throw new TypeError(`"${field}" is in no report of CertCentral.`);
  return name;
}

function converterFor(field: OrderField, reportZone: string): Convert<unknown> {
  switch (field) {
    case 'serialNumber':
    case 'thumbprint':
      return toUpperText;
    case 'organizationCountry':
      return toLowerText;
    case 'renewedOrderId':
      return toReference;
    case 'userAssignments':
      return toEmails;
    case 'organizationUnit':
      return toUnits;
    default:
      return converterOf(factsOf(field).kind, reportZone);
  }
}
