import type { Pool } from '@certfolio/database';
import type { PoolClient } from 'pg';
import type { HistoryEntry } from './history-changes.ts';
import { storableJson } from './storable.ts';

export async function writeHistory(
  client: PoolClient,
  upstreamId: number,
  entries: readonly HistoryEntry[],
  seenAt: Date,
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => ({
    order_id: entry.orderId,
    change: entry.change,
    ...(entry.change === 'changed' ? { field: entry.field, before: entry.before, after: entry.after } : {}),
  }));
  await client.query(
    `insert into mirror_history (upstream_id, order_id, change, field, before, after, seen_at)
     select $1, order_id, change, field, before, after, $3
     from json_to_recordset($2::json) as entry(order_id bigint, change text, field text, before jsonb, after jsonb)`,
    [upstreamId, storableJson(rows), seenAt],
  );
}

/** Rows deleted by one statement, so that none takes long. */
const batchRows = 5_000;

/** Deletes what was seen before, and says how many rows that were. */
export async function deleteHistory(pool: Pool, upstreamId: number, before: Date): Promise<number> {
  for (let deleted = 0; ;) {
    const { rowCount } = await pool.query(
      `delete from mirror_history where id in (
         select id from mirror_history where upstream_id = $1 and seen_at < $2 order by seen_at limit ${batchRows}
       )`,
      [upstreamId, before],
    );
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < batchRows) return deleted;
  }
}
