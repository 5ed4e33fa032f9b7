import type { Clock, Read } from '@certfolio/core';

/** Takes down what a live read would cost, in place of making it. */
export function planCalls(read: Read, what: string, calls: number, clock: Clock): void {
  read.ledger.planned(what);
  read.ledger.expects(calls);
  read.ledger.readFrom('live', clock.nowMs());
}
