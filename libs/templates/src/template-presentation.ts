import type { TemplateMetadata } from './template-metadata.ts';
import { at, type TemplateProblem } from './template-problem.ts';
import type { Chart, Column, ColumnType } from './template.ts';

export function chartOf({ chart }: TemplateMetadata): Chart | null {
  if (chart === undefined) return null;
  const { kind, by, unit = null, series = null, value = null } = chart;
  return { kind, by, unit, series, value };
}

/** Holds chart and calendar against the columns they name. */
export function checkPresentation(
  metadata: TemplateMetadata,
  columns: readonly Column[],
  file: string,
): TemplateProblem[] {
  const problems: TemplateProblem[] = [];
  const types = new Map(columns.map(({ title, type }) => [title, type]));
  const check = (
    where: string,
    title: string | null | undefined,
    allowed: readonly ColumnType[] | null,
    what: string,
  ) => {
    if (title == null) return;
    const type = types.get(title);
    if (type === undefined)
      problems.push(at(file, where, `There is no column "${title}".`, 'Write the title of a column.'));
    else if (allowed !== null && !allowed.includes(type))
      problems.push(
        at(
          file,
          where,
          `The column "${title}" is ${what}: its type is "${type}".`,
          `Name a column of type ${allowed.join(' or ')}.`,
        ),
      );
  };
  const { chart, calendar } = metadata;
  if (chart !== undefined) {
    check('chart.by', chart.by, chart.unit === undefined ? null : days, 'no day');
    check('chart.series', chart.series, null, '');
    check('chart.value', chart.value, ['integer', 'decimal'], 'no number');
    if (chart.kind === 'line' && chart.unit === undefined)
      problems.push(at(file, 'chart.unit', 'A line goes along time.', 'Add "unit", or use the kind "bars".'));
  }
  if (calendar !== undefined) {
    check('calendar.date', calendar.date, days, 'no day');
    check('calendar.summary', calendar.summary, null, '');
    for (const [index, title] of calendar.key.entries()) check(`calendar.key.${index}`, title, null, '');
  }
  return problems;
}

const days: readonly ColumnType[] = ['date', 'timestamp'];
