import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReadLedger, mostTracedCalls, type ReadAccount } from './read-ledger.ts';
import type { MadeCall } from './request-trace.ts';

const at = (text: string) => Date.parse(text);

describe('the ledger of a request', () => {
  it('says nothing before anything was read', () => {
    expect(new ReadLedger().account()).toEqual({
      source: null,
      dataAsOf: null,
      expectedRows: [],
      upstreamCalls: 0,
      expectedCalls: 0,
      truncated: false,
      totalRows: null,
      stale: false,
      unavailableFields: [],
      plans: [],
    });
  });

  it('names one source, mixed for several, and the oldest of the instants', () => {
    const ledger = new ReadLedger();
    ledger.readFrom('mirror', at('2026-11-23T10:00:00Z'));
    ledger.readFrom('mirror', at('2026-11-23T11:00:00Z'));
    expect(ledger.account()).toMatchObject({ source: 'mirror', dataAsOf: '2026-11-23T10:00:00.000Z' });
    ledger.readFrom('live', at('2026-11-23T12:00:00Z'));
    expect(ledger.account()).toMatchObject({ source: 'mixed', dataAsOf: '2026-11-23T10:00:00.000Z' });
  });

  it('adds up calls and collects names once, in order', () => {
    const ledger = new ReadLedger();
    ledger.called();
    ledger.called();
    ledger.cannotGive('productId');
    ledger.cannotGive('agreementId');
    ledger.cannotGive('productId');
    ledger.planned('first');
    ledger.planned('second');
    ledger.cutOff();
    expect(ledger.account()).toMatchObject({
      upstreamCalls: 2,
      truncated: true,
      unavailableFields: ['agreementId', 'productId'],
      plans: ['first', 'second'],
    });
  });

  const remote = fc.record<ReadAccount>({
    source: fc.constantFrom('mirror', 'live', 'cache', 'mixed', null),
    dataAsOf: fc.constantFrom(null, '2026-11-23T10:00:00.000Z', '2026-11-22T09:30:00.000Z'),
    upstreamCalls: fc.nat(20),
    truncated: fc.boolean(),
    totalRows: fc.constantFrom(null, 7),
    stale: fc.boolean(),
    unavailableFields: fc.subarray(['csr', 'locale', 'productId']),
    plans: fc.subarray(['a', 'b']),
    expectedCalls: fc.nat(20),
    expectedRows: fc.array(
      fc.record({ field: fc.constantFrom('orders', 'other'), rows: fc.nat(20), below: fc.constant([]) }),
      {
        maxLength: 2,
      },
    ),
  });

  it('merges what subgraphs report, in whatever order they report', () => {
    fc.assert(
      fc.property(fc.array(remote, { maxLength: 4 }), (accounts) => {
        const forth = new ReadLedger();
        const back = new ReadLedger();
        for (const account of accounts) forth.add(account);
        for (const account of accounts.toReversed()) back.add(account);
        const { plans, expectedRows, ...merged } = forth.account();
        const { plans: plansBack, expectedRows: rowsBack, ...mergedBack } = back.account();
        expect(merged).toEqual(mergedBack);
        expect([...plans].sort()).toEqual([...plansBack].sort());
        expect(expectedRows).toHaveLength(rowsBack.length);
        expect(expectedRows).toEqual(accounts.flatMap((account) => account.expectedRows));
        expect(merged.upstreamCalls).toBe(accounts.reduce((sum, account) => sum + account.upstreamCalls, 0));
        expect(merged.expectedCalls).toBe(accounts.reduce((sum, account) => sum + account.expectedCalls, 0));
        expect(merged.truncated).toBe(accounts.some((account) => account.truncated));
        expect(merged.stale).toBe(accounts.some((account) => account.stale));
        const instants = accounts.flatMap((account) => account.dataAsOf ?? []);
        expect(merged.dataAsOf).toBe(instants.sort()[0] ?? null);
        const sources = new Set(accounts.flatMap((account) => account.source ?? []));
        expect(merged.source).toBe(sources.size === 0 ? null : sources.size > 1 ? 'mixed' : [...sources][0]);
      }),
    );
  });

  it('keeps calls for a trace where it is told to, and no more than are shown', () => {
    const call: MadeCall = {
      ...{ route: 'GET /account', method: 'GET', status: 200, outcome: 'ok' },
      ...{ atMs: 1, durationMs: 2, waitedMs: 0, attempt: 1 },
    };
    const kept = new ReadLedger({ keepsCalls: true });
    const plain = new ReadLedger();
    for (const ledger of [kept, plain]) ledger.ended(call);
    expect(kept.account().calls).toEqual([call]);
    expect(plain.account()).not.toHaveProperty('calls');
    for (let count = 1; count < mostTracedCalls; count += 1) kept.ended(call);
    const other = new ReadLedger({ keepsCalls: true });
    other.ended(call);
    kept.add(other.account());
    expect(kept.account().calls).toHaveLength(mostTracedCalls);
    plain.add(other.account());
    expect(plain.account()).not.toHaveProperty('calls');
  });

  it('says of a merged account what it said itself', () => {
    fc.assert(
      fc.property(remote, (account) => {
        const ledger = new ReadLedger();
        ledger.add(account);
        expect(ledger.account()).toEqual(account);
      }),
    );
  });
});
