import type pg from 'pg';
import type { Pool } from '@certfolio/database';
import type { AuditFilter, AuditStore, Checkpoint } from './audit-store.ts';
import { endOf, entriesOf, fits, type Batch } from './batch.ts';
import { beginning, chainAfter, type ChainedEntry, type ChainLink } from './chain.ts';
import { EntryLines } from './entry-lines.ts';
import { packLines, unpackLines } from './packed-lines.ts';

interface HeadRow {
  readonly last_seq: number;
  readonly hash: Buffer;
}

interface BatchRow {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly previous_hash: Buffer;
  readonly hashes: Buffer;
  /** Of batches that were written before lines were packed. */
  readonly entries: string | null;
  readonly packed: Buffer | null;
}

const batchColumns = 'first_seq, last_seq, previous_hash, hashes, entries, packed';
/** Of a row of `audit_batches`: the hash of its last entry. */
const lastHash = 'substring(hashes from length(hashes) - 31)';
/** Batches that are read at a time, first and at most: one may have a single entry or some hundred. */
const batchesPerRead = { first: 4, most: 32 };

export function createAuditStore(pool: Pool): AuditStore {
  /** One process appends at a time; until the transaction ends. */
  async function locked<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query(`select pg_advisory_xact_lock(hashtext('certfolio audit log'))`);
      const result = await work(client);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      client.release(true); // closes the session and with it the transaction
      throw error;
    }
  }

  return {
    append: (entries) =>
      locked(async (client) => {
        const head = (await readHead(client)) ?? beginning;
        if (entries.count === 0) return head;
        return insert(client, head, entries);
      }),

    head: () => readHead(pool),
    checkpoint: () => readCheckpoint(pool),

    async after(seq, limit) {
      const found: ChainedEntry[] = [];
      for await (const entry of entriesBeyond(pool, {}, 'oldest', seq)) if (found.push(entry) >= limit) break;
      return found;
    },

    async find(filter, { order, beyond, limit }) {
      const found: ChainedEntry[] = [];
      for await (const entry of entriesBeyond(pool, filter, order, beyond))
        if (fits(filter, entry.json) && found.push(entry) >= limit) break;
      return found;
    },

    removeBefore: (before, now) =>
      locked(async (client) => {
        const { rows } = await client.query<{ last: number | null }>(
          `select max(last_seq) as last from audit_batches
           where first_seq < coalesce((select min(first_seq) from audit_batches where last_at >= $1), 9223372036854775807)`,
          [before.toISOString()],
        );
        const last = rows[0]?.last ?? null;
        if (last === null) return 0;
        const removed = await client.query<{ entries: number }>('select audit_remove_up_to($1) as entries', [last]);
        const entries = removed.rows[0]!.entries;
        const checkpoint = (await readCheckpoint(client))!;
        const head = (await readHead(client)) ?? checkpoint;
        const told = { entries, lastSeq: checkpoint.seq, lastHash: checkpoint.hash };
        await insert(client, head, EntryLines.of({ kind: 'retention', at: now.toISOString(), ...told }));
        return entries;
      }),
  };
}

type Executor = pg.PoolClient | Pool;

async function readHead(db: Executor): Promise<ChainLink | null> {
  const { rows } = await db.query<HeadRow>(
    `(select last_seq, ${lastHash} as hash from audit_batches order by first_seq desc limit 1)
     union all (select seq, hash from audit_checkpoint) order by last_seq desc limit 1`,
  );
  return rows[0] === undefined ? null : endOf({ lastSeq: rows[0].last_seq, hash: rows[0].hash });
}

async function readCheckpoint(db: Executor): Promise<Checkpoint | null> {
  const { rows } = await db.query<{ seq: number; hash: Buffer; removed_entries: number }>(
    'select seq, hash, removed_entries from audit_checkpoint',
  );
  const row = rows[0];
  return row === undefined
    ? null
    : { ...endOf({ lastSeq: row.seq, hash: row.hash }), removedEntries: row.removed_entries };
}

/** @returns the new head */
async function insert(client: pg.PoolClient, head: ChainLink, entries: EntryLines): Promise<ChainLink> {
  const { firstSeq, previousHash, hashes, lines, last } = chainAfter(head, entries);
  const { firstAt, lastAt, keys, templates, kinds } = entries.facts();
  await client.query(
    `insert into audit_batches (first_seq, last_seq, previous_hash, hashes, packed, first_at, last_at, keys, templates, kinds)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [firstSeq, last.seq, previousHash, hashes, await packLines(lines), firstAt, lastAt, keys, templates, kinds],
  );
  return last;
}

/** Entries of the batches in which some may fit, in the order asked for, from the one after `beyond` on. */
async function* entriesBeyond(
  pool: Pool,
  filter: AuditFilter,
  order: 'newest' | 'oldest',
  beyond: number | null,
): AsyncGenerator<ChainedEntry> {
  const isNewest = order === 'newest';
  const { conditions, values } = conditionsOf(filter);
  let from = beyond;
  for (let limit = batchesPerRead.first; ; limit = Math.min(2 * limit, batchesPerRead.most)) {
    const place = `$${values.length + 1}`;
    const bounded =
      from === null ? conditions : [...conditions, isNewest ? `first_seq < ${place}` : `last_seq > ${place}`];
    const { rows } = await pool.query<BatchRow>(
      `select ${batchColumns} from audit_batches ${bounded.length === 0 ? '' : `where ${bounded.join(' and ')}`}
       order by first_seq ${isNewest ? 'desc' : 'asc'} limit ${limit}`,
      from === null ? values : [...values, from],
    );
    for (const row of rows) {
      const entries = entriesOf(await batchOfRow(row));
      for (const entry of isNewest ? entries.toReversed() : entries) {
        if (beyond === null || (isNewest ? entry.seq < beyond : entry.seq > beyond)) yield entry;
      }
      from = isNewest ? row.first_seq : row.last_seq;
    }
    if (rows.length < limit) return;
  }
}

/** Of batches; what fits in them is looked for entry by entry. */
function conditionsOf({ since, until, key, template, kind }: AuditFilter) {
  const conditions: string[] = [];
  const values: unknown[] = [];
  if (since !== undefined) conditions.push(`last_at >= $${values.push(since)}`);
  if (until !== undefined) conditions.push(`first_at < $${values.push(until)}`);
  if (key !== undefined) conditions.push(`keys @> $${values.push([key])}`);
  if (template !== undefined) conditions.push(`templates @> $${values.push([template])}`);
  if (kind !== undefined) conditions.push(`kinds @> $${values.push([kind])}`);
  return { conditions, values };
}

async function batchOfRow({ first_seq, previous_hash, hashes, entries, packed }: BatchRow): Promise<Batch> {
  const lines = packed === null ? entries : await unpackLines(packed);
  return { firstSeq: first_seq, previousHash: previous_hash, hashes, entries: lines ?? '' };
}
