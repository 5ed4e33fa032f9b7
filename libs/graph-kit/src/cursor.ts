import { BadUserInput, type OrderPosition, type OrderSort } from '@certfolio/core';

/** A cursor is the position and the sort it belongs to; it means nothing to anybody else and promises nothing. */
export function encodeCursor(position: OrderPosition, sort: readonly OrderSort[]): string {
  return Buffer.from(
    JSON.stringify([sortKey(sort), position.sortValues, position.id, position.listOffset ?? null]),
  ).toString('base64url');
}

/** @throws BadUserInput for text that is no cursor of ours, or one of another sort */
export function decodeCursor(cursor: string, sort: readonly OrderSort[]): OrderPosition {
  const parsed = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!Array.isArray(parsed) || parsed.length !== 4) throw notACursor();
  const [key, sortValues, id, listOffset] = parsed as unknown[];
  if (key !== sortKey(sort))
    throw new BadUserInput('The cursor in "after" belongs to another "orderBy"; start again without it.');
  const isPosition =
    Array.isArray(sortValues) &&
    sortValues.length === sort.length &&
    sortValues.every((value) => value === null || ['string', 'number', 'boolean'].includes(typeof value)) &&
    Number.isSafeInteger(id) &&
    (listOffset === null || (Number.isSafeInteger(listOffset) && Number(listOffset) >= 0));
  if (!isPosition) throw notACursor();
  return { sortValues, id: id as number, ...(listOffset === null ? {} : { listOffset: listOffset as number }) };
}

const sortKey = (sort: readonly OrderSort[]) => sort.map(({ field, direction }) => `${field} ${direction}`).join();
const notACursor = () =>
  new BadUserInput('The value of "after" is no cursor of this connection; use "endCursor" or an edge\'s "cursor".');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
