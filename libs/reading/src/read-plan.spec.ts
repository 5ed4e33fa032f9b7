import { describe, expect, it } from '@jest/globals';
import {
  allOrders,
  fieldsFrom,
  orderFields,
  type OrderCondition,
  type OrderField,
  type OrderQuery,
} from '@certfolio/core';
import { describePlan, planRead } from './read-plan.ts';
import { LearntFacts } from './source-facts.ts';

const details = [...orderFields].filter(([, { customName }]) => customName !== null).map(([name]) => name);
const noWait = () => 0;

function plan(query: Partial<OrderQuery>, fields: Iterable<OrderField>, known: Partial<LearntFacts> = {}) {
  const facts = Object.assign(new LearntFacts(), known);
  return planRead({ query: { ...allOrders, ...query }, fields: new Set(fields) }, facts, noWait);
}
const isIn = (field: OrderField, ...values: (string | number | boolean)[]): OrderCondition => ({
  op: 'in',
  field,
  values,
});

describe('the plan of a read', () => {
  it('takes fields of the list for 10,000 orders from the list, in ten calls', () => {
    expect(plan({}, fieldsFrom('list'), { totalOrders: 10_000 })).toMatchObject({
      source: 'list',
      orderInfo: 'none',
      expected: { calls: 10, rows: 10_000 },
    });
  });

  it('takes all fields of 1,000 orders from Custom Reports, with the count in two calls', () => {
    const chosen = plan({}, details, { totalOrders: 1_000, customReports: 'allowed' });
    expect(chosen).toMatchObject({ source: 'custom', orderInfo: 'none', expected: { calls: 2 } });
    expect(chosen.unavailable.size).toBe(0);
    expect(chosen.sourceFields.size).toBe(62);
  });

  it('without Custom Reports takes all fields of 50 orders from the report and order info, and misses none', () => {
    const chosen = plan({}, details, { totalOrders: 50, customReports: 'not-allowed' });
    expect(chosen).toMatchObject({ source: 'report', orderInfo: 'rows' });
    expect([...chosen.unavailable]).toEqual([]);
  });

  it('takes five rows with a detail field by the list and five order infos, never by 100,000 rows', () => {
    for (const customReports of ['unknown', 'allowed', 'not-allowed'] as const) {
      for (const totalOrders of [100_000, null]) {
        const chosen = plan({ limit: 5 }, ['id', 'csr'], { totalOrders, customReports });
        expect(chosen).toMatchObject({ source: 'list', orderInfo: 'rows', sourceLimit: 6, expected: { calls: 6 } });
      }
    }
  });

  it('reads one branch for each of a few values, and filters here what has many', () => {
    const few = plan({ conditions: [isIn('containerId', 14, 15, 16)] }, ['commonName'], { totalOrders: 50_000 });
    expect(few.branches.map(([push]) => push)).toEqual(
      [14, 15, 16].map((value) => ({ field: 'containerId', op: 'eq', value })),
    );
    const many = plan({ conditions: [isIn('id', ...Array.from({ length: 50 }, (_, id) => id + 1))] }, ['commonName'], {
      totalOrders: 500,
    });
    expect(many).toMatchObject({ branches: [[]], exact: false });
  });

  it('fans one condition out only, the first', () => {
    const chosen = plan({ conditions: [isIn('containerId', 14, 15), isIn('organizationId', 1, 2)] }, ['commonName'], {
      totalOrders: 50_000,
    });
    expect(chosen.branches).toHaveLength(2);
    expect(chosen.exact).toBe(false);
  });

  it('asks a source for one condition per field, since of two it takes the first', () => {
    for (const customReports of ['allowed', 'not-allowed'] as const) {
      const chosen = plan(
        { conditions: [isIn('containerId', 14), isIn('containerId', 15)], withTotal: true },
        ['commonName', 'locale'],
        { totalOrders: 5_000, customReports },
      );
      expect(chosen.branches).toEqual([[{ field: 'containerId', op: 'eq', value: 14 }]]);
      expect(chosen.exact).toBe(false);
    }
  });

  it('pushes a scope of one division, so that limit and count are the source’s', () => {
    const chosen = plan({ conditions: [isIn('containerId', 14)], limit: 10, withTotal: true }, ['commonName'], {
      totalOrders: 50_000,
    });
    expect(chosen).toMatchObject({
      source: 'list',
      exact: true,
      sourceLimit: 11,
      branches: [[{ field: 'containerId', op: 'eq', value: 14 }]],
    });
  });

  it('lets Custom Reports sort by days and cut, with a margin for ties; never by text', () => {
    const sorted = (field: OrderField, more: Partial<OrderQuery> = {}) =>
      plan({ sort: [{ field, direction: 'asc' }], limit: 5, ...more }, ['locale', 'validTill', field], {
        totalOrders: 50_000,
        customReports: 'allowed',
      });
    expect(sorted('validTill')).toMatchObject({ source: 'custom', sourceLimit: 56, expected: { calls: 2 } });
    expect(sorted('validTill', { offset: 10 })).toMatchObject({ sourceLimit: 66 });
    expect(sorted('commonName').sourceLimit).toBeNull();
    expect(sorted('userId').sourceLimit).toBeNull();
    expect(sorted('validTill', { withTotal: true }).sourceLimit).toBeNull();
    expect(
      sorted('validTill', { conditions: [{ op: 'contains', field: 'commonName', text: 'x' }] }).sourceLimit,
    ).toBeNull();
  });

  it('asks Custom Reports for a thumbprint, and without it reads the report', () => {
    const query = { conditions: [isIn('thumbprint', 'AB')] };
    expect(plan(query, ['commonName', 'csr'], { totalOrders: 50_000 })).toMatchObject({
      source: 'custom',
      branches: [[{ field: 'thumbprint', value: 'AB' }]],
    });
    expect(plan(query, ['commonName', 'csr'], { totalOrders: 50_000, customReports: 'not-allowed' })).toMatchObject({
      source: 'report',
      branches: [[]],
      orderInfo: 'none',
    });
  });

  it('counts the witness of an answer that the list cannot count', () => {
    const issued = { conditions: [isIn('status', 'issued')] };
    const known = { totalOrders: 1_000, customReports: 'allowed' } as const;
    const costOf = (more: Partial<LearntFacts> = {}) => plan(issued, details, { ...known, ...more }).expected;
    expect(costOf()).toMatchObject({ calls: 2, rows: 600 });
    // 62 fields of 600 rows, two of 1,000.
    expect(costOf().durationMs).toBeCloseTo(400 + (62 * 600 + 2 * 1_000) * 0.02);
    expect(costOf({ takesWitness: false }).calls).toBe(3);
  });

  it('takes a few rows of a large account from a source that is counted rather than with a witness of all orders', () => {
    const query = { conditions: [isIn('commonName', 'shop.acme.test')] };
    const sourceFor = (totalOrders: number, field: OrderField) =>
      plan(query, ['commonName', field], { totalOrders, customReports: 'allowed' }).source;
    expect([sourceFor(1_000, 'csr'), sourceFor(1_000, 'caCertId')]).toEqual(['custom', 'custom']);
    expect([sourceFor(100_000, 'csr'), sourceFor(100_000, 'caCertId')]).toEqual(['report', 'list']);
  });

  it('asks Custom Reports to apply only what its answer shows, or the list counts, or names one order', () => {
    const facts = new LearntFacts();
    facts.customReports = 'allowed';
    facts.totalOrders = 500;
    const fields = new Set(['contactsEmail'] as const);
    const isApplied = (...conditions: OrderCondition[]) => {
      const { source, branches } = planRead({ query: { ...allOrders, conditions }, fields }, facts, noWait);
      return source === 'custom' && branches[0]!.length === 1;
    };
    expect(isApplied(isIn('locale', 'en'))).toBe(true);
    facts.forgetCustomFields(['locale', 'containerId', 'thumbprint']);
    expect(isApplied(isIn('locale', 'en'))).toBe(false);
    expect(isApplied(isIn('containerId', 14))).toBe(true);
    expect(isApplied(isIn('thumbprint', 'AB'))).toBe(true);
  });

  it('names the fields that no source of the plan gives', () => {
    const chosen = plan({}, ['id', 'hasReissues', 'productId'], { totalOrders: 500 });
    expect([...chosen.unavailable].length).toBe(1);
    const facts = new LearntFacts();
    facts.forgetCustomFields(['locale', 'agreementId']);
    facts.customReports = 'allowed';
    const without = planRead({ query: allOrders, fields: new Set(['agreementId', 'locale'] as const) }, facts, noWait);
    // The report has the one, order info the other.
    expect(without).toMatchObject({ source: 'report', orderInfo: 'rows' });
    expect(without.unavailable.size).toBe(0);
  });

  it('joins the account and the organizations to the list rather than ask for every order', () => {
    const chosen = plan({}, ['commonName', 'accountId', 'organizationAddress1', 'organizationCity'], {
      totalOrders: 3_000,
      customReports: 'not-allowed',
    });
    expect(chosen).toMatchObject({ source: 'list', orderInfo: 'none', expected: { calls: 5 } });
    expect([...chosen.joins].sort()).toEqual(['account', 'organizations']);
    expect(chosen.sourceFields).toContain('organizationId');
  });

  it('says in a caller’s words that nothing can filter by all the fields', () => {
    expect(() => plan({ conditions: [isIn('hasReissues', true), isIn('plusFeature', true)] }, ['id'])).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining('hasReissues, plusFeature') }),
    );
  });

  it('prefers what needs fewer calls when calls are scarce', () => {
    const facts = Object.assign(new LearntFacts(), { totalOrders: 60_000 });
    const needs = { query: allOrders, fields: new Set(['commonName', 'status', 'validTill'] as const) };
    expect(planRead(needs, Object.assign(new LearntFacts(), { totalOrders: 1_000 }), noWait).source).toBe('list');
    const scarce = planRead(needs, facts, (calls) => (calls > 5 ? 600_000 : 0));
    expect(scarce.source).not.toBe('list');
    expect(scarce.expected.calls).toBeLessThanOrEqual(5);
  });

  it('pushes no LIKE that a database could take for another', () => {
    const pushed = (pattern: string) =>
      plan({ conditions: [{ op: 'like', field: 'commonName', pattern }] }, details, {
        totalOrders: 5_000,
        customReports: 'allowed',
      }).branches[0];
    expect(pushed('%.acme.test')).toEqual([{ field: 'commonName', op: 'like', value: '%.acme.test' }]);
    for (const pattern of ['a_b%', 'acme.test', '50\\%%']) expect(pushed(pattern)).toEqual([]);
  });

  it('survives bounds at the edge of time', () => {
    const chosen = plan({ conditions: [{ op: 'range', field: 'dateCreated', gte: '0000-01-01T00:00:00Z' }] }, details, {
      totalOrders: 500,
      customReports: 'allowed',
    });
    expect(chosen.branches).toEqual([[]]);
  });

  it('is told in one sentence', () => {
    const sentence = describePlan(
      plan({ conditions: [isIn('containerId', 14)], limit: 5 }, ['id', 'csr'], {
        totalOrders: 50_000,
        customReports: 'not-allowed',
      }),
    );
    expect(sentence).toBe(
      'orders from the list; where containerId eq 14; at most 6 rows; order info for the rows; expecting 6 calls, 6 rows, 451 ms',
    );
  });
});
