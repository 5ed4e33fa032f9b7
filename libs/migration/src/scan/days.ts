import { assignmentFor, endOf } from './variables.ts';
import type { Reading } from './read-expression.ts';
import { literalOf } from './text-value.ts';
import { readExpression } from './read-expression.ts';

/** How languages add days to a date. The first group is the number or the variable that has it. */
const additions = [
  /timedelta\(\s*(?:days\s*=\s*)?([\w.]+)/,
  /AddDays\(\s*\$?([\w.]+)\s*\)/,
  /AddDate\(\s*0\s*,\s*0\s*,\s*([\w.]+)\s*\)/,
  /addDays\([^,()]*,\s*([\w.]+)\s*\)/,
  /\+\s*\$?\{?(\w+)\}?\s*days?\b/,
  /-v\s*\+\$?\{?(\w+)\}?d\b/,
  /getDate\(\)\s*\+\s*([\w.]+)/,
  /([\w.]+)\s*\*\s*(?:86_?400(?:_?000)?|24\s*\*\s*(?:60|3600|time\.Hour))/,
];

/** Days that an expression, or what it was assigned, adds to today; null when that cannot be told. */
export function findDays(reading: Reading, source: string, depth = 0): number | null {
  if (depth > 4) return null;
  for (const addition of additions) {
    const amount = addition.exec(source)?.[1];
    if (amount === undefined) continue;
    if (/^\d+$/.test(amount)) return Number(amount);
    const days = numberOf(reading, amount);
    if (days !== null) return days;
  }
  const { program, assignments } = reading;
  for (const [name] of source.matchAll(/[A-Za-z_]\w*/g)) {
    const assignment = assignmentFor(assignments, name, Infinity);
    if (assignment === null) continue;
    const end = program.tokens[endOf(program, assignment) - 1];
    const begin = program.tokens[assignment.from];
    if (begin === undefined || end === undefined) continue;
    const assigned = program.source.slice(begin.at, end.end);
    const days = assigned === source ? null : findDays(reading, assigned, depth + 1);
    if (days !== null) return days;
  }
  return null;
}

function numberOf(reading: Reading, name: string): number | null {
  const { program, assignments } = reading;
  const assignment = assignmentFor(assignments, name, Infinity);
  if (assignment === null) return null;
  const token = program.tokens[assignment.from];
  if (token !== undefined && /^\d+$/.test(token.text)) return Number(token.text);
  const end = endOf(program, assignment);
  for (let at = assignment.from; at < end; at += 1) {
    const value = program.tokens[at]!.kind === 'text' ? literalOf(readExpression(reading, at)?.value ?? []) : null;
    if (value !== null && /^\d+$/.test(value)) return Number(value);
    if (/^\d+$/.test(program.tokens[at]!.text)) return Number(program.tokens[at]!.text);
  }
  return null;
}
