import type { Order, OrderId, StatusChange } from '@certfolio/core';
import { listPageRows, readNewest } from './feed.ts';
import { isFollowingCheaper } from './rounds-plan.ts';
import { orderOfReport, readInfo } from './rounds-info.ts';
import type { Round, RoundResult } from './rounds.ts';
import { ownFields, reportFields } from './store-fields.ts';
import { applyOrders, batchRows, markVanished, readStatuses } from './store.postgres.ts';

/** A look at the newest orders costs some kilobytes. */
const newestRows = 20;
/** New orders are read by the day they were placed; older ones that turn up are left to a comparison. */
const longestLookBackMs = 7 * 86_400_000;

/** What was read for a change, so that the overlap of the windows does not have it read again. */
export class FollowedChanges {
  readonly #read = new Map<OrderId, { readonly mark: string; readonly atMs: number }>();

  has({ orderId, status, certificateId }: StatusChange): boolean {
    return this.#read.get(orderId)?.mark === markOf(status, certificateId);
  }

  add({ orderId, status, certificateId }: StatusChange, nowMs: number): void {
    this.#read.set(orderId, { mark: markOf(status, certificateId), atMs: nowMs });
  }

  forgetBefore(ms: number): void {
    for (const [id, { atMs }] of this.#read) if (atMs < ms) this.#read.delete(id);
  }
}

const markOf = (status: string, certificateId: number | null) => `${certificateId ?? ''} ${status}`;

export interface Following {
  readonly lastSeconds: number;
  /** Orders that exist, as far as the mirror knows. */
  readonly orders: number;
  readonly compareTookMs: number | null;
  readonly followed: FollowedChanges;
}

/**
 * Reads the status changes and the newest orders, then the details of what is not known yet: two calls when nothing
 * changed. Null when only a comparison can tell, or tells it for less: orders are gone, or many changed.
 */
export async function followChanges(round: Round, following: Following): Promise<RoundResult | null> {
  const { feed, call, asOf } = round;
  const changes = await feed.statusChanges({ lastSeconds: following.lastSeconds }, call());
  const newest = await readNew(round, following.orders);
  if (newest === null) return null;

  const changed = await unknownChanges(round, changes, following.followed);
  const details = new Set([...newest.unknown.map(({ id }) => id), ...changed.map(({ orderId }) => orderId)]);
  if (!isFollowingCheaper(details.size, following)) return null;
  if (newest.unknown.length > 0 && !(await readByDate(round, newest.unknown))) return null;

  let count = newest.unknown.length;
  const writing = { source: 'list', fields: ownFields.list, asOf, recordsHistory: round.recordsHistory } as const;
  const { found, missing } = await readInfo(round, [...details], 'all');
  count += found + (await markVanished(round.client, round.upstreamId, missing, round));
  const known = await readStatuses(
    round.client,
    round.upstreamId,
    newest.orders.map(({ id }) => id),
  );
  // After order info, which made the new orders known: what only the list has is in none of the other answers.
  await applyOrders(
    round.client,
    round.upstreamId,
    newest.orders.filter(({ id }) => known.has(id)),
    {
      ...writing,
      asOf: new Date(round.clock.nowMs()),
    },
  );
  for (const change of changed) following.followed.add(change, asOf.getTime());
  following.followed.forgetBefore(asOf.getTime() - following.lastSeconds * 2_000);
  return { changes: count, total: newest.total, groups: ['tracked'] };
}

/** The orders that the mirror does not know; null when the count says that others are gone, or more is unknown than a look finds. */
async function readNew(
  round: Round,
  known: number,
): Promise<{ readonly unknown: readonly Order[]; readonly orders: readonly Order[]; readonly total: number } | null> {
  for (const limit of [newestRows, listPageRows]) {
    const { orders, total } = await readNewest(round.feed, round.call, limit);
    const statuses = await readStatuses(
      round.client,
      round.upstreamId,
      orders.map(({ id }) => id),
    );
    const unknown = orders.filter(({ id }) => !statuses.has(id));
    if (total === known + unknown.length) return { unknown, orders, total };
    // A longer look can only help when there are more new ones.
    if (total < known + unknown.length) return null;
  }
  return null;
}

/** Changes that the mirror does not have. A change and its undoing between two rounds leave no trace, and nothing to read. */
async function unknownChanges(
  round: Round,
  changes: readonly StatusChange[],
  followed: FollowedChanges,
): Promise<readonly StatusChange[]> {
  const statuses = await readStatuses(
    round.client,
    round.upstreamId,
    changes.map(({ orderId }) => orderId),
  );
  return changes.filter((change) => {
    const known = statuses.get(change.orderId);
    if (known === undefined || followed.has(change)) return false; // an unknown order is among the newest
    const isSameCertificate = change.certificateId === null || change.certificateId === known.certificateId;
    return known.status !== change.status || !isSameCertificate;
  });
}

/** The report of the days since the oldest of the new orders gives what order info does not have. False when that is too much. */
async function readByDate(round: Round, unknown: readonly Order[]): Promise<boolean> {
  const oldest = unknown.map(({ dateCreated }) => dateCreated).reduce((a, b) => ((a ?? '') < (b ?? '') ? a : b));
  if (oldest == null || Date.parse(oldest) < round.asOf.getTime() - longestLookBackMs) return false;
  const { feed, call, client, upstreamId, asOf, recordsHistory } = round;
  const seen = new Set<OrderId>();
  let batch: Order[] = [];
  const write = async () => {
    await applyOrders(client, upstreamId, batch, {
      source: 'report',
      fields: [...reportFields, ...ownFields.key],
      asOf,
      recordsHistory,
    });
    batch = [];
  };
  const request = {
    where: [{ field: 'dateCreated' as const, op: 'gte' as const, value: oldest }],
    fields: new Set(['id' as const, ...reportFields, ...ownFields.key]),
    limit: 100_000,
    offset: 0,
  };
  for await (const orders of feed.orderReport(request, call())) {
    for (const order of orders) if (!seen.has(order.id)) batch.push(orderOfReport(order));
    for (const { id } of orders) seen.add(id);
    if (batch.length >= batchRows) await write();
  }
  await write();
  // An order that the report does not have by that date would lack fields that only it gives.
  return unknown.every(({ id }) => seen.has(id));
}
