import { findDays } from './days.ts';
import { isMark, isWord, type Program } from './program.ts';
import { readExpression, type Reading } from './read-expression.ts';
import { nameOf, shown, type TextValue } from './text-value.ts';

/** Parameters without brackets that change what is asked for; others of the same names are something else. */
const plain = /^(minutes|seconds|container_id|include_validation|access_role_id|limit|offset|sort)$/;
const isFilter = (name: string) => /^filters?\[[\w.]+\]$/.test(name);

/** `filter[status]`, which CertCentral takes as well, as `filters[status]`. */
export const parameterName = (name: string) => name.replace(/^filter\[/, 'filters[');

/** Parameters that are written between two tokens: `"filters[status]": "issued"`, `q.Set("limit", "1000")`, `minutes=15`. */
export function parametersBetween(reading: Reading, from: number, to: number): Map<string, string> {
  const { tokens } = reading.program;
  const found = new Map<string, string>();
  for (let index = from; index < to; index += 1) {
    const token = tokens[index]!;
    const name = token.kind === 'text' ? shown(token.value) : token.kind === 'word' ? token.text : '';
    const [, pair, given] = token.kind === 'text' ? (/^(filters?\[[\w.]+\])=(.*)$/s.exec(name) ?? []) : [];
    if (pair !== undefined) found.set(parameterName(pair), given!);
    else if (isFilter(name) || (plain.test(name) && isNamed(reading.program, index))) {
      const at = valueAfter(reading.program, index);
      const value = at === null ? null : readExpression(reading, at);
      if (value !== null) found.set(parameterName(name), parameterText(reading, value.value));
    }
  }
  return found;
}

/** A plain name counts where a value follows it: `{limit: 1}`, `limit=1`, `("limit", "1")`. */
const isNamed = ({ tokens }: Program, index: number) =>
  isMark(tokens[index + 1], ':', '=') || (tokens[index]!.kind === 'text' && isMark(tokens[index + 1], ',', ']'));

/** Where the value of a name begins: `: v`, `= v`, `, v`, `] = v`, `: {v}`. */
function valueAfter({ tokens }: Program, index: number): number | null {
  let at = index + 1;
  if (isMark(tokens[at], ']')) at += 1;
  if (!isMark(tokens[at], ':', '=', ',')) return null;
  at += 1;
  return isMark(tokens[at], '{', '[') ? at + 1 : at;
}

/** Shows a value with `<name>` for what is not known, and a day that is computed as `today+30d` where its days are told. */
export function parameterText(reading: Reading, value: TextValue): string {
  return value
    .map((part) => {
      if (typeof part === 'string') return part;
      const days = findDays(reading, part.source);
      return days === null ? `<${nameOf(part)}>` : `today+${days}d`;
    })
    .join('');
}

export const wordsBetween = ({ tokens }: Program, from: number, to: number): readonly string[] =>
  tokens.slice(from, to).flatMap((token) => (isWord(token) ? [token.text] : []));
