import { describe, expect, it } from '@jest/globals';
import { pageInfoOf, rowObjects, rowsOf } from './rows.ts';
import type { Column, ColumnType } from './template.ts';

const column = (path: string, type: ColumnType = 'text'): Column => ({ path: path.split('.'), title: path, type });

describe('rowsOf', () => {
  const data = {
    orders: {
      nodes: [
        {
          id: '0001',
          __typename: 'Order',
          certificate: { commonName: 'a.example', dnsNames: ['a.example', 'b.example'], keySize: 2048 },
          duplicates: [{ serialNumber: '01' }, { serialNumber: null }, { serialNumber: '02' }],
          cost: '238.00',
          autoRenew: false,
        },
        null,
        { id: '2', certificate: null, duplicates: null, autoRenew: null },
      ],
    },
  };

  it('gives typed cells in the order of the columns', () => {
    const columns = [
      column('cost', 'decimal'),
      column('id'),
      column('certificate.keySize', 'integer'),
      column('certificate.dnsNames', 'texts'),
      column('duplicates.serialNumber', 'texts'),
      column('autoRenew', 'flag'),
      column('certificate.commonName'),
    ];
    expect([...rowsOf(data, { rows: ['orders', 'nodes'], columns })]).toEqual([
      ['238.00', '0001', 2048, ['a.example', 'b.example'], ['01', '02'], false, 'a.example'],
      [null, '2', null, null, null, null, null],
    ]);
  });

  it('reads the text values of the compatible queries by the types of the columns', () => {
    const answer = { order_details: [{ id: '7', n: '12', f: '1', g: '0', bad: 'x', long: '123456789012345678' }] };
    const columns = [
      column('id'),
      column('n', 'integer'),
      column('f', 'flag'),
      column('g', 'flag'),
      column('bad', 'integer'),
      column('long', 'integer'),
    ];
    expect([...rowsOf(answer, { rows: ['order_details'], columns })]).toEqual([
      ['7', 12, true, false, 'x', '123456789012345678'],
    ]);
  });

  it('passes through lists on the way to the rows', () => {
    expect([...rowObjects({ a: [{ b: [{ c: { d: 1 } }, { c: null }] }, { b: null }] }, ['a', 'b', 'c'])]).toEqual([
      { d: 1 },
    ]);
  });

  it('finds nothing where there is nothing', () => {
    for (const empty of [null, undefined, 5, {}, { orders: null }, { orders: { nodes: 'x' } }]) {
      expect([...rowObjects(empty, ['orders', 'nodes'])]).toEqual([]);
    }
    expect([...rowObjects({}, ['constructor', 'name'])]).toEqual([]);
  });
});

describe('pageInfoOf', () => {
  it('tells where the next page begins', () => {
    const data = { orders: { pageInfo: { hasNextPage: true, endCursor: 'c' } } };
    expect(pageInfoOf(data, ['orders', 'pageInfo'])).toEqual({ hasNextPage: true, endCursor: 'c' });
    expect(
      pageInfoOf({ orders: { pageInfo: { hasNextPage: false, endCursor: null } } }, ['orders', 'pageInfo']),
    ).toEqual({
      hasNextPage: false,
      endCursor: null,
    });
    expect(pageInfoOf({ orders: null }, ['orders', 'pageInfo'])).toBeNull();
  });
});
