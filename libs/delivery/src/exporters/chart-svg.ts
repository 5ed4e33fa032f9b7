import { htmlText } from './html-text.ts';
import type { ChartCategory, ChartData } from './chart-data.ts';

/** Apart for people who see colours differently too (Okabe and Ito, 2008), dark enough on white. */
export const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8a6d00', '#56b4e9', '#4d4d4d', '#999999'];
const width = 960;
const left = 60;
const right = 20;
const top = 16;
const fontSize = 12;

/** Draws a chart as SVG without script or foreign parts, so that mail programs and printers show it. Empty without data. */
export function chartSvg(data: ChartData, title: string): string {
  const { chart, categories } = data;
  if (categories.length === 0) return '';
  const body = chart.unit === null ? sidewaysBars(data) : chart.kind === 'line' ? line(data) : uprightBars(data);
  const legend = legendOf(data, body.height);
  const height = body.height + legend.height;
  const description = `${title}: ${categories
    .slice(0, 50)
    .map((each) => `${each.label} ${written(totalOf(each))}`)
    .join(', ')}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="${fontSize}" fill="#333333">` +
    `<title>${htmlText(title)}</title><desc>${htmlText(description)}</desc>${body.svg}${legend.svg}</svg>`
  );
}

interface Drawing {
  readonly svg: string;
  readonly height: number;
}

const totalOf = ({ values }: ChartCategory) => values.reduce((sum, value) => sum + value, 0);
const written = (value: number) =>
  value.toLocaleString('en-US', { minimumFractionDigits: Number.isInteger(value) ? 0 : 2, maximumFractionDigits: 2 });
const place = (value: number) => String(Math.round(value * 100) / 100);
const colourOf = (index: number) => colours[index % colours.length]!;

function uprightBars({ categories }: ChartData): Drawing {
  const plot = { height: 220, width: width - left - right };
  const scale = niceScale(Math.max(...categories.map(totalOf)));
  const step = plot.width / categories.length;
  const bar = Math.max(1, step * 0.8);
  const bars = categories.map(({ label, values }, index) => {
    let base = top + plot.height;
    const x = left + index * step + (step - bar) / 2;
    const parts = values.map((value, series) => {
      const height = (value / scale.max) * plot.height;
      base -= height;
      if (value <= 0) return '';
      return `<rect x="${place(x)}" y="${place(base)}" width="${place(bar)}" height="${place(height)}" fill="${colourOf(series)}"><title>${htmlText(`${label}: ${written(value)}`)}</title></rect>`;
    });
    return parts.join('');
  });
  return {
    svg: axes(scale, plot.height) + bars.join('') + periodLabels(categories, step, plot.height),
    height: top + plot.height + 40,
  };
}

function line({ categories, series }: ChartData): Drawing {
  const plotHeight = 220;
  const step = (width - left - right) / Math.max(1, categories.length);
  const scale = niceScale(Math.max(...categories.flatMap(({ values }) => values)));
  const paths = series.map((_, at) => {
    const points = categories.map(
      ({ values }, index) =>
        `${place(left + (index + 0.5) * step)},${place(top + plotHeight - (values[at]! / scale.max) * plotHeight)}`,
    );
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colourOf(at)}" stroke-width="2"/>`;
  });
  return {
    svg: axes(scale, plotHeight) + paths.join('') + periodLabels(categories, step, plotHeight),
    height: top + plotHeight + 40,
  };
}

function sidewaysBars({ categories }: ChartData): Drawing {
  const labelWidth = 240;
  const lineHeight = 22;
  const plotWidth = width - labelWidth - right - 60;
  const most = Math.max(...categories.map(totalOf), 0) || 1;
  const bars = categories.map((category, index) => {
    const y = top + index * lineHeight;
    let x = labelWidth;
    const parts = category.values.map((value, series) => {
      const length = (Math.max(0, value) / most) * plotWidth;
      const rect = `<rect x="${place(x)}" y="${y}" width="${place(length)}" height="${lineHeight - 6}" fill="${colourOf(series)}"/>`;
      x += length;
      return value > 0 ? rect : '';
    });
    const shown = category.label.length > 36 ? `${category.label.slice(0, 35)}…` : category.label;
    return `<text x="${labelWidth - 8}" y="${y + 12}" text-anchor="end">${htmlText(shown)}</text>${parts.join('')}<text x="${place(x + 6)}" y="${y + 12}">${written(totalOf(category))}</text>`;
  });
  return { svg: bars.join(''), height: top + categories.length * lineHeight + 8 };
}

interface Scale {
  readonly max: number;
  readonly ticks: readonly number[];
}

/** Round numbers from 0 to above the largest value. */
function niceScale(largest: number): Scale {
  if (!(largest > 0)) return { max: 1, ticks: [0, 1] };
  const rough = largest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const steps = Math.ceil(largest / step);
  return { max: steps * step, ticks: Array.from({ length: steps + 1 }, (_, index) => index * step) };
}

function axes({ max, ticks }: Scale, plotHeight: number): string {
  return ticks
    .map((tick) => {
      const y = place(top + plotHeight - (tick / max) * plotHeight);
      return `<line x1="${left}" y1="${y}" x2="${width - right}" y2="${y}" stroke="#dddddd"/><text x="${left - 8}" y="${y}" dy="4" text-anchor="end">${written(tick)}</text>`;
    })
    .join('');
}

/** As many labels as fit beside each other. */
function periodLabels(categories: readonly ChartCategory[], step: number, plotHeight: number): string {
  const every = Math.max(1, Math.ceil(84 / step));
  return categories
    .map(({ label }, index) =>
      index % every === 0
        ? `<text x="${place(left + (index + 0.5) * step)}" y="${top + plotHeight + 20}" text-anchor="middle">${htmlText(label)}</text>`
        : '',
    )
    .join('');
}

function legendOf({ series }: ChartData, y: number): Drawing {
  if (series.length < 2) return { svg: '', height: 0 };
  const perLine = 4;
  const entries = series.map((name, index) => {
    const x = left + (index % perLine) * 225;
    const at = y + 12 + Math.floor(index / perLine) * 20;
    const shown = name.length > 28 ? `${name.slice(0, 27)}…` : name;
    return `<rect x="${x}" y="${at - 10}" width="12" height="12" fill="${colourOf(index)}"/><text x="${x + 18}" y="${at}">${htmlText(shown)}</text>`;
  });
  return { svg: entries.join(''), height: Math.ceil(series.length / perLine) * 20 + 8 };
}
