import type { CodeLanguage } from './tokens.ts';
import { joined, type TextValue } from './text-value.ts';

export interface ReadText {
  readonly value: TextValue;
  readonly end: number;
}

/** Reads the text that begins here; null when none does. */
export function readText(source: string, at: number, language: CodeLanguage): ReadText | null {
  switch (language) {
    case 'python':
      return readPython(source, at);
    case 'javascript':
      return readQuoted(source, at, `"'`) ?? readInterpolated(source, at, '`', '`', '${', '\\');
    case 'go':
      return readQuoted(source, at, `"'`) ?? readRaw(source, at, '`', '`');
    case 'powershell':
      return readPowerShell(source, at);
    case 'hcl':
      return readHeredoc(source, at) ?? readInterpolated(source, at, '"', '"', '${', '\\');
  }
}

const escapes = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
]);

function readQuoted(source: string, at: number, quotes: string): ReadText | null {
  const quote = source[at]!;
  if (!quotes.includes(quote)) return null;
  let text = '';
  let index = at + 1;
  for (; index < source.length && source[index] !== quote; index += 1) {
    if (source[index] === '\n') break; // A lone apostrophe, in a text of JSX, must not eat the file.
    if (source[index] !== '\\') text += source[index];
    else {
      index += 1;
      text += escapes.get(source[index] ?? '') ?? source[index] ?? '';
    }
  }
  return { value: joined([text]), end: Math.min(index + 1, source.length) };
}

function readRaw(source: string, at: number, open: string, close: string): ReadText | null {
  if (!source.startsWith(open, at)) return null;
  const end = source.indexOf(close, at + open.length);
  const stop = end === -1 ? source.length : end;
  return { value: joined([source.slice(at + open.length, stop)]), end: Math.min(stop + close.length, source.length) };
}

function readInterpolated(
  source: string,
  at: number,
  open: string,
  close: string,
  hole: string,
  escape: string,
): ReadText | null {
  if (!source.startsWith(open, at)) return null;
  let value: TextValue = [];
  let index = at + open.length;
  while (index < source.length && !source.startsWith(close, index)) {
    if (source[index] === escape) {
      value = joined(value, [escapes.get(source[index + 1] ?? '') ?? source[index + 1] ?? '']);
      index += 2;
    } else if (source.startsWith(hole, index)) {
      const end = closing(source, index + hole.length, '{', '}');
      value = joined(value, [{ source: source.slice(index + hole.length, end) }]);
      index = end + 1;
    } else {
      value = joined(value, [source[index]!]);
      index += 1;
    }
  }
  return { value, end: Math.min(index + close.length, source.length) };
}

/** Where the bracket closes that was opened before `from`. */
export function closing(source: string, from: number, open: string, close: string): number {
  let depth = 1;
  for (let index = from; index < source.length; index += 1) {
    if (source[index] === open) depth += 1;
    else if (source[index] === close) {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return source.length;
}

const pythonOpening = /([rRbBfFuU]{0,2})("""|'''|"|')/y;

function readPython(source: string, at: number): ReadText | null {
  if (/\w/.test(source[at - 1] ?? '')) return null;
  pythonOpening.lastIndex = at;
  const [opening, prefix = '', quote = ''] = pythonOpening.exec(source) ?? [];
  if (opening === undefined) return null;
  const isFormatted = /f/i.test(prefix);
  let value: TextValue = [];
  let index = at + opening.length;
  while (index < source.length && !source.startsWith(quote, index)) {
    const character = source[index]!;
    if (quote.length === 1 && character === '\n') break;
    if (character === '\\' && !/r/i.test(prefix)) {
      value = joined(value, [escapes.get(source[index + 1] ?? '') ?? source[index + 1] ?? '']);
      index += 2;
    } else if (isFormatted && (source.startsWith('{{', index) || source.startsWith('}}', index))) {
      value = joined(value, [character]);
      index += 2;
    } else if (isFormatted && character === '{') {
      const end = closing(source, index + 1, '{', '}');
      value = joined(value, [{ source: source.slice(index + 1, end).replace(/(![rsa])?(:[^\]})]*)?$/, '') }]);
      index = end + 1;
    } else {
      value = joined(value, [character]);
      index += 1;
    }
  }
  return { value, end: Math.min(index + quote.length, source.length) };
}

const variable = /\$(?:\{([^}]+)\}|((?:env|script|global|local|private|using):\w+|[A-Za-z_]\w*))/y;

function readPowerShell(source: string, at: number): ReadText | null {
  if (source.startsWith("@'", at)) return readRaw(source, at, "@'", "\n'@");
  if (source[at] === "'") {
    let text = '';
    let index = at + 1;
    while (index < source.length && (source[index] !== "'" || source[index + 1] === "'")) {
      text += source[index];
      index += source[index] === "'" ? 2 : 1;
    }
    return { value: joined([text]), end: Math.min(index + 1, source.length) };
  }
  const isHere = source.startsWith('@"', at);
  // A word such as `$base/order` without quotes is read as a text of its own.
  const bare = !isHere && /[\s(=,]/.test(source[at - 1] ?? ' ') ? /\$[A-Za-z_][\w:]*\/[^\s;|)]*/y : null;
  if (bare !== null) {
    bare.lastIndex = at;
    const word = bare.exec(source)?.[0];
    if (word !== undefined) return { value: expanded(word), end: at + word.length };
  }
  if (!isHere && source[at] !== '"') return null;
  const close = isHere ? '\n"@' : '"';
  const from = at + (isHere ? 2 : 1);
  let index = from;
  while (index < source.length && !source.startsWith(close, index)) {
    if (source[index] === '`') index += 2;
    else if (source.startsWith('$(', index)) index = closing(source, index + 2, '(', ')') + 1;
    else if (!isHere && source.startsWith('""', index)) index += 2;
    else index += 1;
  }
  return { value: expanded(source.slice(from, index)), end: Math.min(index + close.length, source.length) };
}

function expanded(text: string): TextValue {
  let value: TextValue = [];
  let index = 0;
  while (index < text.length) {
    variable.lastIndex = index;
    const found = variable.exec(text);
    if (text[index] === '`') {
      value = joined(value, [text[index + 1] ?? '']);
      index += 2;
    } else if (text.startsWith('$(', index)) {
      const end = closing(text, index + 2, '(', ')');
      value = joined(value, [{ source: text.slice(index + 2, end) }]);
      index = end + 1;
    } else if (found !== null) {
      const name = (found[1] ?? found[2]!).replace(/^(script|global|local|private|using):/i, '');
      value = joined(value, [{ source: name.replace(/^env:/i, 'env.') }]);
      index += found[0].length;
    } else {
      value = joined(value, [text[index]!]);
      index += 1;
    }
  }
  return value;
}

const heredoc = /<<-?~?\s*"?(\w+)"?[^\n]*\n/y;

function readHeredoc(source: string, at: number): ReadText | null {
  heredoc.lastIndex = at;
  const [opening, name] = heredoc.exec(source) ?? [];
  if (opening === undefined) return null;
  const end = new RegExp(`^[ \\t]*${name}\\b`, 'm').exec(source.slice(at + opening.length));
  const stop = end === null ? source.length : at + opening.length + end.index;
  return {
    value: joined([source.slice(at + opening.length, stop)]),
    end: Math.min(stop + (end?.[0].length ?? 0), source.length),
  };
}
