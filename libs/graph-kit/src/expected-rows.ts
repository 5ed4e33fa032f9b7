import type { ObjectsBelow, RequestContext } from '@certfolio/core';
import type { SelectionInfo } from './selection.ts';

/** Objects that a row holds in a field, by `Type.field`. */
export type ObjectsOf<Row> = Readonly<Record<string, (row: Row) => number>>;

/** Of something that a row has or has not. */
export const oneIf = (isThere: boolean): number => (isThere ? 1 : 0);

/** Tells a request that only plans what a root field would hold; null rows where nobody can tell without reading. */
export function noteExpected(
  { fieldNodes }: Pick<SelectionInfo, 'fieldNodes'>,
  { planOnly, ledger }: RequestContext,
  rows: number | null,
  below: readonly ObjectsBelow[] = [],
): void {
  const [node] = fieldNodes;
  if (planOnly && node !== undefined) ledger.expectsRows(node.alias?.value ?? node.name.value, rows, below);
}

/**
 * Notes the rows of a root field, and what they hold, before it gives them.
 *
 * @param from names of what the rows were read from, as `ReadLedger.leftUnread` knows them
 */
export function counted<Row>(
  rows: readonly Row[],
  from: string,
  info: Pick<SelectionInfo, 'fieldNodes'>,
  context: RequestContext,
  objects: ObjectsOf<Row> = {},
): readonly Row[] {
  if (!context.planOnly) return rows;
  const isKnown = !context.ledger.isUnread(from);
  const ratioOf = (objectsOf: (row: Row) => number) => rows.reduce((sum, row) => sum + objectsOf(row), 0) / rows.length;
  const below = rows.length === 0 || !isKnown ? [] : Object.entries(objects);
  const ratios = below.map(([coordinate, objectsOf]) => ({ coordinate, ratio: ratioOf(objectsOf), isGuess: false }));
  noteExpected(info, context, isKnown ? rows.length : null, ratios);
  return rows;
}
