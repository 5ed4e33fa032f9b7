import { describe, expect, it } from '@jest/globals';
import { compareShape, expectedShape } from './expected-shape.ts';
import { shapeOf } from './json-shape.ts';

const expected = expectedShape(`
id integer
name text?
price number?
tags list?
  [] text
open object?
rows list
  [] object
    id integer
    count text|integer?`);
const right = { id: 1, tags: ['a'], open: { anything: 1 }, rows: [{ id: 1 }, { id: 2, count: '3' }], price: 5 };
const compared = (body: unknown) => compareShape(shapeOf(body), expected);

describe('a shape', () => {
  it('counts types by place and keeps no value', () => {
    const shape = shapeOf({ rows: [{ id: 1.5, flag: true }, { id: null }, 'secret-value'] });
    expect([...shape].map(([place, types]) => [place, Object.fromEntries(types)])).toEqual([
      ['', { object: 1 }],
      ['rows', { list: 1 }],
      ['rows[]', { object: 2, text: 1 }],
      ['rows[].id', { number: 1, null: 1 }],
      ['rows[].flag', { flag: 1 }],
    ]);
    expect(JSON.stringify([...shape])).not.toContain('secret-value');
  });

  it('hides a name that may be a value', () => {
    const names = [
      ...shapeOf({ 'www.example.test': 1, 'Jane Doe': 2, '0C1F': 3, plain_name: 4, __proto__x: 5 }).keys(),
    ];
    expect(names).toEqual(['', '(other)', 'plain_name']);
  });
});

describe('compared with what is assumed', () => {
  it('nothing is said of what fits, absent and open members included', () => {
    expect(compared(right)).toEqual({ missing: [], otherTypes: [], unknown: [] });
    expect(compared({ id: 1, rows: [] })).toEqual({ missing: [], otherTypes: [], unknown: [] });
  });

  it('what is missing is counted by the objects that should have it', () => {
    expect(compared({ rows: [{}, { id: 1 }, {}] }).missing).toEqual(['id in 1 of 1', 'rows[].id in 2 of 3']);
  });

  it('other types are counted, a null is one', () => {
    expect(compared({ id: '1', name: null, price: 1.5, rows: [{ id: 1, count: true }, 5] }).otherTypes).toEqual([
      'id is text in 1 of 1, not integer',
      'name is null in 1 of 1, not text',
      'rows[] is integer in 1 of 2, not object',
      'rows[].count is flag in 1 of 1, not text or integer',
    ]);
  });

  it('of what is unknown the outermost is named', () => {
    expect(compared({ ...right, extra: { inner: [{ deep: 1 }] }, rows: [{ id: 1, more: [1] }] }).unknown).toEqual([
      'rows[].more',
      'extra',
    ]);
    expect(compared({ id: 1, rows: { '0': { id: 1 } } })).toEqual({
      missing: [],
      otherTypes: ['rows is object in 1 of 1, not list'],
      unknown: [],
    });
  });
});

it('a line that cannot be read is a fault of ours', () => {
  expect(() => expectedShape('id number of rows')).toThrow(TypeError);
  expect(() => expectedShape('id string')).toThrow(TypeError);
});
