import type { Forecast } from './call-budget.ts';
import { laneOrder, type Waiting } from './fair-queue.ts';

/** How long a caller who comes back as told may still have to wait. */
const toleranceMs = 1_000;

/**
 * When a refused caller can come back and get a call, given who waits already. It reserves nothing, so others take their
 * turns meanwhile: the answer is not the time it would have been served at, had it stayed.
 *
 * @param order everyone who waits, in the order of service
 */
export function comeBackMs(caller: Waiting, order: readonly Waiting[], forecast: Forecast, nowMs: number): number {
  const queue = new RemainingQueue(caller, order);
  for (let served = 0; served < order.length; served += 1) {
    const ahead = queue.aheadOfCaller();
    if (served + ahead >= order.length) break;
    const slotMs = forecast(served + ahead);
    // Whoever waits behind would take that slot, so the caller has to be back before the next turn begins.
    if (slotMs - toleranceMs <= forecast(served)) return Math.max(slotMs - toleranceMs, nowMs + (slotMs - nowMs) / 2);
    queue.serve(order[served]!);
  }
  return forecast(order.length);
}

/** Counts who is ahead of one caller while the others are served. */
class RemainingQueue {
  readonly #caller: Waiting;
  readonly #sameLane = new Map<string, number>();
  #higherLanes = 0;

  constructor(caller: Waiting, order: readonly Waiting[]) {
    this.#caller = caller;
    const rank = laneOrder.indexOf(caller.lane);
    for (const waiter of order) {
      if (waiter.lane === caller.lane)
        this.#sameLane.set(waiter.onBehalfOf, (this.#sameLane.get(waiter.onBehalfOf) ?? 0) + 1);
      else if (laneOrder.indexOf(waiter.lane) < rank) this.#higherLanes += 1;
    }
  }

  aheadOfCaller(): number {
    const own = this.#sameLane.get(this.#caller.onBehalfOf) ?? 0;
    let ahead = this.#higherLanes + own;
    if (own === 0) return ahead + this.#sameLane.size;
    for (const [key, count] of this.#sameLane) if (key !== this.#caller.onBehalfOf) ahead += Math.min(count, own + 1);
    return ahead;
  }

  serve(waiter: Waiting): void {
    if (waiter.lane !== this.#caller.lane) {
      if (laneOrder.indexOf(waiter.lane) < laneOrder.indexOf(this.#caller.lane)) this.#higherLanes -= 1;
      return;
    }
    const left = (this.#sameLane.get(waiter.onBehalfOf) ?? 0) - 1;
    if (left > 0) this.#sameLane.set(waiter.onBehalfOf, left);
    else this.#sameLane.delete(waiter.onBehalfOf);
  }
}
