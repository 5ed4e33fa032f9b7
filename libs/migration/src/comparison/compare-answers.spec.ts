import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { compareAnswers, maxFields, otherFields } from './compare-answers.ts';
import type { ComparableAnswer } from './comparable-body.ts';

const at = (iso: string) => Date.parse(iso);
const noon = at('2026-11-23T12:00:00Z');

function json(value: unknown, more: Partial<ComparableAnswer> = {}): ComparableAnswer {
  const headers = [['content-type', 'application/json']] as const;
  return { status: 200, headers, body: Buffer.from(JSON.stringify(value)), atMs: noon, ...more };
}
const csv = (text: string): ComparableAnswer =>
  json(null, { headers: [['content-type', 'text/csv']], body: Buffer.from(text) });
const text = (body: string): ComparableAnswer => json(null, { body: Buffer.from(body) });
const places = (legacy: ComparableAnswer, graph: ComparableAnswer) =>
  [...compareAnswers(legacy, graph).differences.values()].map(({ place, legacy: left, graph: right }) => [
    place,
    left,
    right,
  ]);

it('finds nothing in answers that differ only in order of members and spelling of numbers', () => {
  expect(places(text('{"a":1,"b":[1.0,2e1]}'), text('{ "b": [1, 20], "a": 1.00 }'))).toEqual([]);
});

it('names the field with its position left open, and the first place of it', () => {
  const legacy = json({
    orders: [
      { id: 7, status: 'issued' },
      { id: 8, status: 'issued' },
      { id: 9, status: 'issued' },
    ],
  });
  const graph = json({
    orders: [
      { id: 7, status: 'issued' },
      { id: 8, status: 'revoked' },
      { id: 9, status: 'expired' },
    ],
  });
  const { differences, fields } = compareAnswers(legacy, graph);
  expect([...differences.values()]).toEqual([
    { field: 'orders[*].status', place: 'orders[1].status', legacy: 'issued', graph: 'revoked', places: 2 },
  ]);
  expect([...fields].sort()).toEqual([
    'header:content-type',
    'orders[*]',
    'orders[*]#order',
    'orders[*].id',
    'orders[*].status',
    'status',
  ]);
});

it('tells absent from null, text from number, and an empty list from none', () => {
  expect(places(json({ a: null, b: '1', c: [] }), json({ b: 1, c: null }))).toEqual([
    ['a', null, undefined],
    ['b', '1', 1],
    ['c', [], null],
  ]);
});

it('counts a missing row once, and does not shift the rows after it', () => {
  const rows = [1, 2, 3, 4].map((id) => ({ id, name: `n${id}` }));
  expect(places(json({ rows }), json({ rows: rows.filter(({ id }) => id !== 2) }))).toEqual([
    ['rows[1]', { id: 2 }, undefined],
  ]);
});

it('counts rows in another order as that, and compares them by id', () => {
  const [first, second] = [
    { id: 1, name: 'a' },
    { id: 2, name: 'b' },
  ];
  expect(places(json([first, second]), json([second, first]))).toEqual([['[0]', 1, 2]]);
});

it('compares lists without ids by position, so that the order of names counts', () => {
  expect(places(json({ names: ['a', 'b'] }), json({ names: ['b', 'a', 'c'] }))).toEqual([['names[0]', 'a', 'b']]);
  expect(
    compareAnswers(json({ names: ['a', 'b'] }), json({ names: ['b', 'a', 'c'] })).differences.get('names[*]'),
  ).toMatchObject({
    places: 3,
  });
});

it('takes names that are no words for names, never for paths', () => {
  expect(places(json({ 'a.b': 1, __proto__x: 1 }), json({ 'a.b': 2, __proto__x: 1 }))).toEqual([['"a.b"', 1, 2]]);
  expect(places(text('{"__proto__":1}'), text('{"__proto__":2}'))).toEqual([['__proto__', 1, 2]]);
});

it('looks no further when the statuses differ', () => {
  expect(places(json({ a: 1 }), json({ b: 1 }, { status: 404 }))).toEqual([['status', 200, 404]]);
});

it('compares the headers that clients act on, but for their spelling', () => {
  const with_ = (type: string, date: string) =>
    json(
      {},
      {
        headers: [
          ['Content-Type', type],
          ['Date', date],
        ],
      },
    );
  expect(places(with_('application/json;charset=UTF-8', 'x'), with_('application/json; charset=utf-8', 'y'))).toEqual(
    [],
  );
  expect(places(with_('application/json;charset=utf-8', ''), with_('application/json', ''))).toEqual([
    ['header:content-type', 'application/json;charset=utf-8', 'application/json'],
  ]);
});

it('compares what was compressed once it is decompressed', () => {
  const packed = json(null, {
    headers: [
      ['content-type', 'application/json'],
      ['content-encoding', 'gzip'],
    ],
    body: gzipSync('{"a":1}'),
  });
  expect(places(json({ a: 1 }), packed)).toEqual([]);
  expect(places(json({ a: 2 }), packed)).toEqual([['a', 2, 1]]);
});

it('lets days that remain differ by one across midnight only, in every row', () => {
  const days = (values: readonly number[], atMs: number) =>
    json({ orders: values.map((value, id) => ({ id, days_remaining: value })) }, { atMs });
  const [before, after] = [at('2026-11-23T23:59:59Z'), at('2026-11-24T00:00:01Z')];
  expect(places(days([30, 40], before), days([29, 39], after))).toEqual([]);
  expect(places(days([30, 40], before), days([29, 38], after))).toEqual([['orders[1].days_remaining', 40, 38]]);
  expect(places(days([30], noon), days([29], noon + 1_000))).toHaveLength(1);
});

it('says that an answer is no JSON', () => {
  expect(places(text('{"a":'), json({ a: 1 }))).toEqual([['body', 'no JSON', 'json']]);
});

it('has room for so many fields and counts others together', () => {
  const many = (value: number) => json(Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, value])));
  const { fields, differences } = compareAnswers(many(1), many(2));
  expect(fields.size).toBe(maxFields + 1);
  expect(differences.get(otherFields)!.places).toBe(500 - (maxFields - 2));
});

it('compares CSV by column and row, quotes and line ends included', () => {
  const legacy = 'Order ID,Name\n1,"a, b"\n2,c\n';
  expect(places(csv(legacy), csv(legacy))).toEqual([]);
  expect(places(csv(legacy), csv('Order ID,Name\n1,"a, c"\n'))).toEqual([
    ['csv[1].Name', 'a, b', 'a, c'],
    ['csv[2]', '2', undefined],
  ]);
  expect(places(csv(legacy), csv('Name,Order ID\n"a, b",1\nc,2\n')).map(([place]) => place)).toContain('csv#columns');
  expect(places(csv(legacy), csv(legacy.replaceAll('\n', '\r\n')))).toEqual([
    ['csv#bytes', 'er ID,Name\n1,"a, b"\n', 'er ID,Name\r\n1,"a, b"'],
  ]);
  expect(places(csv(legacy), csv('Order ID,Name\n2,c\n1,"a, b"\n'))).toEqual([['csv[0]', '1', '2']]);
});
