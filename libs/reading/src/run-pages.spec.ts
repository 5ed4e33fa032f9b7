import { describe, expect, it } from '@jest/globals';
import {
  allOrders,
  containerId,
  everything,
  orderId,
  ReadLedger,
  type Order,
  type OrderPage,
  type OrderQuery,
  type OrderRead,
} from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { positionOf } from './ordering.ts';
import { RunPages } from './run-pages.ts';

const clock = new FakeClock();
const orders = Array.from({ length: 10 }, (_, index): Order => ({ id: orderId(index + 1) }));
const readOf = (id: string, rowCap: number, overrides: Partial<OrderRead> = {}): OrderRead => ({
  ...anyRead(clock, { run: { id, rowCap, startedAtMs: 0, zone: 'UTC' }, ledger: new ReadLedger() }),
  fields: new Set(['id']),
  ...overrides,
});

function runAtHand(rows: { current: readonly Order[] } = { current: orders }) {
  const wholes: OrderQuery[] = [];
  const pages = new RunPages(clock);
  const whole = async (query: OrderQuery): Promise<OrderPage> => {
    wholes.push(query);
    return {
      orders: rows.current.slice(0, query.limit!),
      hasNext: rows.current.length > query.limit!,
      total: null,
      positionOf: (order) => positionOf(order, query.sort),
    };
  };
  const page = (read: OrderRead, limit: number, after: number | null) =>
    pages.page({ ...allOrders, limit, after: after === null ? null : { sortValues: [], id: after } }, read, whole);
  return { wholes, page };
}

const idsOf = ({ orders: rows }: OrderPage) => rows.map(({ id }) => id as number);

describe('the pages of a run', () => {
  it('come from one read of all its rows', async () => {
    const { wholes, page } = runAtHand();
    const first = await page(readOf('a', 100), 4, null);
    const second = await page(readOf('a', 100), 4, 4);
    const third = await page(readOf('a', 100), 4, 8);
    expect([first, second, third].map(idsOf)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10],
    ]);
    expect([first, second, third].map(({ hasNext }) => hasNext)).toEqual([true, true, false]);
    expect(wholes).toEqual([{ ...allOrders, limit: 100 }]);
  });

  it('end at the row cap, and the ledger says that rows were cut', async () => {
    const { page } = runAtHand();
    const cut = readOf('a', 6);
    expect(idsOf(await page(cut, 4, null))).toEqual([1, 2, 3, 4]);
    expect(cut.ledger.truncated).toBe(true);
    const last = await page(readOf('a', 6), 4, 4);
    expect(idsOf(last)).toEqual([5, 6]);
    expect(last.hasNext).toBe(false);
    const whole = readOf('b', 10);
    await page(whole, 4, null);
    expect(whole.ledger.truncated).toBe(false);
  });

  it('are not shared by two runs, two scopes or two sets of fields', async () => {
    const { wholes, page } = runAtHand();
    await page(readOf('a', 100), 4, null);
    await page(readOf('b', 100), 4, null);
    await page(readOf('a', 100, { scope: { containers: new Set([containerId(14)]) } }), 4, null);
    await page(readOf('a', 100, { fields: new Set(['id', 'status']) }), 4, null);
    expect(wholes).toHaveLength(4);
    await page(readOf('a', 100, { scope: everything }), 4, 4);
    expect(wholes).toHaveLength(4);
  });

  it('are read again when they were let go, and go on after the row of the last page, be it gone or not', async () => {
    const rows = { current: orders as readonly Order[] };
    const { wholes, page } = runAtHand(rows);
    await page(readOf('a', 100), 4, null);
    await clock.advance(120_001);
    rows.current = orders.filter(({ id }) => id !== 4);
    expect(idsOf(await page(readOf('a', 100), 4, 4))).toEqual([5, 6, 7, 8]);
    expect(wholes).toHaveLength(2);
  });

  it('are kept as long as pages are asked for', async () => {
    const { wholes, page } = runAtHand();
    for (const after of [null, 2, 4, 6]) {
      await page(readOf('a', 100), 2, after);
      await clock.advance(100_000);
    }
    expect(wholes).toHaveLength(1);
  });

  it('are let go with the last of them', async () => {
    const { wholes, page } = runAtHand();
    await page(readOf('a', 100), 20, null);
    await page(readOf('a', 100), 20, null);
    expect(wholes).toHaveLength(2);
  });
});
