import type { AccountListItems, AccountListName, ListMirror } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { storableJson } from './storable.ts';
import { inTransaction } from './store.postgres.ts';

interface KeptList {
  readonly items: readonly unknown[];
  readonly asOfMs: number;
}

/** Items that are sent at a time: the requests of 100,000 orders are 60 MB of JSON, which this process never has as one text. */
const pieceItems = 2_000;

/**
 * Whole lists in `mirror_lists`. A list is parsed once per reading and then kept in this process, a few megabytes in all; a `find`
 * asks the database only whether there is a younger one.
 */
export function createListMirror(pool: Pool, upstreamId: number): ListMirror {
  const kept = new Map<AccountListName, KeptList>();

  async function asOf(list: AccountListName): Promise<number | null> {
    const { rows } = await pool.query<{ as_of: Date }>(
      'select as_of from mirror_lists where upstream_id = $1 and name = $2',
      [upstreamId, list],
    );
    return rows[0]?.as_of.getTime() ?? null;
  }

  async function read(list: AccountListName): Promise<KeptList | null> {
    const asOfMs = await asOf(list);
    if (asOfMs === null) return null;
    const known = kept.get(list);
    if (known?.asOfMs === asOfMs) return known;
    // A row for each item, so that they are parsed as they arrive. One without an item says that the list is empty.
    const { rows } = await pool.query<[Date, unknown]>({
      text: `select as_of, item from mirror_lists left join lateral jsonb_array_elements(items) as item on true
             where upstream_id = $1 and name = $2`,
      values: [upstreamId, list],
      rowMode: 'array',
    });
    if (rows[0] === undefined) return null;
    const items = rows.flatMap(([, item]) => item ?? []);
    const found = { items, asOfMs: rows[0][0].getTime() };
    kept.set(list, found);
    return found;
  }

  return {
    asOfMs: asOf,

    async find<L extends AccountListName>(list: L) {
      return (await read(list)) as { items: readonly AccountListItems[L][]; asOfMs: number } | null;
    },

    /** An older reading that ends later replaces nothing. */
    async keep(list, items, asOfMs) {
      const client = await pool.connect();
      try {
        await inTransaction(client, async () => {
          await client.query('insert into mirrors (upstream_id) values ($1) on conflict do nothing', [upstreamId]);
          await client.query('create temporary table list_pieces (piece integer, items jsonb) on commit drop');
          for (let from = 0; from < items.length; from += pieceItems) {
            await client.query('insert into list_pieces values ($1, $2)', [
              from,
              storableJson(items.slice(from, from + pieceItems)),
            ]);
          }
          await client.query(
            `insert into mirror_lists (upstream_id, name, items, as_of)
             select $1, $2, coalesce(jsonb_agg(item order by piece, place), '[]'), $3
             from list_pieces, jsonb_array_elements(items) with ordinality as of_piece (item, place)
             on conflict (upstream_id, name) do update set items = excluded.items, as_of = excluded.as_of
             where mirror_lists.as_of < excluded.as_of`,
            [upstreamId, list, new Date(asOfMs)],
          );
        });
        client.release();
      } catch (error) {
        client.release(error instanceof Error ? error : true);
        throw error;
      }
    },
  };
}
