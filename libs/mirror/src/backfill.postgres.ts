import type { Pool } from '@certfolio/database';
import type { PoolClient } from 'pg';
import type { CopyKind, OrderCertificate, OrderId } from '@certfolio/core';
import { lacks, type BackfillTask } from './backfill-tasks.ts';
import { storableJson } from './storable.ts';
import { countVersion, inTransaction } from './store.postgres.ts';

/**
 * Issued orders first, and the newest of them: what people ask for. The rest of order info last: it is a call for every
 * order, where keys and copies are a call for few, and look-ups wait for them.
 */
export async function nextTasks(
  db: Pick<Pool | PoolClient, 'query'>,
  upstreamId: number,
  limit: number,
  without: readonly OrderId[] = [],
): Promise<readonly BackfillTask[]> {
  const tasks: BackfillTask[] = [];
  for (const part of ['key', 'duplicates', 'reissues', 'info'] as const) {
    if (tasks.length >= limit) break;
    const { rows } = await db.query<{ id: OrderId }>(
      `select id from mirror_orders where upstream_id = $1 and ${lacks[part]} and vanished_at is null
         and not id = any($3::bigint[])
       order by (status = 'issued') desc nulls last, id desc limit $2`,
      [
        upstreamId,
        limit - tasks.length,
        [...without, ...tasks.filter((task) => task.part === partOf(part)).map(({ id }) => id)],
      ],
    );
    tasks.push(...rows.map(({ id }) => ({ id, part: partOf(part) })));
  }
  return tasks;
}

/** The size of a key comes with order info. */
const partOf = (lack: keyof typeof lacks): BackfillTask['part'] => (lack === 'key' ? 'info' : lack);

/** Orders whose info was read longest ago, where that is the only source of some fields that change without a trace. */
export async function oldestInfos(
  db: Pick<Pool | PoolClient, 'query'>,
  upstreamId: number,
  limit: number,
  before: Date,
): Promise<readonly BackfillTask[]> {
  const { rows } = await db.query<{ id: OrderId }>(
    `select id from mirror_orders where upstream_id = $1 and info_at < $3 and vanished_at is null
     order by info_at limit $2`,
    [upstreamId, limit, before],
  );
  return rows.map(({ id }) => ({ id, part: 'info' }));
}

const copyKinds: Readonly<Record<'duplicates' | 'reissues', CopyKind>> = {
  duplicates: 'duplicate',
  reissues: 'reissue',
};

/** Replaces the duplicates or reissues of an order. One that the mirror does not know is passed over. */
export async function saveCertificates(
  pool: Pool,
  upstreamId: number,
  id: OrderId,
  part: 'duplicates' | 'reissues',
  certificates: readonly OrderCertificate[],
  asOf: Date,
): Promise<void> {
  await withClient(pool, (client) =>
    inTransaction(client, async () => {
      const column = `${part}_at`;
      // A row that changed after this was read has to be read again.
      const { rowCount } = await client.query(
        `update mirror_orders set ${column} = $3
         where upstream_id = $1 and id = $2 and (${column} is null or ${column} < $3) and changed_at <= $3`,
        [upstreamId, id, asOf],
      );
      if (rowCount === 0) return;
      const kind = copyKinds[part];
      await client.query('delete from mirror_certificates where upstream_id = $1 and order_id = $2 and kind = $3', [
        upstreamId,
        id,
        kind,
      ]);
      await client.query(
        `insert into mirror_certificates
           (upstream_id, order_id, kind, certificate_id, place, serial_number, thumbprint, certificate)
         select $1, $2, $3, (one ->> 'id')::bigint, place - 1, one ->> 'serialNumber', one ->> 'thumbprint', one
         from jsonb_array_elements($4::jsonb) with ordinality as entries(one, place)
         on conflict do nothing`,
        [upstreamId, id, kind, storableJson(certificates)],
      );
      await countVersion(client, upstreamId);
    }),
  );
}

export async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}

/** Requests or notes of a known order, when they are younger than what the mirror has. */
export async function saveInfoPart(
  pool: Pool,
  upstreamId: number,
  id: OrderId,
  part: 'requests' | 'notes',
  value: unknown,
  asOf: Date,
): Promise<void> {
  await withClient(pool, (client) =>
    inTransaction(client, async () => {
      const { rowCount } = await client.query(
        `update mirror_orders set ${part} = $3::jsonb
         where upstream_id = $1 and id = $2 and (info_at is null or info_at < $4) and ${part} is distinct from $3::jsonb`,
        [upstreamId, id, storableJson(value), asOf],
      );
      if (rowCount !== 0) await countVersion(client, upstreamId);
    }),
  );
}
