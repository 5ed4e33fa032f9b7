import { isMark, isWord, lastName, statementAt, type Program } from './program.ts';
import type { Assignment, Assignments } from './variables.ts';

/** A function or a loop: the tokens of its body, `[from, to)`. */
interface Block {
  readonly from: number;
  readonly to: number;
}
export interface NamedFunction extends Block {
  readonly name: string;
  readonly parameters: readonly string[];
}
export interface Loop extends Block {
  /** Names that differ from one pass to the next. */
  readonly bound: ReadonlySet<string>;
}
export interface Blocks {
  readonly functions: readonly NamedFunction[];
  readonly loops: readonly Loop[];
}

export function findBlocks(program: Program, { all }: Assignments): Blocks {
  const functions: NamedFunction[] = [];
  const loops: Loop[] = [];
  for (const index of program.tokens.keys()) {
    const found = functionAt(program, index);
    if (found !== null) functions.push(found);
    const loop = loopAt(program, index);
    if (loop !== null) loops.push({ ...loop, bound: new Set([...loop.bound, ...assignedIn(loop, all)]) });
  }
  return { functions, loops };
}

const assignedIn = ({ from, to }: Block, assignments: readonly Assignment[]) =>
  assignments.filter((each) => each.from > from && each.from < to).map(({ name }) => name);

/** The innermost block around a token: the last that begins before it. */
export const innermost = <T extends Block>(blocks: readonly T[], index: number): T | null =>
  blocks.reduce<T | null>(
    (best, each) => (index >= each.from && index < each.to && (best === null || each.from >= best.from) ? each : best),
    null,
  );

/** The first token in `[from, to)` that is one of these marks; -1 when none is. */
function markFrom({ tokens }: Program, from: number, to: number, ...marks: readonly string[]): number {
  for (let at = from; at < Math.min(to, tokens.length); at += 1) if (isMark(tokens[at], ...marks)) return at;
  return -1;
}

function functionAt(program: Program, index: number): NamedFunction | null {
  const { tokens, language, closings } = program;
  const word = tokens[index]!;
  const isNamed = isWord(tokens[index + 1]);
  if (language === 'python' && isWord(word, 'def') && isNamed)
    return { name: tokens[index + 1]!.text, parameters: wordsIn(program, index + 2), ...indented(program, index) };
  if (language === 'powershell' && isWord(word, 'function') && isNamed) {
    const params = isMark(tokens[index + 2], '(') ? index + 2 : -1;
    const open = params === -1 ? index + 2 : (closings.get(params) ?? tokens.length) + 1;
    return isMark(tokens[open], '{')
      ? {
          name: tokens[index + 1]!.text,
          parameters: params === -1 ? [] : wordsIn(program, params),
          ...braced(program, open),
        }
      : null;
  }
  if (language === 'go' && isWord(word, 'func')) {
    const at = isMark(tokens[index + 1], '(') ? (closings.get(index + 1) ?? index) + 1 : index + 1;
    return isWord(tokens[at]) ? afterHead(program, at, at + 1) : null;
  }
  return language === 'javascript' ? javascriptFunctionAt(program, index) : null;
}

function javascriptFunctionAt(program: Program, index: number): NamedFunction | null {
  const { tokens, closings } = program;
  if (!isWord(tokens[index])) return null;
  const name = index;
  let open = index + 1;
  if (isWord(tokens[index - 1], 'function') || isMark(tokens[open], '(')) {
    // A method: `name(…) {`. A call has no body after it.
    if (isMark(tokens[open], '<')) open = markFrom(program, open + 1, open + 40, '(');
    return /^(if|for|while|switch|catch|function)$/.test(tokens[name]!.text) ? null : afterHead(program, name, open);
  }
  if (!isMark(tokens[open], '=', ':')) return null;
  open += 1;
  while (isWord(tokens[open], 'async', 'function')) open += 1;
  const close = isMark(tokens[open], '(') ? (closings.get(open) ?? tokens.length) : isWord(tokens[open]) ? open : null;
  if (close === null) return null;
  const arrow = markFrom(program, close + 1, close + 12, '=>');
  if (arrow === -1 || !isTypeOnly(program, close + 1, arrow)) return afterHead(program, name, open);
  const body = isMark(tokens[arrow + 1], '{')
    ? braced(program, arrow + 1)
    : { from: arrow + 1, to: statementAt(program, Math.min(arrow + 1, tokens.length - 1))[1] };
  const parameters = isMark(tokens[open], '(') ? wordsIn(program, open) : [tokens[open]!.text];
  return { name: tokens[name]!.text, parameters, ...body };
}

const isTypeOnly = ({ tokens }: Program, from: number, to: number) => from === to || isMark(tokens[from], ':');

