import { describe, expect, it } from '@jest/globals';
import { orderId, ReadLedger, UpstreamUnavailable, type OrderId, type OrderPart, type Read } from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { createLivePartReader } from '../src/index.ts';
import { VendorAccount } from './vendor-account.ts';

const clock = new FakeClock();
const readOf = (overrides: Partial<Read> = {}) => anyRead(clock, { ledger: new ReadLedger(), ...overrides });
const orders = (...ids: number[]): OrderId[] => ids.map(orderId);

describe('parts of orders', () => {
  it.each<OrderPart>(['duplicates', 'reissues', 'requests', 'notes', 'validation'])(
    '%s are one call for each order, and none of an unknown one',
    async (part) => {
      const certCentral = new VendorAccount();
      const read = readOf();
      const found = await createLivePartReader(certCentral, clock).find(part, orders(1, 404, 2, 1), read);
      expect([...found.keys()].sort()).toEqual([1, 2]);
      expect(certCentral.count()).toBe(3);
      expect(read.ledger.account()).toMatchObject({ source: 'live', upstreamCalls: 3 });
    },
  );

  it('requests and notes of one request come from one order info', async () => {
    const certCentral = new VendorAccount();
    const reader = createLivePartReader(certCentral, clock);
    const read = readOf();
    const [requests, notes] = await Promise.all([
      reader.find('requests', orders(1, 2), read),
      reader.find('notes', orders(1, 2), read),
    ]);
    // Later in the same request too; another request reads anew.
    await reader.find('notes', orders(2, 3), read);
    expect(certCentral.count('info with parts')).toBe(3);
    await reader.find('notes', orders(2), readOf());
    expect(certCentral.count('info with parts')).toBe(4);
    expect(requests.get(orderId(2))).toMatchObject([{ id: 20 }]);
    expect(notes.get(orderId(2))).toMatchObject([{ id: 200 }]);
  });

  it('are read 25 orders at a time', async () => {
    const certCentral = new VendorAccount();
    const ids = Array.from({ length: 120 }, (_, at) => orderId(1_000 + at));
    const found = await createLivePartReader(certCentral, clock).find('duplicates', ids, readOf());
    expect([found.size, certCentral.mostOpen]).toEqual([120, 25]);
  });

  it('an order info that failed is asked for again', async () => {
    const certCentral = new VendorAccount();
    const working = certCentral.orderWithParts.bind(certCentral);
    let failures = 1;
    certCentral.orderWithParts = (id, call) =>
      failures-- > 0 ? Promise.reject(new UpstreamUnavailable('GET /order', 'status 500')) : working(id, call);
    const reader = createLivePartReader(certCentral, clock);
    const read = readOf();
    await expect(reader.find('notes', orders(1), read)).rejects.toBeInstanceOf(UpstreamUnavailable);
    expect((await reader.find('notes', orders(1), read)).size).toBe(1);
  });

  it('are only counted by a read that plans, order info once', async () => {
    const certCentral = new VendorAccount();
    const reader = createLivePartReader(certCentral, clock);
    const read = readOf({ planOnly: true });
    for (const part of ['requests', 'notes', 'duplicates'] as const) await reader.find(part, orders(1, 2), read);
    expect(certCentral.count()).toBe(0);
    expect(read.ledger.account().expectedCalls).toBe(4);
  });
});
