import { describe, expect, it } from '@jest/globals';
import { readRunOptions } from './run-options.ts';

describe('format', () => {
  it('is what is said, else the ending of the file, else JSON with --json, else a table', () => {
    expect(readRunOptions({ output: 'csv', out: 'x.json' }, false).format).toBe('csv');
    expect(readRunOptions({ out: 'x.NDJSON' }, false).format).toBe('ndjson');
    expect(readRunOptions({ out: 'rows.csv' }, true)).toMatchObject({ format: 'csv', file: 'rows.csv' });
    expect(readRunOptions({}, true).format).toBe('json');
    expect(readRunOptions({ out: '-' }, false)).toMatchObject({ format: 'table', file: null });
  });

  it('is never guessed', () => {
    expect(() => readRunOptions({ out: 'rows.docx' }, false)).toThrow(/-o table\|json\|csv\|xlsx\|ndjson/);
    expect(() => readRunOptions({ output: 'csv' }, true)).toThrow(/two different things/);
  });
});

it('reads variables, a name given twice as a list', () => {
  const { variables } = readRunOptions(
    { var: ['$days=30', 'ids=1', 'ids=2', 'like=a=b', '__proto__=x', 'empty='] },
    false,
  );
  expect([...variables]).toEqual([
    ['days', ['30']],
    ['ids', ['1', '2']],
    ['like', ['a=b']],
    ['__proto__', ['x']],
    ['empty', ['']],
  ]);
});

it.each(['days', '=30'])('refuses %j as a variable', (text) => {
  expect(() => readRunOptions({ var: [text] }, false)).toThrow(/name=value/);
});
