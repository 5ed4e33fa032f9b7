import { expect, it } from '@jest/globals';
import type { Order, OrderField } from '@certfolio/core';
import { fingerprintOf, ownFields, reportFields, storedFingerprint } from './store-fields.ts';
import { mergeRow, type OrderWriting, type StoredRow } from './store-merge.ts';

const early = new Date('2026-11-23T12:00:00Z');
const now = new Date('2026-11-23T13:00:00Z');
const later = new Date('2026-11-23T14:00:00Z');
const order = (facts: object): Order => ({ id: 7, ...facts }) as Order;
const whole = order({ status: 'issued', serialNumber: '0A', hasDuplicates: false, techEmail: 'a@acme.test' });

function stored(facts: object = {}, row: Partial<StoredRow> = {}): StoredRow {
  const its = { ...whole, hasReissues: false, ...facts } as Order;
  return {
    order: its,
    rowHash: storedFingerprint(null, fingerprintOf(its, true)),
    changedAt: early,
    infoAt: early,
    infoWasRead: true,
    duplicatesAt: early,
    reissuesAt: early,
    hasVanished: false,
    ...row,
  };
}
function writing(source: OrderWriting['source'], fields: readonly OrderField[]): OrderWriting {
  return { source, fields, asOf: now, recordsHistory: true };
}
const report = writing('report', [...reportFields, ...ownFields.custom]);
const list = writing('list', ownFields.list);
const info = writing('info', ownFields.info);

it('leaves a row alone that is as it was', () => {
  expect(mergeRow(stored(), whole, report)).toBeNull();
  expect(mergeRow(stored(), order({ hasReissues: false }), list)).toBeNull();
});

it('has the details read again of an order that changed', () => {
  const merge = mergeRow(stored(), { ...whole, techEmail: null } as Order, report)!;
  expect(merge.row).toMatchObject({ changedAt: now, infoAt: null, duplicatesAt: null, reissuesAt: null });
  expect(merge.history).toEqual([
    { orderId: 7, change: 'changed', field: 'techEmail', before: 'a@acme.test', after: null },
  ]);
});

it('has copies read again when the order changed or the list says something else of them, and not for less', () => {
  expect(mergeRow(stored(), order({ hasReissues: true }), list)!.row).toMatchObject({
    duplicatesAt: early,
    reissuesAt: null,
    infoAt: early,
  });
  expect(mergeRow(stored(), order({ currency: 'USD' }), info)!.row).toMatchObject({
    duplicatesAt: early,
    reissuesAt: early,
  });
  expect(mergeRow(null, whole, report)!.row).toMatchObject({ duplicatesAt: null, reissuesAt: null });
  expect(mergeRow(stored({ hasDuplicates: true }), whole, report)!).toMatchObject({ dropsDuplicates: true });
});

it('keeps the fingerprint while order info agrees with the report, and not when it does not', () => {
  const before = stored();
  expect(mergeRow(before, order({ currency: 'USD' }), info)!.row).toMatchObject({
    rowHash: before.rowHash,
    infoAt: now,
    changedAt: early,
  });
  const all = writing('info', ['status']);
  expect(mergeRow(before, order({ status: 'revoked' }), all)!.row).toMatchObject({
    rowHash: null,
    changedAt: now,
    infoAt: now,
  });
});

it('does not let an older reading undo a younger one', () => {
  expect(mergeRow(stored({}, { changedAt: later }), { ...whole, status: 'revoked' } as Order, report)).toBeNull();
  expect(mergeRow(stored({}, { infoAt: later }), order({ currency: 'USD' }), info)).toBeNull();
});

it('does not call the first value of a field a change', () => {
  const fresh = stored({}, { infoAt: null, infoWasRead: false });
  expect(mergeRow(fresh, order({ currency: 'USD' }), info)!.history).toEqual([]);
  expect(mergeRow(stored(), order({ currency: 'USD' }), info)!.history).toHaveLength(1);
  const unlisted = stored({ hasReissues: null }, { infoWasRead: false });
  expect(mergeRow(unlisted, order({ hasReissues: true }), list)!.history).toEqual([]);
  const withoutCustom = stored(
    {},
    { rowHash: storedFingerprint(null, fingerprintOf(whole, false)), infoWasRead: false },
  );
  const withCustom = { ...whole, locale: 'en' } as Order;
  expect(mergeRow(withoutCustom, withCustom, report)!.history).toEqual([]);
  expect(mergeRow(stored(), withCustom, report)!.history).toHaveLength(1);
});

it('tells of orders that came, and of those that came back', () => {
  expect(mergeRow(null, whole, report)!.history).toEqual([{ orderId: 7, change: 'added' }]);
  expect(mergeRow(null, whole, { ...report, recordsHistory: false })!.history).toEqual([]);
  const back = mergeRow(stored({}, { hasVanished: true }), { ...whole, status: 'expired' } as Order, report)!;
  expect(back.history.map(({ change }) => change)).toEqual(['returned', 'changed']);
  expect(back.row).toMatchObject({ infoAt: null, reissuesAt: null });
});

it('takes a text that the database cannot hold for what it made of it', () => {
  const kept = stored({ techEmail: 'a\u{fffd}' }, { rowHash: null });
  expect(mergeRow(kept, { ...whole, techEmail: 'a\0' } as Order, report)!.history).toEqual([]);
});
