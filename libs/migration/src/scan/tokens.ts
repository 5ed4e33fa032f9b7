import { readText } from './text-tokens.ts';
import type { SourceLanguage } from './source-language.ts';
import type { TextValue } from './text-value.ts';

/** Languages whose programs are read token by token. */
export type CodeLanguage = Exclude<SourceLanguage, 'shell' | 'yaml'>;

/** `word`: a name with what is reached through it, `self.base`. `mark`: an operator or bracket. Comments are none. */
export interface Token {
  readonly kind: 'text' | 'word' | 'mark';
  /** Words of PowerShell without `$`. */
  readonly text: string;
  /** Of a text. */
  readonly value: TextValue;
  /** Offsets `[at, end)` in the source. */
  readonly at: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** The line before was continued. */
  readonly continues: boolean;
}

interface Lexis {
  readonly lineComments: readonly string[];
  readonly blockComments: readonly (readonly [string, string])[];
  readonly word: RegExp;
  readonly continuation: string | null;
}

const cComments = [['/*', '*/']] as const;
const lexes: Readonly<Record<CodeLanguage, Lexis>> = {
  python: {
    lineComments: ['#'],
    blockComments: [],
    word: /[\p{L}_]\w*(?:\.[\p{L}_]\w*)*/uy,
    continuation: '\\',
  },
  javascript: {
    lineComments: ['//'],
    blockComments: cComments,
    word: /[\p{L}_$#][\w$]*(?:\??\.#?[\p{L}_$][\w$]*)*/uy,
    continuation: null,
  },
  go: { lineComments: ['//'], blockComments: cComments, word: /[\p{L}_]\w*(?:\.[\p{L}_]\w*)*/uy, continuation: null },
  powershell: {
    lineComments: ['#'],
    blockComments: [['<#', '#>']],
    word: /\$\{[^}]+\}|[$@][\p{L}_?][\w:]*(?:\.\w+)*|-?[\p{L}_][\w-]*(?:\.[\p{L}_]\w*)*/uy,
    continuation: '`',
  },
  hcl: {
    lineComments: ['#', '//'],
    blockComments: cComments,
    word: /[\p{L}_][\w-]*(?:\.[\w-]+)*/uy,
    continuation: null,
  },
};
const number = /\d[\w.]*/y;
const marks = /===|!==|=>|\?\?=?|\|\||&&|:=|==|!=|\+=|<=|>=|::|[^\s]/y;

/** The tokens of a program, comments left out. Unfinished texts and comments reach to the end. */
export function tokenize(source: string, language: CodeLanguage): readonly Token[] {
  const lexis = lexes[language];
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let continues = false;
  const pass = (end: number) => {
    for (let index = at; index < end; index += 1) if (source[index] === '\n') line += 1;
    at = end;
  };
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? null;
  };
  const put = (kind: Token['kind'], text: string, end: number, value: TextValue = []) => {
    tokens.push({ kind, text, value, at, end, line, continues });
    continues = false;
    pass(end);
  };

  while (at < source.length) {
    const character = source[at]!;
    if (/\s/.test(character)) {
      pass(at + 1);
      continue;
    }
    const comment = commentEnd(source, at, lexis);
    if (comment !== null) {
      pass(comment);
      continue;
    }
    if (character === lexis.continuation && /^[ \t]*\r?\n/.test(source.slice(at + 1, at + 40))) {
      continues = true;
      pass(at + 1);
      continue;
    }
    const text = readText(source, at, language);
    if (text !== null) {
      put('text', source.slice(at, text.end), text.end, text.value);
      continue;
    }
    if (language === 'javascript' && character === '/' && beginsPattern(tokens.at(-1))) {
      const pattern = match(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y);
      if (pattern !== null) {
        put('mark', '/…/', at + pattern.length);
        continue;
      }
    }
    const word = match(lexis.word);
    if (word !== null) {
      put('word', language === 'powershell' ? plainName(word) : word.replaceAll('?.', '.'), at + word.length);
      continue;
    }
    const found = match(number) ?? match(marks) ?? character;
    put(/^\d/.test(found) ? 'word' : 'mark', found, at + found.length);
  }
  return tokens;
}

function commentEnd(source: string, at: number, { lineComments, blockComments }: Lexis): number | null {
  for (const [open, close] of blockComments)
    if (source.startsWith(open, at)) {
      const end = source.indexOf(close, at + open.length);
      return end === -1 ? source.length : end + close.length;
    }
  if (!lineComments.some((mark) => source.startsWith(mark, at))) return null;
  const end = source.indexOf('\n', at);
  return end === -1 ? source.length : end;
}

/** Whether a slash begins a regular expression and is no division. */
const beginsPattern = (before: Token | undefined) =>
  before === undefined ||
  (before.kind === 'mark' && !/^[)\]}]$/.test(before.text)) ||
  (before.kind === 'word' && /^(return|typeof|case|in|of|await|yield)$/.test(before.text));

/** `$script:base` and `${base}` are `base`; `$env:HOME` is `env.HOME`. */
function plainName(word: string): string {
  const name = word.replace(/^\$\{(.*)\}$/, '$1').replace(/^[$@]/, '');
  return name.replace(/^(script|global|local|private|using):/i, '').replace(/^env:/i, 'env.');
}
