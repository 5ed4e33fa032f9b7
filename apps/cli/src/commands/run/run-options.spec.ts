import { describe, expect, it } from '@jest/globals';
import { readRunAllOptions, readRunOptions } from './run-options.ts';

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

describe('all templates', () => {
  it('are JSON without a folder and CSV in one, unless the format is said', () => {
    expect(readRunAllOptions(undefined, {})).toEqual({
      format: 'json',
      folder: null,
      failOnRows: false,
      fresh: undefined,
    });
    expect(readRunAllOptions(undefined, { out: 'reports' })).toMatchObject({ format: 'csv', folder: 'reports' });
    expect(readRunAllOptions(undefined, { out: 'reports.d', output: 'ndjson', fresh: 'mirror' })).toMatchObject({
      format: 'ndjson',
      fresh: 'mirror',
    });
  });

  it('take no template, no variables, and no format without a folder', () => {
    expect(() => readRunAllOptions('expiring-soon', {})).toThrow(/leave out "expiring-soon"/);
    expect(() => readRunAllOptions(undefined, { var: ['days=3'] })).toThrow(/takes no --var/);
    expect(() => readRunAllOptions(undefined, { output: 'csv' })).toThrow(/--out DIR/);
    expect(() => readRunAllOptions(undefined, { out: '-' })).toThrow(/--out DIR/);
    expect(() => readRunAllOptions(undefined, { output: 'table', out: 'reports' })).toThrow(/a table is for one/);
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
