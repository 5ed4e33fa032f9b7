import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BadUserInput, type OrderPosition, type OrderSort } from '@certfolio/core';
import { decodeCursor, encodeCursor } from './cursor.ts';

const byDay: readonly OrderSort[] = [{ field: 'validTill', direction: 'desc' }];
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

it('comes back as the position that went in', () => {
  const sorts = fc.array(
    fc.record<OrderSort>({
      field: fc.constantFrom('validTill', 'commonName', 'cost', 'isRenewed'),
      direction: fc.constantFrom('asc', 'desc'),
    }),
    { maxLength: 3 },
  );
  const sortValue = fc.oneof(fc.constant(null), fc.string({ unit: 'binary' }), fc.integer(), fc.boolean());
  fc.assert(
    fc.property(
      sorts.chain((sort) =>
        fc.tuple(fc.constant(sort), fc.array(sortValue, { minLength: sort.length, maxLength: sort.length })),
      ),
      fc.nat(),
      fc.option(fc.nat(), { nil: undefined }),
      ([sort, sortValues], id, listOffset) => {
        const position: OrderPosition = { sortValues, id, ...(listOffset === undefined ? {} : { listOffset }) };
        const cursor = encodeCursor(position, sort);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(cursor, sort)).toEqual(position);
      },
    ),
  );
});

describe('a cursor of somebody else', () => {
  it('belongs to its sort', () => {
    const cursor = encodeCursor({ sortValues: ['2026-11-23'], id: 7 }, byDay);
    expect(() => decodeCursor(cursor, [{ field: 'validTill', direction: 'asc' }])).toThrow(/another "orderBy"/);
    expect(() => decodeCursor(cursor, [])).toThrow(BadUserInput);
  });

  it.each([
    ['nothing', ''],
    ['text', 'next page please'],
    ['other JSON', encoded({ id: 7 })],
    ['too few parts', encoded(['validTill desc', ['2026-11-23'], 7])],
    ['too many parts', encoded(['validTill desc', ['2026-11-23'], 7, null, 1])],
    ['values that are none', encoded(['validTill desc', 'x', 7, null])],
    ['values of another number', encoded(['validTill desc', [], 7, null])],
    ['an object as value', encoded(['validTill desc', [{ $ne: 1 }], 7, null])],
    ['a text as id', encoded(['validTill desc', ['2026-11-23'], '7', null])],
    ['a fraction as id', encoded(['validTill desc', ['2026-11-23'], 7.5, null])],
    ['a huge id', encoded(['validTill desc', ['2026-11-23'], 1e300, null])],
    ['a negative offset', encoded(['validTill desc', ['2026-11-23'], 7, -1])],
    ['a text as offset', encoded(['validTill desc', ['2026-11-23'], 7, '1'])],
    ['null', encoded(null)],
    ['deep nesting', Buffer.from('['.repeat(5_000) + ']'.repeat(5_000)).toString('base64url')],
  ])('is refused: %s', (_name, cursor) => {
    expect(() => decodeCursor(cursor, byDay)).toThrow(BadUserInput);
  });

  it('is refused, whatever text it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
        ),
        (text) => {
          expect(() => decodeCursor(text, byDay)).toThrow(BadUserInput);
        },
      ),
    );
  });
});
