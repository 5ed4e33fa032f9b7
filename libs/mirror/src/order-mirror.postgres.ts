import { sql, type RawBuilder } from 'kysely';
import type { PoolClient } from 'pg';
import {
  type BucketQuery,
  type CertificateRef,
  type Clock,
  type MirrorLookup,
  type MirrorState,
  type Order,
  type OrderBucket,
  type OrderCondition,
  type OrderCount,
  type OrderId,
  type OrderMirror,
  type OrderObjects,
  type OrderPage,
  type OrderPart,
  type OrderPartsOf,
  type OrderQuery,
  type OrderRead,
  ServiceUnavailable,
  type ReadScope,
} from '@certfolio/core';
import { whyUnreachable, type Pool } from '@certfolio/database';
import { positionOf } from '@certfolio/reading';
import { shapeOfBuckets } from './buckets.ts';
import { findCertificate } from './certificate-lookup.postgres.ts';
import { learnLetterCase } from './letter-case.postgres.ts';
import type { LetterCase } from './letter-case.ts';
import { createMirrorStateCache, type MirrorStateCache } from './mirror-state.postgres.ts';
import { shapeOfCount } from './order-count.postgres.ts';
import { findParts } from './order-parts.postgres.ts';
import { shapeOfOrders, type OrderShape } from './order-rows.ts';
import { allOf, comparesLetters, sqlOfConditions, visibleOrders, type SqlCondition } from './sql-conditions.ts';
import { sqlOfOrder, sqlOfPosition } from './sql-order.ts';
import { inSnapshot, rowsOf } from './statements.postgres.ts';

/** The mirror of one account; `changed` says that its data was written by this process, so that `state` looks again. */
export interface PostgresOrderMirror extends OrderMirror {
  changed(): void;
}

/** Values that are taken from the server and turned into orders at a time, some 20 ms in which nothing else runs; 5,000 rows of 20. */
const batchValues = 100_000;
const maxBatchRows = 5_000;

/**
 * Answers queries from `mirror_orders`; orders that vanished from CertCentral are not there for any of them.
 * Costs statements of the database only. Reads of all rows hold one connection while they last.
 */
export function createOrderMirror(
  pool: Pool,
  upstreamId: number,
  { clock }: { readonly clock: Clock },
): PostgresOrderMirror {
  return new OrdersInPostgres(pool, upstreamId, createMirrorStateCache(pool, upstreamId, clock));
}

class OrdersInPostgres implements PostgresOrderMirror {
  readonly #pool: Pool;
  readonly #upstreamId: number;
  readonly #state: MirrorStateCache;
  #letterCase: Promise<LetterCase> | null = null;

  constructor(pool: Pool, upstreamId: number, state: MirrorStateCache) {
    this.#pool = pool;
    this.#upstreamId = upstreamId;
    this.#state = state;
  }

  changed(): void {
    this.#state.forget();
  }

  state(): Promise<MirrorState> {
    return reached(this.#state.get());
  }

  async findMany(query: OrderQuery, read: OrderRead): Promise<OrderPage> {
    const { sort, offset, limit, after, withTotal } = query;
    const matching = await this.#matching(query, read.scope);
    // The sort's own values are read too, to know where the next page begins.
    const shape = shapeOfOrders([...read.fields, ...sort.map(({ field }) => field)]);
    const ahead = after === null ? matching : allOf([matching, sqlOfPosition(query, after)]);
    const most = limit === null ? null : limit + 1;
    const part = sql`mirror_orders where ${ahead} order by ${sqlOfOrder(sort)} limit ${most}::bigint offset ${offset}::bigint`;
    // Documents are looked up for the rows of the page alone, not for those that are skipped.
    const rows = shape.hasDocuments ? sql`(select * from ${part}) as mirror_orders order by ${sqlOfOrder(sort)}` : part;
    const select = sql`select ${shape.columns} from ${rows}`;

    let total: number | null = null;
    let orders: Order[];
    if (withTotal) {
      orders = await reached(
        inSnapshot(this.#pool, async (client) => {
          total = await countOf(client, matching);
          return readOrders(client, select, shape, most ?? Number.POSITIVE_INFINITY, read.signal);
        }),
      );
    } else {
      orders = await this.#readOrders(select, shape, most ?? Number.POSITIVE_INFINITY, read.signal);
    }
    const hasNext = limit !== null && orders.length > limit;
    if (hasNext) orders.length = limit;
    return { orders, hasNext, total, positionOf: (order) => positionOf(order, sort) };
  }

