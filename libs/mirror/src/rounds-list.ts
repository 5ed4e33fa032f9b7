import { UpstreamUnavailable, type Order, type OrderId } from '@certfolio/core';
import { listPageRows, pageOverlap } from './feed.ts';
import type { Round, RoundResult } from './rounds.ts';
import { listFields, ownFields } from './store-fields.ts';
import { applyOrders, fillAccount, markVanished, readIds, readStatuses } from './store.postgres.ts';

const listRoute = 'GET /order/certificate';
const maxPasses = 3;

/**
 * Reads all pages of the order list, one call per 1,000 orders. Beside the report it is read for the fields that only the
 * list has; where the key may not use the report, it finds new, changed and vanished orders as well.
 *
 * @throws UpstreamUnavailable when the pages do not fit together, three times
 */
export async function readList(round: Round): Promise<RoundResult> {
  const isOnlySource = !round.abilities.report;
  const writing = {
    source: 'list',
    fields: isOnlySource ? listFields : ownFields.list,
    asOf: round.asOf,
    recordsHistory: round.recordsHistory,
  } as const;
  let changes = 0;
  const write = async (orders: readonly Order[]) => {
    const known = isOnlySource
      ? null
      : await readStatuses(
          round.client,
          round.upstreamId,
          orders.map(({ id }) => id),
        );
    // Orders that came after the report are left to it: a row with the list's fields alone would look like a whole one.
    const written = known === null ? orders : orders.filter(({ id }) => known.has(id));
    changes += await applyOrders(round.client, round.upstreamId, written, writing);
    if (isOnlySource)
      await fillAccount(
        round.client,
        round.upstreamId,
        written.map(({ id }) => id),
      );
  };

  const { seen, total } = await readPages(round, write);
  if (isOnlySource) {
    const known = await readIds(round.client, round.upstreamId);
    const gone = known.filter((id) => !seen.has(id));
    changes += await markVanished(round.client, round.upstreamId, gone, round);
  }
  return { changes, total, groups: ['list'] };
}

interface Pages {
  readonly seen: ReadonlySet<OrderId>;
  readonly total: number;
}

/** Pages fit together when each begins with the last row of the one before, and all have as many rows as they count. */
async function readPages(round: Round, write: (orders: readonly Order[]) => Promise<void>): Promise<Pages> {
  for (let pass = 1; ; pass += 1) {
    const pages = await onePass(round, write);
    if (pages !== null) return pages;
    if (pass === maxPasses)
      throw new UpstreamUnavailable(listRoute, `its pages did not fit together, ${maxPasses} times`);
  }
}

async function onePass(
  { feed, call }: Round,
  write: (orders: readonly Order[]) => Promise<void>,
): Promise<Pages | null> {
  const seen = new Set<OrderId>();
  let lastId: OrderId | undefined;
  for (let offset = 0; ; offset += listPageRows - pageOverlap) {
    const { orders, total } = await feed.listOrders(
      { where: [], sort: { field: 'id', direction: 'asc' }, limit: listPageRows, offset, withDocuments: true },
      call(),
    );
    const unseen = [...new Map(orders.map((order) => [order.id, order])).values()].filter(({ id }) => !seen.has(id));
    if (offset > 0 && orders[0]?.id !== lastId) return null;
    await write(unseen);
    for (const { id } of unseen) seen.add(id);
    lastId = orders.at(-1)?.id;
    if (offset + listPageRows >= total) return seen.size < total ? null : { seen, total };
  }
}
