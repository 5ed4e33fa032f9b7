import type { OrderField, OrderSort, PushedCondition } from '@certfolio/core';

/**
 * A second, narrow answer of Custom Reports that the list can count, and that tells which orders the first must have: all
 * that meet the conditions the list knows, with the fields that decide the others.
 */
export interface Witness {
  readonly where: readonly PushedCondition[];
  readonly fields: readonly OrderField[];
}

/**
 * The witness that an answer needs; null where the list counts the answer itself.
 *
 * @param sort of an answer that is cut, whose first rows must be the right ones; null where all rows are asked for
 */
export function witnessFor(where: readonly PushedCondition[], sort: OrderSort | null): Witness | null {
  const leftOut = where.filter((condition) => !meansTheSameToTheList(condition));
  if (leftOut.length === 0 && sort === null) return null;
  const fields = [...leftOut.map(({ field }) => field), ...(sort === null ? [] : [sort.field])];
  return {
    where: where.filter(meansTheSameToTheList),
    fields: [...new Set(['id' as const, ...fields.filter(isOrderField)])],
  };
}

const isOrderField = (field: PushedCondition['field']): field is OrderField =>
  field !== 'domainName' && field !== 'search';

/** `issued` does not: the list's filter also gives orders that have since expired. */
export function meansTheSameToTheList({ field, op, value }: PushedCondition): boolean {
  if (op !== 'eq') return false;
  if (field === 'status')
    return ['pending', 'rejected', 'revoked', 'waiting_pickup', 'reissue_pending', 'canceled'].includes(String(value));
  return (
    field === 'id' ||
    field === 'containerId' ||
    field === 'organizationId' ||
    field === 'productNameId' ||
    field === 'isRenewed'
  );
}

/** There is no second order of one id or one certificate, so an answer that has it has all. */
export function namesOneOrder({ field, op }: PushedCondition): boolean {
  return op === 'eq' && (field === 'id' || field === 'thumbprint' || field === 'serialNumber');
}
