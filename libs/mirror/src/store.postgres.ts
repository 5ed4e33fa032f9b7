import type { PoolClient } from 'pg';
import type { Order, OrderId } from '@certfolio/core';
import { writeHistory } from './history.postgres.ts';
import { writeDocuments } from './store-documents.postgres.ts';
import { fingerprintOf, isSame } from './store-fields.ts';
import { carriesCustom, mergeRow, type OrderWriting } from './store-merge.ts';
import { lockRows, readMarks, upsertRows } from './store-rows.postgres.ts';

/** Rows of one statement: enough to be quick, few enough that memory stays flat. */
export const batchRows = 1_000;

export async function inTransaction<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // The connection may be what failed.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * Writes what a reading found, in one transaction: readers see the rows of a batch, their history and the new version, or
 * none of it. Rows that have these values already cost a look at their fingerprints, where the reading is a report.
 *
 * @param orders each once; about `batchRows`
 * @returns how many rows are new or different
 */
export async function applyOrders(
  client: PoolClient,
  upstreamId: number,
  orders: readonly Order[],
  writing: OrderWriting,
): Promise<number> {
  const suspects = writing.source === 'report' ? await differing(client, upstreamId, orders, writing) : orders;
  if (suspects.length === 0) return 0;
  return inTransaction(client, async () => {
    const ids = suspects.map(({ id }) => id);
    const known = await lockRows(client, upstreamId, ids, writing.fields);
    const written = writing.isForKnownOnly === true ? suspects.filter(({ id }) => known.has(id)) : suspects;
    const merges = written.flatMap((order) => mergeRow(known.get(order.id) ?? null, order, writing) ?? []);
    await upsertRows(
      client,
      upstreamId,
      merges.map(({ row }) => row),
      writing,
    );
    const withoutDuplicates = merges.flatMap(({ row, dropsDuplicates }) => (dropsDuplicates ? [row.order.id] : []));
    if (withoutDuplicates.length > 0) {
      await client.query(
        `delete from mirror_certificates where upstream_id = $1 and order_id = any($2::bigint[]) and kind = 'duplicate'`,
        [upstreamId, withoutDuplicates],
      );
    }
    await writeHistory(
      client,
      upstreamId,
      merges.flatMap(({ history }) => history),
      writing.asOf,
    );
    const changes = merges.filter(({ isChange }) => isChange).length;
    const documents = await writeDocuments(client, upstreamId, written, writing);
    if (merges.length > 0 || documents > 0) await countVersion(client, upstreamId);
    return changes;
  });
}

async function differing(
  client: PoolClient,
  upstreamId: number,
  orders: readonly Order[],
  writing: OrderWriting,
): Promise<readonly Order[]> {
  const marks = await readMarks(
    client,
    upstreamId,
    orders.map(({ id }) => id),
  );
  const withCustom = carriesCustom(writing);
  return orders.filter((order) => {
    const mark = marks.get(order.id);
    return mark === undefined || mark.hasVanished || !isSame(mark.rowHash, fingerprintOf(order, withCustom));
  });
}

export async function countVersion(client: Pick<PoolClient, 'query'>, upstreamId: number): Promise<void> {
  await client.query('update mirrors set version = version + 1 where upstream_id = $1', [upstreamId]);
}

/**
 * Has the server look at how values are distributed. By itself it does so a minute or more after many rows changed, and until then
 * reads a mirror of 100,000 orders as if it had ten: 300 ms for a page that takes 3.
 */
export async function renewStatistics(client: Pick<PoolClient, 'query'>): Promise<void> {
  await client.query('analyze mirror_orders');
}

/**
 * Marks orders as vanished, but for those that somebody saw after the reading had begun.
 *
 * @returns how many there were
 */
export async function markVanished(
  client: PoolClient,
  upstreamId: number,
  ids: readonly OrderId[],
  { asOf, recordsHistory }: Pick<OrderWriting, 'asOf' | 'recordsHistory'>,
): Promise<number> {
  if (ids.length === 0) return 0;
  return inTransaction(client, async () => {
    const { rows } = await client.query<{ id: OrderId }>(
      `update mirror_orders set vanished_at = $3
       where upstream_id = $1 and id = any($2::bigint[]) and vanished_at is null
         and first_seen_at <= $3 and changed_at <= $3 and (info_at is null or info_at <= $3)
       returning id`,
      [upstreamId, ids, asOf],
    );
    if (recordsHistory) {
      await writeHistory(
        client,
        upstreamId,
        rows.map(({ id }) => ({ orderId: id, change: 'removed' })),
        asOf,
      );
    }
    if (rows.length > 0) await countVersion(client, upstreamId);
    return rows.length;
  });
}

/** Ids of all orders that exist, as far as the mirror knows. */
export async function readIds(client: PoolClient, upstreamId: number): Promise<readonly OrderId[]> {
  const { rows } = await client.query<[OrderId]>({
    text: 'select id from mirror_orders where upstream_id = $1 and vanished_at is null',
    values: [upstreamId],
    rowMode: 'array',
  });
  return rows.map(([id]) => id);
}

/** Status and certificate of the orders that exist among these. */
export async function readStatuses(
  client: PoolClient,
  upstreamId: number,
  ids: readonly OrderId[],
): Promise<ReadonlyMap<OrderId, { readonly status: string | null; readonly certificateId: number | null }>> {
  const { rows } = await client.query<{ id: OrderId; status: string | null; certificate_id: number | null }>(
    `select id, status, certificate_id from mirror_orders
     where upstream_id = $1 and id = any($2::bigint[]) and vanished_at is null`,
    [upstreamId, ids],
  );
  return new Map(rows.map((row) => [row.id, { status: row.status, certificateId: row.certificate_id }]));
}

/** Neither the list nor order info says which account an order belongs to; it is the one that the mirror is bound to. */
export async function fillAccount(client: PoolClient, upstreamId: number, ids: readonly OrderId[]): Promise<void> {
  await client.query(
    `update mirror_orders set account_id = (select account_id from upstreams where upstreams.id = $1)
     where upstream_id = $1 and id = any($2::bigint[]) and account_id is null`,
    [upstreamId, ids],
  );
}

/** Rows of one statement that looks at no values. */
const forgottenRows = 5_000;

/** Has everything read again: no row passes a comparison unread, and no order's details count as read. */
export async function forgetReadings(client: PoolClient, upstreamId: number): Promise<void> {
  for (let after = -1; ;) {
    const { rows } = await client.query<{ last: number | null }>(
      `with next_rows as (
         select id from mirror_orders where upstream_id = $1 and id > $2 order by id limit ${forgottenRows}
       ), forgotten as (
         update mirror_orders set row_hash = null, info_at = null, duplicates_at = null, reissues_at = null
         where upstream_id = $1 and id in (select id from next_rows)
       )
       select max(id) as last from next_rows`,
      [upstreamId, after],
    );
    const last = rows[0]?.last ?? null;
    if (last === null) return;
    after = last;
  }
}
