import { BadUserInput } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import type { SeenOperation, SeenStore } from './seen-store.ts';

interface Row {
  readonly key_id: string;
  readonly hash: string;
  readonly operation_name: string | null;
  readonly text: string;
  readonly client_name: string | null;
  readonly runs: number;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
}

/** The order in which operations stay when there is no place for all. */
const bestFirst = 'runs desc, last_seen_at desc, hash';

export function createSeenStore(pool: Pool): SeenStore {
  return {
    async add(operations, dropped, limits) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        // One process at a time, so that limits hold and none waits for another's rows in another order.
        await client.query(`select pg_advisory_xact_lock(hashtext('certfolio seen operations'))`);
        await client.query(
          `insert into seen_operations
             (key_id, hash, operation_name, text, client_name, runs, first_seen_at, last_seen_at)
           select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::timestamptz[])
           on conflict (key_id, hash) do update set
             runs = seen_operations.runs + excluded.runs,
             client_name = coalesce(excluded.client_name, seen_operations.client_name),
             last_seen_at = greatest(seen_operations.last_seen_at, excluded.last_seen_at)`,
          [
            operations.map(({ keyId }) => keyId),
            operations.map(({ hash }) => hash),
            operations.map(({ operationName }) => operationName),
            operations.map(({ text }) => text),
            operations.map(({ clientName }) => clientName),
            operations.map(({ runs }) => runs),
            operations.map(({ firstSeenAt }) => firstSeenAt),
            operations.map(({ lastSeenAt }) => lastSeenAt),
          ],
        );
        const { rows } = await client.query<{ key_id: string; operations: number }>(
          `with placed as (
             select key_id, hash,
               row_number() over (partition by key_id order by ${bestFirst}) as place,
               sum(length(text)) over (order by ${bestFirst}, key_id) as chars
             from seen_operations
           ),
           gone as (
             delete from seen_operations using placed
             where seen_operations.key_id = placed.key_id and seen_operations.hash = placed.hash
               and (place > $1 or chars > $2)
             returning seen_operations.key_id
           )
           select key_id, count(*) as operations from gone group by key_id`,
          [limits.operationsPerKey, limits.totalChars],
        );
        const lost = new Map(dropped);
        for (const { key_id, operations: count } of rows) lost.set(key_id, (lost.get(key_id) ?? 0) + count);
        if (lost.size > 0)
          await client.query(
            `insert into seen_dropped (key_id, operations, last_dropped_at)
             select *, now() from unnest($1::text[], $2::bigint[])
             on conflict (key_id) do update set
               operations = seen_dropped.operations + excluded.operations, last_dropped_at = excluded.last_dropped_at`,
            [[...lost.keys()], [...lost.values()]],
          );
        await client.query('commit');
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    },

    async list(key, { first, after }) {
      const position = after === null ? null : positionOf(after);
      const { rows } = await pool.query<Row>(
        `select seen_operations.* from seen_operations
         where ($1::text is null or key_id = $1 or key_id in (select id from api_keys where name = $1))
           and ($2::bigint is null or (runs, key_id, hash) < ($2, $3, $4))
         order by runs desc, key_id desc, hash desc limit $5`,
        [key, position?.runs ?? null, position?.keyId ?? null, position?.hash ?? null, first + 1],
      );
      const operations = rows.slice(0, first).map(operationOf);
      const last = operations.at(-1);
      return { operations, next: rows.length > first && last !== undefined ? cursorOf(last) : null };
    },

    async find(hash) {
      const { rows } = await pool.query<Row>(
        'select * from seen_operations where hash = $1 order by runs desc, key_id limit 1',
        [hash],
      );
      return rows[0] === undefined ? null : operationOf(rows[0]);
    },

    async dropped() {
      const { rows } = await pool.query<{ key_id: string; operations: number }>(
        'select key_id, operations from seen_dropped',
      );
      return new Map(rows.map(({ key_id, operations }) => [key_id, operations]));
    },
  };
}

const operationOf = (row: Row): SeenOperation => ({
  keyId: row.key_id,
  hash: row.hash,
  operationName: row.operation_name,
  text: row.text,
  clientName: row.client_name,
  runs: row.runs,
  firstSeenAt: row.first_seen_at,
  lastSeenAt: row.last_seen_at,
});

const cursorOf = ({ runs, keyId, hash }: SeenOperation) => `${runs}:${keyId}:${hash}`;

function positionOf(cursor: string) {
  const [, runs, keyId, hash] = /^(\d{1,15}):(\w{1,64}):([0-9a-f]{64})$/.exec(cursor) ?? [];
  if (runs === undefined) throw new BadUserInput('The value of "after" is none of this list; use "next" of a page.');
  return { runs: Number(runs), keyId: keyId!, hash: hash! };
}
