import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  otherNames,
  toCustomFields,
  toDate,
  toDecimal,
  toEmails,
  toFlag,
  toInteger,
  toReference,
  toText,
  toTexts,
  toTimestamp,
  toUnits,
} from './values.ts';
import { WrongShape } from './wrong-shape.ts';

const absent = [undefined, null, ''];

describe('converters take every spelling of a value', () => {
  it.each([
    [
      'integer',
      toInteger,
      [
        [7, 7],
        ['7', 7],
        [' 7 ', 7],
        ['-1', -1],
        [0, 0],
      ],
      [1.5, 'x', true, {}, [], '1e3', '99999999999999999999'],
    ],
    [
      'reference',
      toReference,
      [
        [7, 7],
        ['7', 7],
        [0, null],
        ['0', null],
      ],
      ['x'],
    ],
    [
      'text',
      toText,
      [
        ['a', 'a'],
        [7, '7'],
        [' ', ' '],
      ],
      [true, {}, []],
    ],
    [
      'flag',
      toFlag,
      [
        [true, true],
        [1, true],
        ['1', true],
        ['true', true],
        [false, false],
        [0, false],
        ['0', false],
        ['false', false],
      ],
      [2, 'yes', {}, '01'],
    ],
    [
      'date',
      toDate,
      [
        ['2026-11-23', '2026-11-23'],
        ['0000-00-00', null],
      ],
      ['2026-13-01', '23.11.2026', 20261123, '2026-11-23T00:00:00Z', '2026-11-32'],
    ],
    [
      'decimal',
      toDecimal,
      [
        [238, '238.00'],
        [238.5, '238.50'],
        ['238', '238.00'],
        ['238.5', '238.50'],
        ['238.', '238.00'],
        ['0.005', '0.01'],
        [-3, '-3.00'],
      ],
      ['1,000.00', '$5', 'x', {}, Number.NaN],
    ],
    [
      'texts',
      toTexts,
      [
        [
          ['a', ' ', 'b'],
          ['a', 'b'],
        ],
        ['a,b', ['a', 'b']],
        ['a, b', ['a', 'b']],
        [[], null],
        [[' '], null],
        [',', null],
      ],
      [7, {}, [{}]],
    ],
  ] as const)('%s', (_kind, convert, pairs, wrong) => {
    for (const value of absent) expect(convert(value, 'x')).toBeNull();
    for (const [given, expected] of pairs) expect(convert(given, 'x')).toEqual(expected);
    for (const value of wrong) expect(() => convert(value, 'x')).toThrow(WrongShape);
  });
});

describe('timestamps', () => {
  const utc = toTimestamp('UTC');

  it('are instants in UTC to the second', () => {
    expect(utc('2025-02-10T09:12:00+00:00', 'x')).toBe('2025-02-10T09:12:00Z');
    expect(utc('2025-02-10T09:12:00.123Z', 'x')).toBe('2025-02-10T09:12:00Z');
    expect(utc('2025-02-10T09:12:00-07:00', 'x')).toBe('2025-02-10T16:12:00Z');
    expect(utc('2025-02-10T09:12:00+0130', 'x')).toBe('2025-02-10T07:42:00Z');
    expect(utc('2025-02-10 09:12:00', 'x')).toBe('2025-02-10T09:12:00Z');
    expect(utc('0000-00-00 00:00:00', 'x')).toBeNull();
    for (const wrong of ['2025-02-10', 'yesterday', '2025-02-10 25:00:00', 1_700_000_000])
      expect(() => utc(wrong, 'x')).toThrow(WrongShape);
  });

  it('without a zone are read in the zone of the reports, summer time included', () => {
    const mountain = toTimestamp('America/Denver');
    expect(mountain('2025-02-10 09:12:00', 'x')).toBe('2025-02-10T16:12:00Z');
    expect(mountain('2025-07-10 09:12:00', 'x')).toBe('2025-07-10T15:12:00Z');
    expect(mountain('2025-07-10T09:12:00+00:00', 'x')).toBe('2025-07-10T09:12:00Z');
  });
});

it('units keep the commas of their names', () => {
  expect(toUnits('R&D, Labs,Web Shop', 'x')).toEqual(['R&D, Labs', 'Web Shop']);
  expect(toUnits(['R&D, Labs'], 'x')).toEqual(['R&D, Labs']);
});

describe('names', () => {
  it('are those beside the common name, whatever its case', () => {
    expect(otherNames(['shop.acme.test', 'cdn.acme.test'], 'Shop.acme.test')).toEqual(['cdn.acme.test']);
    expect(otherNames(['shop.acme.test'], 'shop.acme.test')).toBeNull();
    expect(otherNames(null, 'shop.acme.test')).toBeNull();
    expect(otherNames(['a'], null)).toEqual(['a']);
  });
});

describe('custom fields', () => {
  it('are the same as objects and as JSON text', () => {
    const wire = [{ metadata_id: 112, label: 'Cost center', value: '4711' }];
    const fields = [{ id: 112, label: 'Cost center', value: '4711' }];
    expect(toCustomFields(wire, 'x')).toEqual(fields);
    expect(toCustomFields(JSON.stringify(wire), 'x')).toEqual(fields);
    expect(toCustomFields([{ metadata_id: '112', label: 'Cost center', value: 4711 }], 'x')).toEqual(fields);
    expect(toCustomFields([], 'x')).toBeNull();
  });

  it('that are no such JSON are one value', () => {
    for (const text of ['4711', '[1]', '[', '{"a":1}'])
      expect(toCustomFields(text, 'x')).toEqual([{ id: null, label: null, value: text }]);
  });
});

it('users are their e-mail addresses, as objects and as text', () => {
  expect(
    toEmails(
      [
        { id: 1, email: 'a@acme.test' },
        { id: 2, email: 'b@acme.test' },
      ],
      'x',
    ),
  ).toEqual(['a@acme.test', 'b@acme.test']);
  expect(toEmails('a@acme.test,b@acme.test', 'x')).toEqual(['a@acme.test', 'b@acme.test']);
  expect(toEmails([], 'x')).toBeNull();
});

it('no converter does anything but convert or name the place', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const convert of [
        toInteger,
        toText,
        toFlag,
        toDate,
        toDecimal,
        toTexts,
        toEmails,
        toCustomFields,
        toTimestamp('UTC'),
      ]) {
        try {
          convert(value, 'place');
        } catch (error) {
          expect(error).toBeInstanceOf(WrongShape);
        }
      }
    }),
  );
});
