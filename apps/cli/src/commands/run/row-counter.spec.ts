import { expect, it } from '@jest/globals';
import { createCsvCounter, createLineCounter, type RowCounter } from './row-counter.ts';

/** Counts the text cut into chunks of every size. */
function countsOf(create: () => RowCounter, text: string): Set<number> {
  const bytes = new TextEncoder().encode(text);
  const counts = new Set<number>();
  for (let size = 1; size <= bytes.length + 1; size += 1) {
    const counter = create();
    for (let at = 0; at < bytes.length; at += size) counter.take(bytes.subarray(at, at + size));
    counts.add(counter.rows);
  }
  return counts;
}

it.each([
  ['', 0],
  ['a,b', 0],
  ['a,b\r\n', 0],
  ['a,b\r\n1,2\r\n', 1],
  ['a,b\n1,2\n3,4', 2],
  ['"a\r\nb",c\r\n"x ""quoted\r\n""",2\r\né,"\n\n"\r\n', 2],
  ['a\n""\n', 1],
])('counts the records of %j without the header as %i', (text, rows) => {
  expect(countsOf(createCsvCounter, text)).toEqual(new Set([rows]));
});

it('counts lines that are not empty', () => {
  expect(countsOf(createLineCounter, '{"a":1}\n{"a":2}\r\n\n{"a":3}')).toEqual(new Set([3]));
});
