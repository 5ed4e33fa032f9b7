import { hash } from 'node:crypto';
import {
  factsOf,
  fieldsFrom,
  groupOfField,
  perGroup,
  type FieldGroup,
  type Order,
  type OrderField,
} from '@certfolio/core';

/** Fields of the order report, without the id. */
export const reportFields: readonly OrderField[] = without('id', fieldsFrom('report'));

/** Fields that belong to each group and to nothing that costs fewer calls, without the id. */
export const ownFields: Readonly<Record<FieldGroup, readonly OrderField[]>> = perGroup((group) =>
  without(
    'id',
    [...groupOfField].filter(([, its]) => its === group).map(([field]) => field),
  ),
);

/** Fields of the list, without the id. */
export const listFields: readonly OrderField[] = without('id', fieldsFrom('list'));

/** Fields of order info, without the id. */
export const infoFields: readonly OrderField[] = without('id', fieldsFrom('info'));

/** Documents are kept beside the rows (`store-documents.postgres.ts`): no change is told by them. */
function without(field: OrderField, fields: Iterable<OrderField>): readonly OrderField[] {
  return [...fields].filter((one) => one !== field && factsOf(one).kind !== 'document').sort();
}

/** Bytes of each half of a fingerprint. */
const half = 16;

/**
 * What tells an unchanged row without reading it: a half for the fields of the report and a half for those that only Custom
 * Reports has, since the second is not always to be had.
 */
export interface Fingerprint {
  readonly report: Buffer;
  /** Null when Custom Reports was not read. */
  readonly custom: Buffer | null;
}

export function fingerprintOf(order: Order, withCustom: boolean): Fingerprint {
  return {
    report: halfHash(reportFields.map((field) => order[field] ?? null)),
    custom: withCustom ? halfHash(ownFields.custom.map((field) => order[field] ?? null)) : null,
  };
}

/** Whether a row with this stored fingerprint has these values already. */
export function isSame(stored: Buffer | null, { report, custom }: Fingerprint): boolean {
  if (stored === null || !stored.subarray(0, half).equals(report)) return false;
  return custom === null || stored.subarray(half).equals(custom);
}

/** The fingerprint to store; what Custom Reports has is as it was when that was not read. */
export function storedFingerprint(before: Buffer | null, { report, custom }: Fingerprint): Buffer {
  return Buffer.concat([report, custom ?? before?.subarray(half) ?? Buffer.alloc(half)]);
}

/** Whether the row's fields of Custom Reports were ever read by a comparison; a part that was written otherwise is as good. */
export function hasCustomHalf(stored: Buffer | null): boolean {
  return stored === null || stored.subarray(half).some((byte) => byte !== 0);
}

function halfHash(values: readonly unknown[]): Buffer {
  return hash('sha256', JSON.stringify(values), 'buffer').subarray(0, half);
}
