import { csv, json, type Answer } from './answer.ts';
import { type Call } from './call.ts';
import { itemsAsCsv } from './csv.ts';
import { parsePage } from './query.ts';

/** Most lists: at most 1,000 rows, which is also what comes without a limit. */
const MAXIMUM_ROWS = 1_000;

export type EmptyLists = 'keep' | 'omit';

/**
 * One page of selected items with `page{total, limit, offset}`.
 *
 * @param emptyLists whether an empty list keeps its key; the vendor's pages do not say
 */
export function pagedList<T>(
  key: string,
  selected: readonly T[],
  render: (item: T) => unknown,
  call: Call,
  emptyLists: EmptyLists,
): Answer {
  const { limit, offset } = parsePage(call.query, MAXIMUM_ROWS, MAXIMUM_ROWS);
  const items = selected.slice(offset, offset + limit).map(render);
  if (call.wantsCsv) return csv(itemsAsCsv(items));
  const page = { total: selected.length, limit, offset };
  const isLeftOut = items.length === 0 && emptyLists === 'omit';
  return json({ ...(!isLeftOut && { [key]: items }), page });
}
