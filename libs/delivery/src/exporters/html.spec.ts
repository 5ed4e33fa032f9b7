import { describe, expect, it } from '@jest/globals';
import type { Chart, Row } from '@certfolio/templates';
import fc from 'fast-check';
import { cutOff, factsOfReport } from '../../test/a-report.ts';
import { allOf } from '../../test/all-of.ts';
import { ChartCounter } from './chart-data.ts';
import { htmlChunks } from './html.ts';

const columns = [
  { title: 'name', type: 'text' },
  { title: 'day', type: 'date' },
  { title: 'cost', type: 'decimal' },
] as const;
const weekly: Chart = { kind: 'bars', by: 'day', unit: 'week', series: null, value: null };
const written = async (rows: readonly Row[], chart: Chart | null = null, facts = factsOfReport()) =>
  (await allOf(htmlChunks(columns, rows, () => facts, chart))).join('');

describe('htmlChunks', () => {
  it('writes what the report is, its rows and a picture', async () => {
    const page = await written(
      [
        ['a.example', '2026-11-23', '5.00'],
        ['b.example', null, null],
      ],
      weekly,
    );
    expect(page).toContain('<h1>Expiring &#38; co</h1>');
    expect(page).toContain('<tr><td>a.example</td><td class="day">2026-11-23</td><td class="number">5.00</td></tr>');
    expect(page).toContain('<dt>Rows</dt><dd>2 of 2 rows</dd>');
    expect(page).toContain('<svg ');
    expect(page).toContain('1 rows without &#34;day&#34; are not in it.');
  });

  it('sets thousands apart in decimals, and only there', async () => {
    const page = await written([
      ['1234567', null, '1234567.50'],
      ['x', null, '-1234'],
      ['y', null, 'n/a 1234'],
    ]);
    expect(page).toContain('<td>1234567</td><td></td><td class="number">1,234,567.50</td>');
    expect(page).toContain('<td class="number">-1,234</td>');
    expect(page).toContain('<td class="number">n/a 1234</td>');
  });

  it('lets paper break headings after words, long texts anywhere and lists after their commas', async () => {
    const wide = [
      { title: 'dns_names', type: 'text' },
      { title: 'serial_number', type: 'text' },
    ] as const;
    const rows = [[['a.example', 'b.example'], '4D5A013D446A0784750E914440B70D3B']] as const;
    const page = (await allOf(htmlChunks(wide, rows, () => factsOfReport(), null))).join('');
    expect(page).toContain('<th scope="col">serial_<wbr>number</th>');
    expect(page).toContain('<td class="long"><span>a.example,</span> <span>b.example</span></td>');
    expect(page).toContain('<td class="long">4D5A013D446A0784750E914440B70D3B</td>');
  });

  it('warns where rows are missing, and says that there are none', async () => {
    const facts = factsOfReport({ rows: 1_000, totalRows: 25_000, reads: cutOff });
    expect(await written([], null, facts)).toContain('<dl class="warning">');
    expect(await written([], null, facts)).toContain('1,000 of 25,000 rows');
    const empty = await written([], weekly, factsOfReport({ rows: 0, totalRows: 0 }));
    expect(empty).toContain('No rows.');
    expect(empty).not.toContain('<svg');
  });

  it('lets no cell become markup', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'script', '/', '=', 'a', '\0') }),
        async (text) => {
          const plain = await written([['x', '2026-11-23', null]], { ...weekly, series: 'name' });
          const page = await written([[text, '2026-11-23', null]], { ...weekly, series: 'name' });
          const tags = (html: string) => html.match(/<[^>]*>/g)!.length;
          expect(tags(page)).toBe(tags(plain));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('ChartCounter', () => {
  const dataOf = (chart: Chart, rows: readonly Row[]) => {
    const counter = new ChartCounter(chart, columns);
    for (const row of rows) counter.add(row);
    return counter.data();
  };

  it('counts by weeks from Monday, empty weeks too', () => {
    const { categories } = dataOf(weekly, [
      ['a', '2026-11-22', null],
      ['a', '2026-11-23', null],
      ['a', '2026-11-29T10:00:00Z', null],
      ['a', '2026-12-07', null],
    ]);
    expect(categories).toEqual([
      { label: '2026-11-16', values: [1] },
      { label: '2026-11-23', values: [2] },
      { label: '2026-11-30', values: [0] },
      { label: '2026-12-07', values: [1] },
    ]);
  });

  it('counts by months over the turn of the year', () => {
    const labels = dataOf({ ...weekly, unit: 'month' }, [
      ['a', '2027-01-31', null],
      ['a', '2026-11-01', null],
    ]).categories;
    expect(labels.map(({ label }) => label)).toEqual(['2026-11', '2026-12', '2027-01']);
  });

  it('adds up a column, the largest group first, and keeps what is left as one', () => {
    const rows = Array.from({ length: 30 }, (_, index): Row => [`n${index}`, null, String(30 - index)]);
    const { categories } = dataOf({ kind: 'bars', by: 'name', unit: null, series: null, value: 'cost' }, rows);
    expect(categories[0]).toEqual({ label: 'n0', values: [30] });
    // 23 are shown; 1 to 7 are left.
    expect(categories.at(-1)).toEqual({ label: 'other (7)', values: [28] });
    expect(categories).toHaveLength(24);
  });

  it('parts groups by series, at most eight', () => {
    const rows = Array.from({ length: 10 }, (_, index): Row => [`s${index}`, '2026-11-23', null]);
    const { series, categories } = dataOf({ ...weekly, series: 'name' }, [...rows, ['s9', '2026-11-23', null]]);
    expect(series).toEqual(['s9', 's0', 's1', 's2', 's3', 's4', 's5', 'other']);
    expect(categories[0]!.values).toEqual([2, 1, 1, 1, 1, 1, 1, 3]);
  });

  it('does not draw a century for one odd date', () => {
    const { categories } = dataOf(weekly, [
      ['a', '1901-01-01', null],
      ['a', '2026-11-23', null],
    ]);
    expect(categories.map(({ label }) => label)).toEqual(['1900-12-31', '2026-11-23']);
  });
});
