import type { Lane } from '@certfolio/core';

/** Who waits: the lane decides first, then each `onBehalfOf` gets one call per round. */
export interface Waiting {
  readonly lane: Lane;
  readonly onBehalfOf: string;
}

/** The first lane is served before the second, and so on. */
export const laneOrder: readonly Lane[] = ['interactive', 'scheduled', 'shadow', 'backfill'];

/**
 * Callers in the order they are served: lanes by rank; inside a lane round-robin between keys, so a key with a thousand
 * calls delays another key's single call by one call.
 */
export class FairQueue<W extends Waiting> {
  /** A Map keeps the order of insertion: its first key has the next turn, and goes to the end after it. */
  readonly #lanes: ReadonlyMap<Lane, Map<string, W[]>> = new Map(
    laneOrder.map((lane) => [lane, new Map<string, W[]>()]),
  );
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(waiter: W): void {
    const lane = this.#lane(waiter.lane);
    const own = lane.get(waiter.onBehalfOf);
    if (own === undefined) lane.set(waiter.onBehalfOf, [waiter]);
    else own.push(waiter);
    this.#size += 1;
  }

  /** The one who is next; with a condition, the next of those who meet it among the first of each key. */
  peek(mayGo: (waiter: W) => boolean = () => true): W | undefined {
    for (const lane of this.#lanes.values()) {
      for (const own of lane.values()) if (mayGo(own[0]!)) return own[0];
    }
    return undefined;
  }

  /** Takes out the one whose turn it is; the next turn is another key's. */
  serve(waiter: W): boolean {
    const lane = this.#lane(waiter.lane);
    const own = lane.get(waiter.onBehalfOf);
    if (!this.remove(waiter)) return false;
    if (own!.length > 0) {
      lane.delete(waiter.onBehalfOf);
      lane.set(waiter.onBehalfOf, own!);
    }
    return true;
  }

  shift(): W | undefined {
    const waiter = this.peek();
    if (waiter !== undefined) this.serve(waiter);
    return waiter;
  }

  remove(waiter: W): boolean {
    const lane = this.#lane(waiter.lane);
    const own = lane.get(waiter.onBehalfOf) ?? [];
    const index = own.indexOf(waiter);
    if (index < 0) return false;
    own.splice(index, 1);
    if (own.length === 0) lane.delete(waiter.onBehalfOf);
    this.#size -= 1;
    return true;
  }

  /** Everyone in the order of service, as long as nobody else comes. */
  inOrder(): W[] {
    return laneOrder.flatMap((name) => roundRobin([...this.#lane(name).values()]));
  }

  countIn(lane: Lane): number {
    let count = 0;
    for (const own of this.#lane(lane).values()) count += own.length;
    return count;
  }

  /** How many are served before a caller that comes now. */
  aheadOf({ lane, onBehalfOf }: Waiting): number {
    let ahead = 0;
    for (const name of laneOrder) {
      if (name === lane) break;
      ahead += this.countIn(name);
    }
    const inLane = this.#lane(lane);
    const own = inLane.get(onBehalfOf)?.length ?? 0;
    let passedOwn = false;
    for (const [key, theirs] of inLane) {
      if (key === onBehalfOf) passedOwn = true;
      else ahead += Math.min(theirs.length, passedOwn ? own : own + 1);
    }
    return ahead + own;
  }

  #lane(name: Lane): Map<string, W[]> {
    const lane = this.#lanes.get(name);
    if (lane === undefined) throw new TypeError(`"${name}" is no lane.`);
    return lane;
  }
}

function roundRobin<W>(queues: readonly (readonly W[])[]): W[] {
  const order: W[] = [];
  let left = queues;
  for (let round = 0; left.length > 0; round += 1) {
    left = left.filter((queue) => queue.length > round);
    for (const queue of left) order.push(queue[round]!);
  }
  return order;
}
