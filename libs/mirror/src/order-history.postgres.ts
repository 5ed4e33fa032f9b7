import { sql } from 'kysely';
import type {
  Clock,
  OrderChange,
  OrderChangeQuery,
  OrderHistory,
  OrderId,
  ReadScope,
  Timestamp,
} from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { learnLetterCase } from './letter-case.postgres.ts';
import type { LetterCase } from './letter-case.ts';
import { allOf, comparesLetters, knownOrders, sqlOfConditions, type SqlCondition } from './sql-conditions.ts';
import { rowsOf } from './statements.postgres.ts';

export interface OrderHistoryOptions {
  readonly clock: Clock;
  /** Days after which entries are deleted. */
  readonly historyDays: number;
  /** The source began anew then; earlier entries are of other data. */
  readonly notBeforeMs?: number;
}

const dayMs = 86_400_000;
const timestampOf = (date: Date): Timestamp => `${date.toISOString().slice(0, 19)}Z` as Timestamp;

/** The entry that first says that an order is revoked: the status became so, or the order appeared with it. */
const revocation = sql<boolean>`(h.change = 'added' or (h.field = 'status' and h.after = '"revoked"'))`;

/** What the mirror of one account saw change. */
export function createOrderHistory(
  pool: Pool,
  upstreamId: number,
  { clock, historyDays, notBeforeMs = 0 }: OrderHistoryOptions,
): OrderHistory {
  let letterCase: Promise<LetterCase> | null = null;
  const learntLetterCase = () => {
    letterCase ??= learnLetterCase(pool).catch((error: unknown) => {
      letterCase = null;
      throw error;
    });
    return letterCase;
  };
  // Entries that are due to be deleted are gone for everybody at once.
  const keptSinceMs = () => Math.max(notBeforeMs, clock.nowMs() - historyDays * dayMs);
  const entries = (): SqlCondition =>
    sql`h.upstream_id = ${upstreamId} and h.seen_at >= ${new Date(keptSinceMs())}::timestamptz`;
  /** The scope comes first; orders that vanished are among them. */
  const matching = async (query: OrderChangeQuery, scope: ReadScope) => {
    const { conditions } = query;
    const letters = conditions.some(comparesLetters) ? await learntLetterCase() : null;
    const orders = allOf([knownOrders(upstreamId, scope), sqlOfConditions(conditions, letters)]);
    return sql`from mirror_history h join mirror_orders o on o.upstream_id = h.upstream_id and o.id = h.order_id
      where ${allOf([entries(), ...conditionsOf(query)])} and h.order_id in (select id from mirror_orders where ${orders})`;
  };

  return {
    async known() {
      const [row] = await rowsOf<[since: Date, until: Date]>(
        pool,
        sql`select coalesce((select min(first_seen_at) from mirror_orders where upstream_id = ${upstreamId}), as_of), as_of
            from mirror_groups where upstream_id = ${upstreamId} and name = 'tracked' and is_complete and as_of is not null`,
      );
      if (row === undefined) return null;
      const [since, until] = row;
      return { since: timestampOf(new Date(Math.max(since.getTime(), keptSinceMs()))), until: timestampOf(until) };
    },

    async changes(query, { scope }) {
      const { limit } = query;
      const rows = await rowsOf<ChangeRow>(
        pool,
        sql`select h.id, h.order_id, h.change, h.field, h.before, h.after, h.seen_at, o.status, o.common_name, o.container_id, o.container_name
            ${await matching(query, scope)} order by h.id limit ${limit + 1}::bigint`,
      );
      return { changes: rows.slice(0, limit).map(changeOf), hasNext: rows.length > limit };
    },

    async count(query, { scope }) {
      const [row] = await rowsOf<[changes: number, withContainer: number]>(
        pool,
        sql`select count(*), count(o.container_id) ${await matching(query, scope)}`,
      );
      const [changes, withContainer] = row!;
      return { changes, withContainer };
    },

    async firstSeenRevoked(ids) {
      if (ids.length === 0) return new Map();
      const rows = await rowsOf<[OrderId, Date]>(
        pool,
        // A change of status is newer than the appearance of the order.
        sql`select h.order_id, max(h.seen_at) from mirror_history h
            where ${entries()} and ${revocation} and h.order_id = any(${ids}::bigint[]) group by h.order_id`,
      );
      return new Map(rows.map(([id, seenAt]) => [id, timestampOf(seenAt)]));
    },

    async revokedSince(from, { scope }) {
      const rows = await rowsOf<[OrderId]>(
        pool,
        sql`select distinct h.order_id from mirror_history h where ${entries()} and ${revocation} and h.seen_at >= ${from}::timestamptz
            and h.order_id in (select id from mirror_orders where ${knownOrders(upstreamId, scope)} and status = 'revoked')`,
      );
      return rows.map(([id]) => id);
    },
  };
}

type ChangeRow = [
  number,
  OrderId,
  OrderChange['kind'],
  OrderChange['field'],
  unknown,
  unknown,
  Date,
  string | null,
  string | null,
  OrderChange['containerId'],
  string | null,
];

function changeOf([id, orderId, kind, field, before, after, seenAt, status, ...place]: ChangeRow): OrderChange {
  const [commonName, containerId, containerName] = place;
  const seen = timestampOf(seenAt);
  return { id, orderId, kind, field, before, after, seenAt: seen, status, commonName, containerId, containerName };
}

/** Of the entries themselves. */
function conditionsOf({ seenAt, kinds, fields, hiddenFields, after }: OrderChangeQuery): readonly SqlCondition[] {
  const isHidden = sql<boolean>`h.field = any(${hiddenFields}::text[])`;
  return [
    sql`(${isHidden}) is not true`,
    ...(seenAt.gte === undefined ? [] : [sql<boolean>`h.seen_at >= ${seenAt.gte}::timestamptz`]),
    ...(seenAt.lt === undefined ? [] : [sql<boolean>`h.seen_at < ${seenAt.lt}::timestamptz`]),
    ...(kinds === null ? [] : [sql<boolean>`h.change = any(${kinds}::text[])`]),
    ...(fields === null ? [] : [sql<boolean>`(h.field is null or h.field = any(${fields}::text[]))`]),
    ...(after === null ? [] : [sql<boolean>`h.id > ${after}::bigint`]),
  ];
}
