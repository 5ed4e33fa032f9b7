import { AppError, type Clock, type Logger, type OrderId } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { nextTasks, oldestInfos, saveCertificates, withClient } from './backfill.postgres.ts';
import type { BackfillTask } from './backfill-tasks.ts';
import { forEachConcurrently } from './concurrently.ts';
import type { CallMaker, MirrorFeed } from './feed.ts';
import { orderOfInfo, fieldsOfInfo, parallelCalls, partsOf } from './rounds-info.ts';
import { readRecord, settleGroups } from './store-groups.postgres.ts';
import { applyOrders, markVanished } from './store.postgres.ts';

export interface BackfillOptions {
  readonly pool: Pool;
  readonly upstreamId: number;
  readonly feed: MirrorFeed;
  readonly call: CallMaker;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Orders of one step; between two of them others can take over. */
const stepOrders = 40;
/** How long an order that could not be read is left alone. */
const pauseMs = 10 * 60_000;
/** Where order info stands in for a report, each order's is read again after so long. */
const renewMs = 24 * 60 * 60_000;
/** Calls that have to be free for others: when so many more could not be sent soon, the backfill rests. */
const reserve = { calls: 200, withinMs: 20_000 };

/** Orders that could not be read a moment ago. */
export class RecentFailures {
  readonly #untilMs = new Map<OrderId, number>();

  add(id: OrderId, nowMs: number): void {
    this.#untilMs.set(id, nowMs + pauseMs);
  }

  idsAt(nowMs: number): readonly OrderId[] {
    for (const [id, untilMs] of this.#untilMs) if (untilMs <= nowMs) this.#untilMs.delete(id);
    return [...this.#untilMs.keys()];
  }
}

/** Whether the budget has room for calls that nobody waits for. */
export function hasRoom(feed: Pick<MirrorFeed, 'outlook'>): boolean {
  return feed.outlook().waitMsFor(reserve.calls) <= reserve.withinMs;
}

/**
 * Reads what takes a call an order: order info (with requests and notes), duplicates, reissues. A step of a few dozen
 * orders, newest and issued first; what is written stays, so that a kill loses no more than the calls in flight.
 *
 * @returns how many were read; 0 when nothing is left or the budget has no room
 */
export async function backfillStep(
  options: BackfillOptions,
  failures: RecentFailures,
  signal: AbortSignal,
): Promise<number> {
  const { pool, upstreamId, feed, clock } = options;
  const tasks = await tasksOf(options, failures.idsAt(clock.nowMs()));
  let done = 0;
  await forEachConcurrently(tasks, parallelCalls, async (task) => {
    if (signal.aborted || !hasRoom(feed)) return;
    try {
      await read(task, options);
      done += 1;
    } catch (error) {
      // One order that cannot be read must not keep the others from it.
      if (!(error instanceof AppError) || signal.aborted) throw error;
      failures.add(task.id, clock.nowMs());
      options.logger.warn(
        { orderId: task.id, part: task.part, reason: error.message },
        'An order could not be read for the mirror.',
      );
    }
  });
  if (done > 0) await settleGroups(pool, upstreamId);
  return done;
}

async function tasksOf(
  { pool, upstreamId, clock }: BackfillOptions,
  without: readonly OrderId[],
): Promise<readonly BackfillTask[]> {
  const tasks = await nextTasks(pool, upstreamId, stepOrders, without);
  if (tasks.length > 0) return tasks;
  const { abilities } = await readRecord(pool, upstreamId);
  if (abilities.report && abilities.custom) return tasks;
  const before = new Date(clock.nowMs() - renewMs);
  const old = await oldestInfos(pool, upstreamId, stepOrders, before);
  return old.filter(({ id }) => !without.includes(id));
}

async function read(
  { id, part }: BackfillTask,
  { pool, upstreamId, feed, call, clock }: BackfillOptions,
): Promise<void> {
  const asOf = new Date(clock.nowMs());
  const vanish = () =>
    withClient(pool, (client) => markVanished(client, upstreamId, [id], { asOf, recordsHistory: true }));
  if (part !== 'info') {
    const certificates = await feed[part](id, call());
    if (certificates === null) await vanish();
    else await saveCertificates(pool, upstreamId, id, part, certificates, asOf);
    return;
  }
  const answer = await feed.orderWithParts(id, call());
  if (answer === null) {
    await vanish();
    return;
  }
  const { abilities } = await readRecord(pool, upstreamId);
  await withClient(pool, (client) =>
    applyOrders(client, upstreamId, [orderOfInfo(answer.order)], {
      source: 'info',
      fields: fieldsOfInfo(answer.order, 'rest', abilities),
      asOf,
      recordsHistory: true,
      parts: partsOf(answer),
    }),
  );
}
