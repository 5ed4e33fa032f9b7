import { expect, it } from '@jest/globals';
import { fitWidths, renderTable } from './table.ts';

const plain = { columns: null, paint: (_style: string, text: string) => text };

it('takes from the widest columns until all fit, and leaves narrow ones', () => {
  expect(fitWidths([10, 40, 30], 60)).toEqual([10, 25, 25]);
  expect(fitWidths([10, 40], 100)).toEqual([10, 40]);
  expect(fitWidths([20, 20], 4)).toEqual([8, 8]);
});

it('cuts cells so that no line is longer than the terminal', () => {
  const text = renderTable(
    ['NAME', 'STATE'],
    [
      ['x'.repeat(60), 'ok'],
      ['証明書'.repeat(20), 'ok'],
    ],
    { ...plain, columns: 40 },
  );
  const lines = text.split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^x+… +ok$/);
  expect(lines[2]).toMatch(/^[証明書]+… +ok$/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
});

it('keeps a row on one line and shows no control characters', () => {
  expect(renderTable(['A'], [['one\ntwo\u001b[2J']], plain).split('\n')[1]).toBe('one two\ufffd[2J');
});
