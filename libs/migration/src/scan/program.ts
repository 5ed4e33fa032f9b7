import { tokenize, type CodeLanguage, type Token } from './tokens.ts';

/** A program's tokens with its brackets. */
export interface Program {
  readonly source: string;
  readonly language: CodeLanguage;
  readonly tokens: readonly Token[];
  /** For each token the bracket that it is directly inside, -1 outside all. */
  readonly parents: readonly number[];
  /** For each opening bracket where it closes; the number of tokens when it does not. */
  readonly closings: ReadonlyMap<number, number>;
  /** The other way round. */
  readonly openings: ReadonlyMap<number, number>;
}

const opening = /^[([{]$/;
const closingMark = /^[)\]}]$/;

export function readProgram(source: string, language: CodeLanguage): Program {
  const tokens = tokenize(source, language);
  const parents: number[] = [];
  const closings = new Map<number, number>();
  const openings = new Map<number, number>();
  const open: number[] = [];
  for (const [index, token] of tokens.entries()) {
    const isMark = token.kind === 'mark';
    if (isMark && closingMark.test(token.text)) {
      const opener = open.pop();
      if (opener !== undefined) {
        closings.set(opener, index);
        openings.set(index, opener);
      }
    }
    parents.push(open.at(-1) ?? -1);
    if (isMark && opening.test(token.text)) open.push(index);
  }
  for (const opener of open) closings.set(opener, tokens.length);
  return { source, language, tokens, parents, closings, openings };
}

export const isMark = (token: Token | undefined, ...texts: readonly string[]) =>
  token?.kind === 'mark' && texts.includes(token.text);
export const isWord = (token: Token | undefined, ...texts: readonly string[]) =>
  token?.kind === 'word' && (texts.length === 0 || texts.includes(token.text));

/** The last name of a dotted one: `session.get` is `get`. */
export const lastName = (word: string) => word.slice(word.lastIndexOf('.') + 1).replace(/^#/, '');

/** A line that ends or begins with one of these goes on. */
const goesOn = /^(?:[.+,=|?&([{]|\|\||&&|:=|\?\?|=>|->|\+=|-f)$/;
const beginsMore = /^(?:[.+|?]|\|\||&&|\?\?|-f)$/;

/** The statement around a token, `[from, to)`: what stands between line ends, semicolons and brackets. */
export function statementAt(program: Program, index: number): readonly [number, number] {
  const { tokens, parents, closings, openings } = program;
  const parent = parents[index]!;
  const end = closings.get(parent) ?? tokens.length;
  let from = index;
  while (from - 1 > parent && !isBreak(program, from)) from = openings.get(from - 1) ?? from - 1;
  let to = (closings.get(index) ?? index) + 1;
  while (to < end && !isBreak(program, to)) to = (closings.get(to) ?? to) + 1;
  return [from, Math.min(to, end)];
}

/** Whether a statement begins with this token, of those that are directly inside the same bracket as the one before. */
function isBreak({ tokens, parents, language, closings }: Program, index: number): boolean {
  const token = tokens[index]!;
  const before = tokens[index - 1];
  if (before === undefined) return true;
  if (isMark(before, ';')) return true;
  if (before.kind === 'mark' && opening.test(before.text) && closings.get(index - 1) !== index) return true;
  const parent = parents[index]!;
  if (token.line === endLine(before) || token.continues) return false;
  if (parent !== -1 && tokens[parent]!.text !== '{' && language !== 'powershell') return false;
  if (isMark(before, '}') && language !== 'powershell' && !isMark(token, '.', ')', ',')) return true;
  return !goesOn.test(before.text) && !beginsMore.test(token.text) && !isMark(token, ')', ']', '}');
}

function endLine(token: Token): number {
  let lines = 0;
  for (let index = token.text.indexOf('\n'); index !== -1; index = token.text.indexOf('\n', index + 1)) lines += 1;
  return token.line + lines;
}