  async findByIds(ids: readonly OrderId[], { fields, scope, signal }: OrderRead): Promise<readonly Order[]> {
    if (ids.length === 0) return [];
    const shape = shapeOfOrders(fields);
    const select = sql`select ${shape.columns} from mirror_orders where ${visibleOrders(this.#upstreamId, scope)} and id = any(${ids}::bigint[])`;
    return this.#readOrders(select, shape, ids.length, signal);
  }

  findByCertificate(ref: CertificateRef, { fields, scope }: OrderRead): Promise<MirrorLookup> {
    const visible = visibleOrders(this.#upstreamId, scope);
    return reached(inSnapshot(this.#pool, (client) => findCertificate(client, visible, ref, shapeOfOrders(fields))));
  }

  async buckets(query: BucketQuery, scope: ReadScope): Promise<readonly OrderBucket[]> {
    const matching = await this.#matching(query, scope);
    const { groups, columns, order, decode } = shapeOfBuckets(query);
    const select = sql`select ${columns} from mirror_orders where ${matching} group by ${groups} order by ${order}`;
    return (await reached(rowsOf(this.#pool, select))).map(decode);
  }

  async count(
    conditions: readonly OrderCondition[],
    objects: readonly OrderObjects[],
    scope: ReadScope,
  ): Promise<OrderCount> {
    const { statement, decode } = shapeOfCount(this.#upstreamId, await this.#matching({ conditions }, scope), objects);
    const [row] = await reached(rowsOf<unknown[]>(this.#pool, statement));
    return decode(row!);
  }

  parts<P extends OrderPart>(
    part: P,
    ids: readonly OrderId[],
  ): Promise<ReadonlyMap<OrderId, { readonly value: OrderPartsOf[P]; readonly asOfMs: number }>> {
    return reached(findParts(this.#pool, this.#upstreamId, part, ids));
  }

  #readOrders(select: RawBuilder<unknown>, shape: OrderShape, most: number, signal: AbortSignal): Promise<Order[]> {
    if (most <= batchRowsOf(shape)) return reached(readOrders(this.#pool, select, shape, most, signal));
    return reached(inSnapshot(this.#pool, (client) => readOrders(client, select, shape, most, signal)));
  }

  /** The scope comes first, so that limits, sorts and counts never see a row outside it. */
  async #matching({ conditions }: Pick<OrderQuery, 'conditions'>, scope: ReadScope): Promise<SqlCondition> {
    const letterCase = conditions.some(comparesLetters) ? await this.#learntLetterCase() : null;
    return allOf([visibleOrders(this.#upstreamId, scope), sqlOfConditions(conditions, letterCase)]);
  }

  #learntLetterCase(): Promise<LetterCase> {
    this.#letterCase ??= reached(learnLetterCase(this.#pool)).catch((error: unknown) => {
      this.#letterCase = null;
      throw error;
    });
    return this.#letterCase;
  }
}

/** @throws ServiceUnavailable when the database is away or has no connection to spare; whoever asked may read live then */
async function reached<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const reason = whyUnreachable(error);
    if (reason === null) throw error;
    throw new ServiceUnavailable(`The mirror could not be read: ${reason}.`, { cause: error });
  }
}

async function countOf(client: PoolClient, matching: SqlCondition): Promise<number> {
  const [row] = await rowsOf<[number]>(client, sql`select count(*) from mirror_orders where ${matching}`);
  return row![0];
}

function batchRowsOf({ width }: OrderShape): number {
  return Math.min(maxBatchRows, Math.floor(batchValues / width));
}

/**
 * Many rows by a cursor: the server sorts once, and this process never has more than a batch that is not turned into orders yet.
 *
 * @param client in a transaction where `most` is more than a batch
 * @param most rows that the statement can give
 */
async function readOrders(
  client: Pool | PoolClient,
  select: RawBuilder<unknown>,
  shape: OrderShape,
  most: number,
  signal: AbortSignal,
): Promise<Order[]> {
  const batchRows = batchRowsOf(shape);
  if (most <= batchRows) return (await rowsOf(client, select)).map(shape.decode);
  // All rows will be taken, which the planner is not to expect of a cursor by itself.
  await client.query('set local cursor_tuple_fraction = 1');
  await rowsOf(client, sql`declare mirror_rows no scroll cursor for ${select}`);
  const orders: Order[] = [];
  for (;;) {
    signal.throwIfAborted();
    const rows = await rowsOf(client, sql`fetch ${sql.raw(String(batchRows))} from mirror_rows`);
    for (const row of rows) orders.push(shape.decode(row));
    if (rows.length < batchRows) return orders;
  }
}
