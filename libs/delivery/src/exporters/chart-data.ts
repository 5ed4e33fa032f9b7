import type { Cell, Chart, Column, Row } from '@certfolio/templates';
import { dayNumberSince1970 } from './days.ts';

/** A category of a chart with a value per series. */
export interface ChartCategory {
  readonly label: string;
  readonly values: readonly number[];
}

export interface ChartData {
  readonly chart: Chart;
  /** Names of the series, the largest first; one without a name where the chart has none. */
  readonly series: readonly string[];
  readonly categories: readonly ChartCategory[];
  /** Rows without a value to group by; they are in no category. */
  readonly rowsLeftOut: number;
}

/** A picture with more than this says less. */
const maxCategories = 24;
/** Weeks of ten years, so that one odd date cannot draw a thousand empty bars. */
const maxPeriods = 530;
const maxSeries = 8;
/** Groups that are kept while rows are counted; more are counted as "other" at once. */
const maxGroups = 10_000;
const other = 'other';
const none = '(none)';

/** Adds up rows for a chart while they pass by; keeps sums, never rows. */
export class ChartCounter {
  readonly #chart: Chart;
  readonly #by: number;
  readonly #series: number;
  readonly #value: number;
  readonly #sums = new Map<string, Map<string, number>>();
  #rowsLeftOut = 0;

  constructor(chart: Chart, columns: readonly Pick<Column, 'title'>[]) {
    const indexOf = (title: string | null) => columns.findIndex((column) => column.title === title);
    this.#chart = chart;
    this.#by = indexOf(chart.by);
    this.#series = indexOf(chart.series);
    this.#value = indexOf(chart.value);
  }

  add(row: Row): void {
    const label = this.#labelOf(row[this.#by] ?? null);
    const value = this.#value < 0 ? 1 : Number(row[this.#value] ?? 0);
    if (label === null || !Number.isFinite(value)) {
      this.#rowsLeftOut += 1;
      return;
    }
    const name = this.#series < 0 ? '' : textOf(row[this.#series] ?? null);
    const group = this.#sums.size < maxGroups || this.#sums.has(label) ? label : other;
    const sums = this.#sums.get(group) ?? new Map<string, number>();
    this.#sums.set(group, sums.set(name, (sums.get(name) ?? 0) + value));
  }

  data(): ChartData {
    const totals = new Map<string, number>();
    for (const sums of this.#sums.values())
      for (const [name, sum] of sums) totals.set(name, (totals.get(name) ?? 0) + sum);
    const ranked = [...totals].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);
    const named = ranked.length > maxSeries ? ranked.slice(0, maxSeries - 1) : ranked;
    const series = named.length === ranked.length ? named : [...named, other];
    const valuesOf = (sums: ReadonlyMap<string, number> | undefined): number[] => {
      const values = named.map((name) => sums?.get(name) ?? 0);
      if (series.length === named.length) return values;
      const all = [...(sums?.values() ?? [])].reduce((sum, value) => sum + value, 0);
      return [...values, all - values.reduce((sum, value) => sum + value, 0)];
    };
    const labels = this.#chart.unit === null ? null : periodsBetween([...this.#sums.keys()], this.#chart.unit);
    const categories =
      labels === null
        ? topOf([...this.#sums].map(([label, sums]) => ({ label, values: valuesOf(sums) })))
        : labels.map((label) => ({ label, values: valuesOf(this.#sums.get(label)) }));
    return { chart: this.#chart, series, categories, rowsLeftOut: this.#rowsLeftOut };
  }

  #labelOf(cell: Cell): string | null {
    const { unit } = this.#chart;
    return unit === null ? textOf(cell) : periodOf(String(cell ?? ''), unit);
  }
}

const textOf = (cell: Cell): string =>
  cell === null || cell === '' ? none : typeof cell === 'object' ? cell.join(', ') || none : String(cell);
const totalOf = ({ values }: ChartCategory) => values.reduce((sum, value) => sum + value, 0);

/** The largest categories, and the rest as one. */
function topOf(categories: readonly ChartCategory[]): readonly ChartCategory[] {
  const sorted = categories.toSorted((a, b) => totalOf(b) - totalOf(a) || (a.label < b.label ? -1 : 1));
  if (sorted.length <= maxCategories) return sorted;
  const rest = sorted.slice(maxCategories - 1);
  const values = rest.reduce<number[]>((sums, { values: own }) => own.map((value, at) => (sums[at] ?? 0) + value), []);
  return [...sorted.slice(0, maxCategories - 1), { label: `${other} (${rest.length})`, values }];
}

/** The first day of the period that a day or instant lies in, in UTC; weeks begin on Monday. Months are `2026-11`. */
function periodOf(text: string, unit: NonNullable<Chart['unit']>): string | null {
  const day = text.slice(0, 10);
  const number = dayNumberSince1970(day);
  if (number === null) return null;
  if (unit === 'month') return day.slice(0, 7);
  // 1970-01-01 was a Thursday.
  return unit === 'day' ? day : dayText(number - ((((number + 3) % 7) + 7) % 7));
}

const dayText = (number: number) => new Date(number * 86_400_000).toISOString().slice(0, 10);

/** Every period from the first to the last, those without a row too: a gap in time is part of the picture. */
function periodsBetween(labels: readonly string[], unit: NonNullable<Chart['unit']>): readonly string[] {
  const sorted = labels.toSorted();
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return [];
  const periods: string[] = [];
  let period = first;
  while (period <= last && periods.length < maxPeriods) {
    periods.push(period);
    period = unit === 'month' ? nextMonth(period) : dayText(dayNumberSince1970(period)! + (unit === 'week' ? 7 : 1));
  }
  return periods.length < maxPeriods ? periods : sorted.slice(0, maxPeriods);
}

function nextMonth(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
}
