import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { orderId, type Decimal, type Order, type OrderCondition } from '@certfolio/core';
import { rsaRequest } from '@certfolio/core/testing';
import { compileConditions, fieldsOfCondition, namesThatCover } from './conditions.ts';

const order = (facts: Partial<Order>): Order => ({ ...facts, id: orderId(1) });
const holds = (condition: OrderCondition, facts: Partial<Order>) => compileConditions([condition])(order(facts));
const like = (pattern: string, text: string) =>
  holds({ op: 'like', field: 'commonName', pattern }, { commonName: text });

describe('like', () => {
  it.each([
    ['shop.acme.test', 'shop.acme.test', true],
    ['shop.acme.test', 'shop.acme.tes', false],
    ['%', '', true],
    ['%', 'anything', true],
    ['', '', true],
    ['', 'x', false],
    ['_', '', false],
    ['_', 'x', true],
    ['%.acme.test', 'shop.acme.test', true],
    ['%.acme.test', 'acme.test', false],
    ['SHOP.%', 'shop.acme.test', true],
    ['s_op%', 'shop', true],
    ['%a%b%', 'xxaxxbxx', true],
    ['%a%b%', 'xxbxxaxx', false],
    ['%%%a', 'bca', true],
    ['a.c', 'abc', false],
    ['%(', 'x(', true],
    ['[ab]%', 'a', false],
    ['_', '😀', true],
    ['%mü%', 'MÜNCHEN.test', true],
  ])('"%s" on "%s": %s', (pattern, text, expected) => {
    expect(like(pattern, text)).toBe(expected);
  });

  it('means what a regular expression of it means', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '.', '%', '_'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const escaped = pattern
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
          .replaceAll('%', '.*')
          .replaceAll('_', '.');
        expect(like(pattern, value)).toBe(new RegExp(`^${escaped}$`, 'is').test(value));
      }),
      { numRuns: 500 },
    );
  });

  it('takes no longer for a hostile pattern than pattern times text', () => {
    const text = 'a'.repeat(20_000);
    const startedMs = performance.now();
    expect(like(`${'%a'.repeat(200)}%b`, text)).toBe(false);
    expect(like(`${'%_'.repeat(200)}%b`, text)).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

describe('a list of texts', () => {
  it('meets a condition when one of them does', () => {
    const facts = { dnsNames: ['www.acme.test', 'cdn.acme.test'] };
    expect(holds({ op: 'in', field: 'dnsNames', values: ['cdn.acme.test'] }, facts)).toBe(true);
    expect(holds({ op: 'in', field: 'dnsNames', values: ['acme.test'] }, facts)).toBe(false);
    expect(holds({ op: 'like', field: 'dnsNames', pattern: 'cdn.%' }, facts)).toBe(true);
    expect(holds({ op: 'contains', field: 'dnsNames', text: 'WWW' }, facts)).toBe(true);
    expect(holds({ op: 'isNull', field: 'dnsNames', isNull: true }, { dnsNames: [] })).toBe(true);
  });

  it('of custom fields is looked at by their values', () => {
    const facts = { customFields: [{ id: 112, label: 'Cost center', value: '4711' }] };
    expect(holds({ op: 'contains', field: 'customFields', text: '71' }, facts)).toBe(true);
    expect(holds({ op: 'contains', field: 'customFields', text: 'center' }, facts)).toBe(false);
  });
});

describe('weakKey', () => {
  const weak = { op: 'weakKey', minRsaBits: 2049, minEcBits: 257 } as const;

  it('looks at the key of the certificate request', () => {
    expect(holds(weak, { csr: rsaRequest })).toBe(true);
    expect(holds({ ...weak, minRsaBits: 2048 }, { csr: rsaRequest })).toBe(false);
  });

  it('holds for no order without a request that can be read', () => {
    for (const csr of [null, undefined, 'no request']) expect(holds(weak, { csr: csr as never })).toBe(false);
  });
});

describe('coversName', () => {
  it.each([
    ['shop.acme.test', 'shop.acme.test', true],
    ['SHOP.acme.test', 'shop.ACME.test', true],
    ['*.acme.test', 'shop.acme.test', true],
    ['*.acme.test', 'acme.test', false],
    ['*.acme.test', 'a.shop.acme.test', false],
    ['*.acme.test', '*.acme.test', true],
    ['*.acme.test', '.acme.test', false],
    ['*.test', 'acme.test', true],
    ['*.acme.test', '*.shop.acme.test', false],
    ['acme.test', 'shop.acme.test', false],
  ])('a certificate for %s covers %s: %s', (commonName, name, expected) => {
    expect(holds({ op: 'coversName', name }, { commonName })).toBe(expected);
    expect(holds({ op: 'coversName', name }, { commonName: null, dnsNames: [commonName] })).toBe(expected);
  });

  it('asks for the name and the one wildcard above it', () => {
    expect(namesThatCover('shop.acme.test')).toEqual(['shop.acme.test', '*.acme.test']);
    expect(namesThatCover('localhost')).toEqual(['localhost']);
    expect(namesThatCover('*.acme.test')).toEqual(['*.acme.test']);
  });
});

describe('an order without a value', () => {
  const conditions: OrderCondition[] = [
    { op: 'in', field: 'validTill', values: ['2026-11-23'] },
    { op: 'range', field: 'validTill', gte: '2026-01-01' },
    { op: 'range', field: 'validTill', lte: '2026-01-01' },
    { op: 'range', field: 'keySize', lt: 3072 },
    { op: 'like', field: 'commonName', pattern: '%' },
    { op: 'contains', field: 'commonName', text: '' },
    { op: 'search', text: '' },
    { op: 'coversName', name: 'a.test' },
    { op: 'isNull', field: 'validTill', isNull: false },
  ];

  it('meets none but "is null" and "not", be the value null or never read', () => {
    for (const facts of [{}, { validTill: null, keySize: null, commonName: null, email: null, dnsNames: null }]) {
      for (const condition of conditions) {
        expect([condition, holds(condition, facts)]).toEqual([condition, false]);
        expect(holds({ op: 'not', condition }, facts)).toBe(true);
      }
      expect(holds({ op: 'isNull', field: 'validTill', isNull: true }, facts)).toBe(true);
    }
  });
});

describe('conditions together', () => {
  const yes: OrderCondition = { op: 'isNull', field: 'email', isNull: true };
  const no: OrderCondition = { op: 'isNull', field: 'email', isNull: false };

  it('all hold, or at least one of anyOf does', () => {
    expect(compileConditions([])(order({}))).toBe(true);
    expect(compileConditions([yes, yes])(order({}))).toBe(true);
    expect(compileConditions([yes, no])(order({}))).toBe(false);
    expect(holds({ op: 'anyOf', conditions: [no, yes] }, {})).toBe(true);
    expect(holds({ op: 'anyOf', conditions: [] }, {})).toBe(false);
    expect(holds({ op: 'not', condition: { op: 'anyOf', conditions: [] } }, {})).toBe(true);
  });

  it('bound amounts by their size, and nothing by a bound of another type', () => {
    const cost = '99.00' as never;
    expect(holds({ op: 'range', field: 'cost', lt: '238.00' }, { cost })).toBe(true);
    expect(holds({ op: 'range', field: 'cost', gte: 99, lte: 99 }, { cost })).toBe(true);
    expect(holds({ op: 'range', field: 'commonName', lt: 5 }, { commonName: '4' })).toBe(false);
    expect(holds({ op: 'range', field: 'keySize', lt: '5' }, { keySize: 4 })).toBe(false);
  });

  it('bound texts by code point, as they are sorted', () => {
    const emoji = { commonName: '\u{1f600}' };
    expect(holds({ op: 'range', field: 'commonName', gt: '\uff21' }, emoji)).toBe(true);
    expect(holds({ op: 'range', field: 'commonName', lte: '\uff21' }, emoji)).toBe(false);
  });

  it('bound a range on both sides', () => {
    const range: OrderCondition = { op: 'range', field: 'validTill', gte: '2026-01-01', lt: '2026-02-01' };
    expect(
      ['2025-12-31', '2026-01-01', '2026-01-31', '2026-02-01'].map((validTill) =>
        holds(range, { validTill: validTill as never }),
      ),
    ).toEqual([false, true, true, false]);
  });

  it('name the fields they look at', () => {
    expect(
      fieldsOfCondition({
        op: 'not',
        condition: {
          op: 'anyOf',
          conditions: [yes, { op: 'search', text: 'x' }, { op: 'isWildcard', isWildcard: true }],
        },
      }),
    ).toEqual(['email', 'commonName', 'email', 'commonName', 'dnsNames']);
  });
});

describe('amounts', () => {
  const cost = (range: object, value: string | null) =>
    holds({ op: 'range', field: 'cost', ...range }, { cost: value as Decimal | null });
  it('are compared as numbers, not as text', () => {
    expect(cost({ gte: '100.00' }, '99.00')).toBe(false);
    expect(cost({ gte: '100.00' }, '1200.50')).toBe(true);
    expect(cost({ lt: '100.00' }, '9.90')).toBe(true);
    expect(cost({ gt: '99.00', lte: '238.00' }, '238.00')).toBe(true);
    expect(cost({ gt: '99.00' }, '99.00')).toBe(false);
    expect(cost({ gt: '-1.00' }, null)).toBe(false);
  });
});

describe('a custom field', () => {
  const customFields = [
    { id: 112, label: 'Cost center', value: '4711' },
    { id: 113, label: 'Ticket', value: 'PKI-9' },
    { id: null, label: null, value: 'loose text' },
  ];
  it.each<[Omit<Extract<OrderCondition, { op: 'customField' }>, 'op'>, boolean]>([
    [{ label: 'Cost center' }, true],
    [{ label: 'COST CENTER', in: ['4711'] }, true],
    [{ label: 'Cost', in: ['4711'] }, false],
    [{ label: 'Ticket', in: ['4711'] }, false],
    [{ label: 'Ticket', like: 'pki-%' }, true],
    [{ label: 'Ticket', like: 'PKI' }, false],
    [{ label: 'Ticket', contains: 'ki-' }, true],
    [{ label: 'Ticket', contains: 'ki-', in: ['PKI-8'] }, false],
    [{ label: 'null' }, false],
    [{ label: '' }, false],
  ])('%j: %s', (condition, expected) => {
    expect(holds({ op: 'customField', ...condition }, { customFields })).toBe(expected);
    expect(holds({ op: 'customField', ...condition }, { customFields: null })).toBe(false);
  });
});

describe('days of validity', () => {
  const days = (range: object, validFrom: string | null, validTill: string | null) =>
    holds({ op: 'validityDays', ...range }, { validFrom, validTill } as Partial<Order>);
  it('are counted from the first day to the last', () => {
    expect(days({ gte: 200, lte: 200 }, '2026-01-01', '2026-07-20')).toBe(true);
    expect(days({ gt: 200 }, '2026-01-01', '2026-07-20')).toBe(false);
    expect(days({ gt: 199, lt: 201 }, '2026-01-01', '2026-07-20')).toBe(true);
    expect(days({ gte: 0 }, '2026-01-01', null)).toBe(false);
    expect(days({ gte: 0 }, null, '2026-01-01')).toBe(false);
  });
});
