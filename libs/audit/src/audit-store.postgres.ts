import type pg from 'pg';
import type { Pool } from '@certfolio/database';
import type { AuditFilter, AuditStore, Checkpoint } from './audit-store.ts';
import { beginning, chainAfter, type ChainedEntry, type ChainLink } from './chain.ts';

interface LinkRow {
  readonly seq: number;
  readonly hash: Buffer;
}

interface EntryRow extends LinkRow {
  readonly previous_hash: Buffer;
  readonly json: string;
}

const entryColumns = 'seq, previous_hash, hash, entry::text as json';

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
        const chained = chainAfter(head, entries);
        await insert(client, chained);
        return chained.at(-1) ?? head;
      }),

    head: () => readHead(pool),
    checkpoint: () => readCheckpoint(pool),

    async after(seq, limit) {
      const { rows } = await pool.query<EntryRow>(
        `select ${entryColumns} from audit_entries where seq > $1 order by seq limit $2`,
        [seq, limit],
      );
      return rows.map(entryOf);
    },

    async find(filter, { order, beyond, limit }) {
      const { conditions, values } = conditionsOf(filter);
      if (beyond !== null) conditions.push(`seq ${order === 'newest' ? '<' : '>'} $${values.push(beyond)}`);
      const { rows } = await pool.query<EntryRow>(
        `select ${entryColumns} from audit_entries ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
         order by seq ${order === 'newest' ? 'desc' : 'asc'} limit $${values.push(limit)}`,
        values,
      );
      return rows.map(entryOf);
    },

    removeBefore: (before, now) =>
      locked(async (client) => {
        const { rows } = await client.query<{ last: number | null }>(
          `select coalesce((select min(seq) - 1 from audit_entries where at >= $1), (select max(seq) from audit_entries)) as last
           where exists (select from audit_entries where seq = (select min(seq) from audit_entries) and at < $1)`,
          [before.toISOString()],
        );
        const last = rows[0]?.last ?? null;
        if (last === null) return 0;
        const removed = await client.query<{ entries: number }>('select audit_remove_up_to($1) as entries', [last]);
        const entries = removed.rows[0]!.entries;
        const checkpoint = (await readCheckpoint(client))!;
        const head = (await readHead(client)) ?? checkpoint;
        await insert(
          client,
          chainAfter(head, [
            {
              kind: 'retention',
              at: now.toISOString(),
              entries,
              lastSeq: checkpoint.seq,
              lastHash: checkpoint.hash,
            },
          ]),
        );
        return entries;
      }),
  };
}

type Executor = pg.PoolClient | Pool;

async function readHead(db: Executor): Promise<ChainLink | null> {
  const { rows } = await db.query<LinkRow>(
    `(select seq, hash from audit_entries order by seq desc limit 1)
     union all (select seq, hash from audit_checkpoint) order by seq desc limit 1`,
  );
  return rows[0] === undefined ? null : linkOf(rows[0]);
}

async function readCheckpoint(db: Executor): Promise<Checkpoint | null> {
  const { rows } = await db.query<LinkRow & { readonly removed_entries: number }>(
    'select seq, hash, removed_entries from audit_checkpoint',
  );
  return rows[0] === undefined ? null : { ...linkOf(rows[0]), removedEntries: rows[0].removed_entries };
}

async function insert(client: pg.PoolClient, chained: readonly ChainedEntry[]): Promise<void> {
  if (chained.length === 0) return;
  await client.query(
    `insert into audit_entries (seq, previous_hash, hash, entry)
     select seq, previous_hash, hash, json::json
     from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::text[]) as new (seq, previous_hash, hash, json)`,
    [
      chained.map(({ seq }) => seq),
      chained.map(({ previousHash }) => Buffer.from(previousHash, 'hex')),
      chained.map(({ hash }) => Buffer.from(hash, 'hex')),
      chained.map(({ json }) => json),
    ],
  );
}

function conditionsOf({ since, until, key, template, kind }: AuditFilter) {
  const conditions: string[] = [];
  const values: unknown[] = [];
  if (since !== undefined) conditions.push(`at >= $${values.push(since)}`);
  if (until !== undefined) conditions.push(`at < $${values.push(until)}`);
  if (key !== undefined) {
    const place = `$${values.push(key)}`;
    conditions.push(`(key_id = ${place} or key_name = ${place})`);
  }
  if (template !== undefined) {
    const place = `$${values.push(template)}`;
    conditions.push(template.includes('@') ? `template = ${place}` : `split_part(template, '@', 1) = ${place}`);
  }
  if (kind !== undefined) conditions.push(`kind = $${values.push(kind)}`);
  return { conditions, values };
}

const linkOf = ({ seq, hash }: LinkRow): ChainLink => ({ seq, hash: hash.toString('hex') });
const entryOf = ({ previous_hash, json, ...link }: EntryRow): ChainedEntry => ({
  ...linkOf(link),
  previousHash: previous_hash.toString('hex'),
  json,
});
