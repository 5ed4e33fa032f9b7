import { expect, it } from '@jest/globals';
import type { Order, OrderField } from '@certfolio/core';
import { changedFields, historyOf } from './history-changes.ts';

const order = (facts: object): Order => ({ id: 7, ...facts }) as Order;
const fields: readonly OrderField[] = ['status', 'dnsNames', 'customFields', 'csr', 'cost'];

it('finds fields that differ, and takes what was not read for unchanged', () => {
  const before = order({ status: 'issued', dnsNames: ['a', 'b'], cost: null });
  expect(changedFields(before, order({ status: 'revoked', dnsNames: ['a', 'b'] }), fields)).toEqual(['status']);
  expect(changedFields(before, order({ dnsNames: ['b', 'a'] }), fields)).toEqual(['dnsNames']);
  expect(changedFields(before, order({ dnsNames: ['a'] }), fields)).toEqual(['dnsNames']);
  expect(changedFields(before, order({ dnsNames: null }), fields)).toEqual(['dnsNames']);
  expect(changedFields(before, order({ cost: null }), fields)).toEqual([]);
  expect(changedFields(order({}), order({ cost: null }), fields)).toEqual([]);
});

it('does not mind the order of members', () => {
  const before = order({ customFields: [{ id: 1, label: 'a', value: 'x' }] });
  expect(changedFields(before, order({ customFields: [{ value: 'x', label: 'a', id: 1 }] }), fields)).toEqual([]);
  expect(changedFields(before, order({ customFields: [{ value: 'y', label: 'a', id: 1 }] }), fields)).toEqual([
    'customFields',
  ]);
});

it('records a certificate request by its hash alone', () => {
  const [entry] = historyOf(order({ csr: null }), order({ csr: 'abc' }), ['csr']);
  expect(entry).toEqual({
    orderId: 7,
    change: 'changed',
    field: 'csr',
    before: null,
    after: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
});
