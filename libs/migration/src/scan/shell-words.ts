import { closing } from './text-tokens.ts';
import { joined, type TextValue } from './text-value.ts';

/** A word of a command as the shell sees it: quotes taken off, pieces side by side joined. */
export interface ShellWord {
  readonly value: TextValue;
  readonly source: string;
  readonly line: number;
}

/** One simple command. Its own words, and those of reserved words in front of it, are in `words`. */
export interface ShellCommand {
  readonly words: readonly ShellWord[];
  /** What ended the command before it: a line, `|`, `;`, … */
  readonly after: string;
}

const separators = /\|\||&&|\|&?|;;|[;&\n(){}]/y;

/** Splits a script into its commands, those in `$(…)` after the one that they are part of. */
export function readCommands(source: string, firstLine = 1): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  const nested: { source: string; line: number }[] = [];
  let words: ShellWord[] = [];
  let after = '\n';
  let at = 0;
  let line = firstLine;
  let documents: string[] = [];
  const lines = (text: string) => text.split('\n').length - 1;
  const finish = (separator: string) => {
    if (words.length > 0) commands.push({ words, after });
    for (const inner of nested.splice(0)) commands.push(...readCommands(inner.source, inner.line));
    words = [];
    after = separator;
  };

  while (at < source.length) {
    const character = source[at]!;
    if (character === '\\' && /^\\\r?\n/.test(source.slice(at, at + 3))) {
      at += source[at + 1] === '\r' ? 3 : 2;
      line += 1;
      continue;
    }
    if (character === ' ' || character === '\t' || character === '\r') {
      at += 1;
      continue;
    }
    if (character === '#') {
      const end = source.indexOf('\n', at);
      at = end === -1 ? source.length : end;
      continue;
    }
    const here = /^<<-?\s*(['"]?)(\w+)\1/.exec(source.slice(at, at + 80));
    if (here !== null && source[at + 2] !== '<') {
      documents.push(here[2]!);
      at += here[0].length;
      continue;
    }
    separators.lastIndex = at;
    const separator = isBrace(source, at) ? null : (separators.exec(source)?.[0] ?? null);
    if (separator !== null) {
      finish(separator);
      at += separator.length;
      if (separator !== '\n') {
        if (separator === '{' || separator === '}' || separator === '(' || separator === ')')
          commands.push({ words: [{ value: [separator], source: separator, line }], after: '\n' });
        continue;
      }
      line += 1;
      // The bodies of here-documents are data.
      for (const name of documents) {
        const end = new RegExp(`^\\t*${name}[ \\t]*$`, 'm').exec(source.slice(at));
        const stop = end === null ? source.length : at + end.index + end[0].length;
        line += lines(source.slice(at, stop));
        at = stop;
      }
      documents = [];
      continue;
    }
    const from = at;
    const startLine = line;
    let value: TextValue = [];
    while (at < source.length && !/[\s;|&()]/.test(source[at]!)) {
      const piece = readPiece(source, at);
      value = joined(value, piece.value);
      for (const inner of piece.inner)
        nested.push({ source: inner.source, line: line + lines(source.slice(at, inner.at)) });
      line += lines(source.slice(at, piece.end));
      at = piece.end;
      // `params=(…)` and `$(`: brackets right behind an `=` belong to the word.
      if (source[at] === '(' && source[at - 1] === '=') {
        const end = closing(source, at + 1, '(', ')');
        words.push(...readCommands(source.slice(at + 1, end), line).flatMap((each) => each.words));
        line += lines(source.slice(at, end));
        at = end + 1;
      }
    }
    if (at === from) at += 1;
    words.push({ value, source: source.slice(from, at), line: startLine });
  }
  finish('\n');
  return commands;
}

/** A brace within a word, `{1..3}` or `${name}`, opens no block. */
const isBrace = (source: string, at: number) =>
  (source[at] === '{' && !/^\{\s/.test(source.slice(at, at + 2))) ||
  (source[at] === '}' && !/(^|[\s;])$/.test(source[at - 1] ?? ''));

interface Piece {
  readonly value: TextValue;
  readonly end: number;
  /** Commands in `$(…)` and backticks. */
  readonly inner: readonly { readonly source: string; readonly at: number }[];
}

function readPiece(source: string, at: number): Piece {
  const character = source[at]!;
  if (character === "'") {
    const end = source.indexOf("'", at + 1);
    const stop = end === -1 ? source.length : end;
    return { value: joined([source.slice(at + 1, stop)]), end: Math.min(stop + 1, source.length), inner: [] };
  }
  if (character === '"') return readDouble(source, at);
  if (character === '\\')
    return { value: joined([source[at + 1] ?? '']), end: Math.min(at + 2, source.length), inner: [] };
  return readExpansion(source, at) ?? { value: [character], end: at + 1, inner: [] };
}

function readDouble(source: string, from: number): Piece {
  let value: TextValue = [];
  let at = from + 1;
  const inner: Piece['inner'][number][] = [];
  while (at < source.length && source[at] !== '"') {
    const piece: Piece =
      source[at] === '\\'
        ? { value: [source[at + 1] ?? ''], end: at + 2, inner: [] }
        : (readExpansion(source, at) ?? { value: [source[at]!], end: at + 1, inner: [] });
    value = joined(value, piece.value);
    inner.push(...piece.inner);
    at = piece.end;
  }
  return { value, end: Math.min(at + 1, source.length), inner };
}

function readExpansion(source: string, at: number): Piece | null {
  if (source.startsWith('$((', at)) {
    const end = closing(source, at + 2, '(', ')');
    return { value: [{ source: source.slice(at + 3, end) }], end: Math.min(end + 1, source.length), inner: [] };
  }
  if (source.startsWith('$(', at)) {
    const end = closingCommand(source, at + 2);
    const text = source.slice(at + 2, end);
    return { value: [{ source: text }], end: Math.min(end + 1, source.length), inner: [{ source: text, at: at + 2 }] };
  }
  if (source[at] === '`') {
    const end = source.indexOf('`', at + 1);
    const stop = end === -1 ? source.length : end;
    const text = source.slice(at + 1, stop);
    return { value: [{ source: text }], end: Math.min(stop + 1, source.length), inner: [{ source: text, at: at + 1 }] };
  }
  if (source.startsWith('${', at)) {
    const end = closing(source, at + 2, '{', '}');
    return { value: [{ source: source.slice(at + 2, end) }], end: Math.min(end + 1, source.length), inner: [] };
  }
  const name = /^\$(\w+|[@*#?])/.exec(source.slice(at, at + 100));
  return name === null ? null : { value: [{ source: name[1]! }], end: at + name[0].length, inner: [] };
}

/** Where `$(` closes, quotes in it passed over. */
function closingCommand(source: string, from: number): number {
  let depth = 1;
  for (let at = from; at < source.length; at += 1) {
    const character = source[at];
    if (character === '\\') at += 1;
    else if (character === "'") {
      const end = source.indexOf("'", at + 1);
      at = end === -1 ? source.length : end;
    } else if (character === '"') at = readDouble(source, at).end - 1;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return source.length;
}
