import { isMark, isWord, lastName, statementAt, type Program } from './program.ts';

/** Where an expression stands. */
export interface Place {
  /** The function or command that takes it; null when none does. */
  readonly callee: { readonly name: string; readonly index: number } | null;
  /** Its key in an object or its name as an argument, `url`. */
  readonly key: string | null;
  /** The variable that it, or the object around it, is assigned to. */
  readonly assignedTo: string | null;
  /** Tokens `[from, to)` that go into the same call. */
  readonly ranges: readonly (readonly [number, number])[];
}

const control =
  /^(if|elif|while|for|foreach|switch|return|and|or|not|in|await|assert|match|when|until|catch|function)$/i;
const commands = /^([A-Z][A-Za-z]*-\w+|irm|iwr|curl|wget)$/;

export function placeOf(program: Program, start: number): Place {
  const { tokens, parents, closings, language } = program;
  let at = start;
  let key: string | null = null;
  const ranges: (readonly [number, number])[] = [];
  for (;;) {
    while (isWord(tokens[at - 1], 'new', 'await')) at -= 1;
    const before = tokens[at - 1];
    const named = tokens[at - 2];
    const isSet = isMark(before, '=', ':=', ':') && named !== undefined && named.kind !== 'mark';
    if (isSet) key ??= named.kind === 'text' ? named.text.slice(1, -1) : named.text;
    if (language === 'powershell') {
      const command = commandOf(program, at);
      if (command !== null)
        return {
          callee: command.callee,
          key: key ?? command.option,
          assignedTo: null,
          ranges: [...ranges, command.range],
        };
    }
    const opener = parents[at]!;
    if (isMark(tokens[opener], '(')) {
      const callee = calleeBefore(program, opener);
      const range = [opener + 1, closings.get(opener) ?? tokens.length] as const;
      if (callee !== null) return { callee, key, assignedTo: null, ranges: [...ranges, range] };
      if (!isSet) {
        at = opener;
        continue;
      }
    }
    const isObject = isMark(tokens[opener], '[') || (isMark(tokens[opener], '{') && isObjectAt(program, opener));
    if (isObject) {
      ranges.push([opener + 1, closings.get(opener) ?? tokens.length]);
      at = opener - (isMark(tokens[opener - 1], '@') ? 1 : 0);
      continue;
    }
    if (language === 'hcl' && isMark(tokens[opener], '{'))
      ranges.push([opener + 1, closings.get(opener) ?? tokens.length]);
    return { callee: null, key, assignedTo: isSet && isWord(named) ? named.text : typedName(program, at), ranges };
  }
}

/** `const base: string =`, `url: str =`. */
function typedName({ tokens }: Program, at: number): string | null {
  if (!isMark(tokens[at - 1], '=')) return null;
  return isMark(tokens[at - 3], ':') && isWord(tokens[at - 4]) ? tokens[at - 4]!.text : null;
}

/** The function in front of an opening bracket, behind its type arguments; null for a bracket that only groups. */
export function calleeBefore({ tokens, language }: Program, opener: number): Place['callee'] {
  let at = opener - 1;
  if (language === 'javascript' && isMark(tokens[at], '>')) {
    for (let depth = 0; at >= 0; at -= 1) {
      if (isMark(tokens[at], '>')) depth += 1;
      if (isMark(tokens[at], '<')) depth -= 1;
      if (depth === 0) break;
    }
    at -= 1;
  }
  const word = tokens[at];
  if (!isWord(word) || control.test(word!.text)) return null;
  if (language === 'powershell' && word!.end !== tokens[opener]!.at) return null;
  return { name: word!.text, index: at };
}

function isObjectAt({ tokens, language }: Program, opener: number): boolean {
  const before = tokens[opener - 1];
  if (language === 'hcl') return isMark(before, '=', ',', '(', '[');
  return before !== undefined && before.kind === 'mark' && /^([(,[=:@{]|:=|\?|&&|\|\||\?\?|\.)$/.test(before.text);
}

/** The command of PowerShell that an expression is an argument of, with the option in front of it. */
function commandOf(
  program: Program,
  at: number,
): { callee: NonNullable<Place['callee']>; option: string | null; range: readonly [number, number] } | null {
  const { tokens, parents } = program;
  const range = statementAt(program, at);
  for (let index = at - 1; index >= range[0]; index -= 1) {
    if (parents[index] !== parents[at]) continue;
    if (isMark(tokens[index], '|', '=', ';')) return null;
    const word = tokens[index]!;
    if (isWord(word) && commands.test(word.text)) {
      const option = tokens[at - 1]!;
      let pipe = at + 1;
      while (pipe < range[1] && !(parents[pipe] === parents[at] && isMark(tokens[pipe], '|'))) pipe += 1;
      return {
        callee: { name: word.text, index },
        option: option.text.startsWith('-') ? option.text.slice(1) : null,
        range: [index, pipe],
      };
    }
  }
  return null;
}

export const shortName = (place: Place) => (place.callee === null ? null : lastName(place.callee.name));
