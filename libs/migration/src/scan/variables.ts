import { isMark, isWord, lastName, statementAt, type Program } from './program.ts';

/** `name = …`: the right side begins at token `from`. */
export interface Assignment {
  readonly name: string;
  readonly from: number;
}

/** A program's assignments by name, each list in the order of the text. */
export interface Assignments {
  readonly all: readonly Assignment[];
  readonly byName: ReadonlyMap<string, readonly Assignment[]>;
  /** By the last part of a dotted name. */
  readonly byLastName: ReadonlyMap<string, readonly Assignment[]>;
}

const operators = ['=', ':=', '??=', '+='];

/**
 * Every assignment of a program, default values of parameters and keys of objects (as `.key`) with them, in the order of the
 * text.
 */
export function findAssignments(program: Program): Assignments {
  const { tokens, language } = program;
  const found: Assignment[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'mark') continue;
    const left = tokens[index - 1];
    if (operators.includes(token.text)) {
      if (language === 'python' && isArgument(program, index)) continue;
      const name = isWord(left) ? left!.text : annotated(program, index);
      if (name !== null && token.text !== '+=') found.push({ name, from: index + 1 });
    } else if (token.text === ':' && language === 'javascript' && isWord(left))
      found.push({ name: `.${left!.text}`, from: index + 1 });
  }
  const all = language === 'hcl' ? [...found, ...hclDefaults(program)] : found;
  return {
    all,
    byName: Map.groupBy(all, ({ name }) => name),
    byLastName: Map.groupBy(all, ({ name }) => lastName(name)),
  };
}

/** `name: str = …` and `const name: string = …`; `const base string = …`. */
function annotated({ tokens, language }: Program, index: number): string | null {
  for (let at = index - 1; at > Math.max(0, index - 8); at -= 1) {
    if (isMark(tokens[at], ':') && isWord(tokens[at - 1]) && language !== 'go') return tokens[at - 1]!.text;
    if (isMark(tokens[at], ';', ',', '(', ')', '{', '}')) return null;
  }
  return null;
}

/** `url=…` within a call is no variable; in the head of a function it is one. */
function isArgument({ tokens, parents }: Program, index: number): boolean {
  const opener = parents[index]!;
  return isMark(tokens[opener], '(') && isWord(tokens[opener - 1]) && !isWord(tokens[opener - 2], 'def', 'lambda');
}

/** `variable "base" { default = "…" }` is `var.base`, and what stands in `locals` is `local.name`. */
function hclDefaults(program: Program): Assignment[] {
  const { tokens, parents } = program;
  return tokens.flatMap((token, index) => {
    if (!isMark(token, '=') || !isWord(tokens[index - 1])) return [];
    const opener = parents[index]!;
    const name = tokens[index - 1]!.text;
    if (isWord(tokens[opener - 1], 'locals')) return [{ name: `local.${name}`, from: index + 1 }];
    const label = tokens[opener - 1];
    return name === 'default' && label?.kind === 'text' && isWord(tokens[opener - 2], 'variable')
      ? [{ name: `var.${label.text.slice(1, -1)}`, from: index + 1 }]
      : [];
  });
}

/** The assignment that a use at this token sees: the last before it, else the first after. */
export function assignmentFor({ byName, byLastName }: Assignments, name: string, at: number): Assignment | null {
  const isMember = /^(this|self|cls|var|local|config|cfg|opts|options|[a-z])\./.test(name);
  const fitting = byName.get(name) ?? (isMember ? byLastName.get(lastName(name)) : undefined) ?? [];
  return fitting.findLast(({ from }) => from <= at) ?? fitting[0] ?? null;
}

/** Where the right side of an assignment ends. */
export const endOf = (program: Program, { from }: Assignment) =>
  from < program.tokens.length ? statementAt(program, from)[1] : from;
