import type { AccountListItems, AccountListName, ListMirror } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { storableJson } from './storable.ts';

interface KeptList {
  readonly items: readonly unknown[];
  readonly asOfMs: number;
}

/**
 * Whole lists in `mirror_lists`. A list is parsed once per reading and then kept in this process, a few megabytes in all; a `find`
 * asks the database only whether there is a younger one.
 */
export function createListMirror(pool: Pool, upstreamId: number): ListMirror {
  const kept = new Map<AccountListName, KeptList>();

  async function read(list: AccountListName): Promise<KeptList | null> {
    const known = kept.get(list);
    const { rows } = await pool.query<{ as_of: Date; items: readonly unknown[] | null }>(
      `select as_of, case when as_of is distinct from $3 then items end as items
       from mirror_lists where upstream_id = $1 and name = $2`,
      [upstreamId, list, known === undefined ? null : new Date(known.asOfMs)],
    );
    const [row] = rows;
    if (row === undefined) return null;
    if (row.items === null) return known!;
    const found = { items: row.items, asOfMs: row.as_of.getTime() };
    kept.set(list, found);
    return found;
  }

  return {
    async find<L extends AccountListName>(list: L) {
      return (await read(list)) as { items: readonly AccountListItems[L][]; asOfMs: number } | null;
    },

    /** An older reading that ends later replaces nothing. */
    async keep(list, items, asOfMs) {
      await pool.query(
        `with mirror as (insert into mirrors (upstream_id) values ($1) on conflict do nothing)
         insert into mirror_lists (upstream_id, name, items, as_of) values ($1, $2, $3, $4)
         on conflict (upstream_id, name) do update set items = excluded.items, as_of = excluded.as_of
         where mirror_lists.as_of < excluded.as_of`,
        [upstreamId, list, storableJson(items), new Date(asOfMs)],
      );
    },
  };
}