/** `(…)`, perhaps a type, and a body in braces. */
function afterHead(program: Program, name: number, open: number): NamedFunction | null {
  const { tokens, closings } = program;
  if (!isMark(tokens[open], '(')) return null;
  let at = (closings.get(open) ?? tokens.length) + 1;
  const isTyped = isMark(tokens[at], ':') || program.language === 'go';
  for (let steps = 0; isTyped && steps < 12 && at < tokens.length && !isMark(tokens[at], '{', ';'); steps += 1) at += 1;
  if (!isMark(tokens[at], '{')) return null;
  return { name: lastName(tokens[name]!.text), parameters: wordsIn(program, open), ...braced(program, at) };
}

function loopAt(program: Program, index: number): Loop | null {
  const { tokens, language, closings } = program;
  const word = tokens[index]!;
  if (word.kind !== 'word') return null;
  if (language === 'python') return pythonLoopAt(program, index);
  if (/^(for|foreach|while)$/i.test(word.text)) {
    const open = isMark(tokens[index + 1], '(')
      ? (closings.get(index + 1) ?? tokens.length) + 1
      : nextBrace(program, index);
    const bound = new Set(
      tokens.slice(index + 1, open).flatMap((token) => (token.kind === 'word' ? [token.text] : [])),
    );
    if (isMark(tokens[open], '{')) return { bound, ...braced(program, open) };
    return language === 'javascript'
      ? { bound, from: open, to: statementAt(program, Math.min(open, tokens.length - 1))[1] }
      : null;
  }
  if (language === 'powershell' && /^(ForEach-Object|%|foreach)$/i.test(word.text) && isMark(tokens[index + 1], '{'))
    return { bound: new Set(['_', 'PSItem']), ...braced(program, index + 1) };
  if (/^(map|forEach|flatMap|mapSeries|mapLimit|each)$/.test(lastName(word.text)) && isMark(tokens[index + 1], '(')) {
    const to = closings.get(index + 1) ?? tokens.length;
    const arrow = markFrom(program, index + 1, to, '=>', '{');
    const bound = arrow === -1 ? [] : tokens.slice(index + 2, isMark(tokens[arrow], '{') ? closings.get(arrow) : arrow);
    return {
      bound: new Set(bound.flatMap((token) => (token.kind === 'word' ? [token.text] : []))),
      from: index + 2,
      to,
    };
  }
  return language === 'hcl' && isWord(word, 'for_each', 'count') && isMark(tokens[index + 1], '=')
    ? { bound: new Set(['each', 'count']), ...braced(program, program.parents[index]!) }
    : null;
}

function pythonLoopAt(program: Program, index: number): Loop | null {
  const { tokens, parents, closings } = program;
  if (!isWord(tokens[index], 'for', 'while')) return null;
  const until = inFrom(program, index + 1);
  const names = tokens[index]!.text === 'while' || until === -1 ? [] : tokens.slice(index + 1, until);
  const bound = new Set(names.flatMap((token) => (token.kind === 'word' ? [token.text] : [])));
  const opener = parents[index]!;
  return opener === -1
    ? { bound, ...indented(program, index) }
    : { bound, from: opener, to: closings.get(opener) ?? tokens.length };
}

/** The `in` of a loop's head. */
function inFrom({ tokens }: Program, from: number): number {
  for (let at = from; at < Math.min(from + 20, tokens.length); at += 1) if (isWord(tokens[at], 'in')) return at;
  return -1;
}

function nextBrace({ tokens, parents }: Program, index: number): number {
  for (let at = index + 1; at < tokens.length && parents[at]! >= parents[index]!; at += 1)
    if (parents[at] === parents[index] && isMark(tokens[at], '{')) return at;
  return tokens.length;
}

const braced = ({ closings, tokens }: Program, open: number): Block => ({
  from: open + 1,
  to: closings.get(open) ?? tokens.length,
});

function columnOf({ source, tokens }: Program, index: number): number {
  const { at } = tokens[index]!;
  const begin = source.lastIndexOf('\n', at - 1) + 1;
  return /^\s*/.exec(source.slice(begin))![0].length;
}

/** The lines below a head that are indented deeper. */
function indented(program: Program, head: number): Block {
  const { tokens, parents } = program;
  const column = columnOf(program, head);
  let to = head + 1;
  for (; to < tokens.length; to += 1)
    if (
      parents[to] === -1 &&
      tokens[to]!.line > tokens[to - 1]!.line &&
      columnOf(program, to) <= column &&
      !isMark(tokens[to], ')', ']', '}')
    )
      break;
  return { from: head + 1, to };
}

function wordsIn({ tokens, closings }: Program, open: number): readonly string[] {
  return tokens
    .slice(open + 1, closings.get(open) ?? open)
    .flatMap((token) => (token.kind === 'word' ? [token.text] : []));
}
