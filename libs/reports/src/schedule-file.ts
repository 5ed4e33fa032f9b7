import { BadUserInput } from '@certfolio/core';
import { isSeq, LineCounter, parseDocument } from 'yaml';
import { parseSchedule, type ScheduleDefinition } from './schedule-definition.ts';

/** Schedules of one file at most; more are a mistake. */
const maxSchedules = 1_000;

/**
 * Reads schedules from YAML: a list of them, or a map whose `schedules` is one.
 *
 * @throws BadUserInput naming every problem of every schedule, with its line
 */
export function parseScheduleFile(text: string): readonly ScheduleDefinition[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  const problems: string[] = document.errors.map(
    ({ message, linePos }) => `line ${linePos?.[0].line ?? 1}: ${message.split('\n', 1)[0]!}`,
  );
  if (problems.length > 0) throw refused(problems);
  const list = isSeq(document.contents) ? document.contents : document.get('schedules', true);
  if (!isSeq(list)) throw refused(['write a list of schedules, or a map whose "schedules" is one']);
  if (list.items.length > maxSchedules)
    throw refused([`there are ${list.items.length} schedules; ${maxSchedules} may stand in one file`]);
  const definitions: ScheduleDefinition[] = [];
  for (const node of list.items) {
    const { range } = node as { readonly range?: readonly [number, number, number] };
    const where = `line ${range === undefined ? 1 : lines.linePos(range[0]).line}`;
    try {
      const value: unknown = (node as { toJS(document: unknown, options: object): unknown }).toJS(document, {
        maxAliasCount: 50,
      });
      definitions.push(parseSchedule(value, where));
    } catch (error) {
      if (!(error instanceof BadUserInput)) throw error;
      problems.push(...((error.details['problems'] as readonly string[] | undefined) ?? [error.message]));
    }
  }
  const names = definitions.map(({ name }) => name);
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index)))
    problems.push(`"${name}" stands there more than once`);
  if (problems.length > 0) throw refused(problems);
  return definitions;
}

function refused(problems: readonly string[]): BadUserInput {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new BadUserInput(`The schedules have ${count}: ${problems.join('; ')}.`, { problems });
}
