import { publicKeyOf, type Order, type OrderField, type OrderId, type OrderWithParts } from '@certfolio/core';
import { forEachConcurrently } from './concurrently.ts';
import type { Round } from './rounds.ts';
import { infoFields, ownFields } from './store-fields.ts';
import { applyOrders } from './store.postgres.ts';

/** Calls in flight at most; the call budget paces them, this keeps them from filling its queue. */
export const parallelCalls = 4;

/** Which fields of order info are taken: all of them, or those that the other readings do not have. */
export type InfoFields = 'all' | 'rest';

/** Reads order info of the orders and writes it. Orders that do not exist are named. */
export async function readInfo(
  round: Pick<Round, 'client' | 'upstreamId' | 'feed' | 'call' | 'clock' | 'abilities' | 'recordsHistory'>,
  ids: readonly OrderId[],
  take: InfoFields,
): Promise<{ readonly found: number; readonly missing: readonly OrderId[] }> {
  const missing: OrderId[] = [];
  const { feed, call, client, upstreamId, clock, recordsHistory } = round;
  // Calls overlap, statements do not: the connection takes one at a time.
  let writing: Promise<unknown> = Promise.resolve();
  await forEachConcurrently(ids, parallelCalls, async (id) => {
    const asOf = new Date(clock.nowMs());
    const answer = await feed.orderWithParts(id, call());
    if (answer === null) return missing.push(id);
    writing = writing.then(() =>
      applyOrders(client, upstreamId, [orderOfInfo(answer.order)], {
        source: 'info',
        fields: fieldsOfInfo(answer.order, take, round.abilities),
        asOf,
        recordsHistory,
        parts: partsOf(answer),
      }),
    );
    return writing;
  }).finally(() => writing.catch(() => undefined));
  return { found: ids.length - missing.length, missing };
}

export const partsOf = ({ requests, notes }: OrderWithParts) => ({ requests, notes });

/** The key as everywhere else: read out of the request. What order info says of its size counts for orders without one. */
export function orderOfInfo(order: Order): Order {
  const key = order.csr == null ? null : publicKeyOf(order.csr);
  return {
    ...order,
    keyAlgorithm: key?.algorithm ?? null,
    keySize: order.csr == null ? (order.keySize ?? null) : (key?.size ?? null),
    ...(order.restOrderInfo === undefined ? {} : { restOrderInfo: order.restOrderInfo }),
  };
}

/** @returns fields that may be written from this answer; before issuance order info does not give the certificate's id */
export function fieldsOfInfo(
  order: Order,
  take: InfoFields,
  { report, custom }: { readonly report: boolean; readonly custom: boolean },
): readonly OrderField[] {
  const rest = [...ownFields.info, ...ownFields.key];
  if (take === 'rest' && report) return custom ? rest : [...rest, ...ownFields.custom];
  return order.certificateId == null ? infoFields.filter((field) => field !== 'certificateId') : infoFields;
}

/** An order of the report: its key's size is not known, rather than none, where it has no certificate request. */
export function orderOfReport(order: Order): Order {
  return order.csr == null ? { ...order, keySize: undefined as never } : order;
}
