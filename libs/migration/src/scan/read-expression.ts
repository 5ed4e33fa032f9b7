import { isMark, isWord, lastName, type Program } from './program.ts';
import { joined, literalOf, mostTold, type TextValue } from './text-value.ts';
import { assignmentFor, endOf, type Assignment, type Assignments } from './variables.ts';

export interface Expression {
  readonly value: TextValue;
  /** The token after it. */
  readonly next: number;
}

/** What is read of a program once, for all its expressions. */
export interface Reading {
  readonly program: Program;
  readonly assignments: Assignments;
}

/** Words in front of an expression. */
export const keywords =
  /^(return|await|new|yield|throw|typeof|not|if|else|in|let|const|var|export|default|case|async)$/;
/** Deeper nesting is not followed. */
const maxDepth = 12;

/** Reads the expression that begins with a token as a text; null when none begins there. */
export function readExpression(reading: Reading, index: number, depth = 0): Expression | null {
  if (depth > maxDepth) return null;
  const { tokens } = reading.program;
  let at = index;
  while (isWord(tokens[at]) && keywords.test(tokens[at]!.text)) at += 1;
  let left = readAtom(reading, at, depth);
  while (left !== null) {
    const operator = tokens[left.next];
    if (isMark(operator, '+')) {
      const right = readAtom(reading, left.next + 1, depth);
      if (right === null) return left;
      left = { value: joined(left.value, right.value), next: right.next };
    } else if (isMark(operator, '??', '||') || isWord(operator, 'or')) {
      const right = readAtom(reading, left.next + 1, depth);
      if (right === null) return left;
      left = { value: mostTold([left.value, right.value]), next: right.next };
    } else return left;
  }
  return left;
}

function readAtom(reading: Reading, index: number, depth: number): Expression | null {
  const { program } = reading;
  const { tokens, closings } = program;
  const token = tokens[index];
  if (token === undefined) return null;
  if (token.kind === 'text') return suffixed(reading, adjacent(reading, index, depth), depth);
  if (isMark(token, '(')) {
    const close = closings.get(index) ?? tokens.length;
    const inner = readExpression(reading, index + 1, depth + 1);
    return suffixed(reading, { value: inner?.value ?? hole(program, index, close + 1), next: close + 1 }, depth);
  }
  if (isMark(token, '[')) {
    const close = closings.get(index) ?? tokens.length;
    if (!isJoinAfter(program, index)) return { value: hole(program, index, close + 1), next: close + 1 };
    const between = argumentsOf(reading, close + 3, depth)[0] ?? [];
    const value = joined(
      ...argumentsOf(reading, index, depth).flatMap((each, at) => (at === 0 ? [each] : [between, each])),
    );
    return suffixed(reading, { value, next: (closings.get(close + 3) ?? tokens.length) + 1 }, depth);
  }
  if (!isWord(token) || keywords.test(token.text)) return null;
  if (/^\d/.test(token.text)) return { value: [token.text], next: index + 1 };
  if (isMark(tokens[index + 1], '(') && isCallMark(program, index + 1))
    return suffixed(reading, readCall(reading, index, depth), depth);
  return suffixed(reading, { value: variable(reading, token.text, index, depth), next: index + 1 }, depth);
}

/** `[a, b].join(…)`. */
export function isJoinAfter({ tokens, closings }: Program, opener: number): boolean {
  const close = closings.get(opener) ?? tokens.length;
  return isMark(tokens[close + 1], '.') && isWord(tokens[close + 2], 'join') && isMark(tokens[close + 3], '(');
}

/** In PowerShell `Get-Item ("a")` is a command with an argument, and no call of what stands in front. */
const isCallMark = ({ tokens }: Program, index: number) => tokens[index]!.at === tokens[index - 1]!.end;

/** Texts side by side are one in Python. */
function adjacent(reading: Reading, index: number, depth: number): Expression {
  const { tokens, language } = reading.program;
  let value = filled(reading, tokens[index]!.value, index, depth);
  let next = index + 1;
  while (language === 'python' && tokens[next]?.kind === 'text') {
    value = joined(value, filled(reading, tokens[next]!.value, next, depth));
    next += 1;
  }
  return { value, next };
}

/** Puts variables of the program into the holes of a text. */
export function filled(reading: Reading, value: TextValue, at: number, depth: number): TextValue {
  return joined(
    ...value.map((part): TextValue => {
      if (typeof part === 'string') return [part];
      const name = part.source.trim().replace(/^\$/, '');
      return /^[\w.#$]+$/.test(name) ? variable(reading, name, at, depth, part.source) : [part];
    }),
  );
}

function variable(reading: Reading, name: string, at: number, depth: number, source = name): TextValue {
  const assignment = assignmentFor(reading.assignments, name, at);
  if (assignment === null || depth >= maxDepth) return [{ source }];
  // A name in what it is assigned: `url = url + …`.
  if (at >= assignment.from && at < endOf(reading.program, assignment)) return [{ source }];
  const value = assignedText(reading, assignment, depth + 1);
  // What holds nothing but holes is better known by its own name.
  return value.some((part) => typeof part === 'string') ? value : [{ source }];
}

/** The text that an assignment gives; of a choice between several, one that is an address. */
export function assignedText(reading: Reading, assignment: Assignment, depth = 0): TextValue {
  const { program } = reading;
  const direct = readExpression(reading, assignment.from, depth)?.value ?? [];
  if (direct.some((part) => typeof part === 'string')) return direct;
  const end = endOf(program, assignment);
  const address = program.tokens
    .slice(assignment.from, end)
    .find((token) => token.kind === 'text' && /^https?:\/\//.test(literalOf(token.value) ?? ''));
  return address?.value ?? direct;
}

function readCall(reading: Reading, index: number, depth: number): Expression {
  const { program } = reading;
  const { tokens, closings } = program;
  const close = closings.get(index + 1) ?? tokens.length;
  const callee = tokens[index]!.text;
  const args = argumentsOf(reading, index + 1, depth);
  const value =
    valueOfCall(lastName(callee), args, isWord(tokens[index - 1], 'new')) ?? hole(program, index, close + 1);
  return { value, next: close + 1 };
}

function valueOfCall(name: string, args: readonly TextValue[], isNew: boolean): TextValue | null {
  const [first = [], second = []] = args;
  if (/^(Sprintf|format|sprintf)$/.test(name)) return formatted(first, args.slice(1));
  if (name === 'urljoin' || name === 'resolve') return addressBelow(first, second);
  if (isNew && name === 'URL') return args.length > 1 ? addressBelow(second, first) : first;
  if (/^(JoinPath|joinPath)$/.test(name))
    return args.slice(1).reduce<TextValue>((path, part) => addressBelow(path, part), first);
  // `getenv("BASE", "https://…")` and others that choose: the address among them.
  return args.find((arg) => typeof arg[0] === 'string' && /^https?:\/\//.test(arg[0])) ?? null;
}

/** The values of the arguments of a call, whose bracket opens at a token. */
export function argumentsOf(reading: Reading, opener: number, depth = 0): readonly TextValue[] {
  const { program } = reading;
  const { tokens, parents, closings } = program;
  const close = closings.get(opener) ?? tokens.length;
  const values: TextValue[] = [];
  let begins = true;
  for (let at = opener + 1; at < close; at += 1) {
    if (parents[at] !== opener) continue;
    if (begins) values.push(readExpression(reading, at, depth + 1)?.value ?? hole(program, at, at + 1));
    begins = isMark(tokens[at], ',');
  }
  return values;
}

const withoutSlash = (value: TextValue): TextValue =>
  value.map((part, at) => (typeof part === 'string' && at === value.length - 1 ? part.replace(/\/$/, '') : part));

function addressBelow(base: TextValue, path: TextValue): TextValue {
  const [first, ...rest] = path;
  const below = typeof first === 'string' ? [first.replace(/^(?!\/)/, '/'), ...rest] : ['/', ...path];
  return joined(withoutSlash(base), below);
}

/** `.format(…)`, `% (…)`, `-f …` and `.join([…])` after a text; what else is called on it, such as `.rstrip("/")`, is let pass. */
function suffixed(reading: Reading, expression: Expression, depth: number): Expression {
  const { program } = reading;
  const { tokens, closings, language } = program;
  let { value, next } = expression;
  for (;;) {
    const token = tokens[next];
    if (isMark(token, '.') && isWord(tokens[next + 1]) && isMark(tokens[next + 2], '(')) {
      const name = tokens[next + 1]!.text;
      if (name === 'format') value = formatted(value, argumentsOf(reading, next + 2, depth));
      else if (name === 'join' && isMark(tokens[next + 3], '['))
        value = joined(
          ...argumentsOf(reading, next + 3, depth).flatMap((each, at) => (at === 0 ? [each] : [value, each])),
        );
      next = (closings.get(next + 2) ?? tokens.length) + 1;
    } else if (isMark(token, '[') && token!.at === tokens[next - 1]!.end) {
      const close = closings.get(next) ?? tokens.length;
      value = hole(program, next - 1, close + 1);
      next = close + 1;
    } else if (language === 'python' && isMark(token, '%')) {
      const isTuple = isMark(tokens[next + 1], '(');
      const one = isTuple ? null : readAtom(reading, next + 1, depth + 1);
      value = formatted(value, isTuple ? argumentsOf(reading, next + 1, depth) : one === null ? [] : [one.value]);
      next = isTuple ? (closings.get(next + 1) ?? tokens.length) + 1 : (one?.next ?? next + 2);
    } else if (language === 'powershell' && isWord(token, '-f')) {
      const args: TextValue[] = [];
      let at = next;
      do {
        const arg = readAtom(reading, at + 1, depth + 1);
        if (arg === null) break;
        args.push(arg.value);
        at = arg.next;
      } while (isMark(tokens[at], ','));
      value = formatted(value, args);
      next = Math.max(at, next + 1);
    } else return { value, next };
  }
}

const directive = /%[-+ 0#]*\d*(?:\.\d+)?(?:\((\w+)\))?[sdvqxrif]|\{(\d*|[A-Za-z_]\w*)(?::[^}]*)?\}/g;

/** Puts arguments into `%s`, `{}` and `{0}`; a name such as `{id}` stays a hole. */
function formatted(pattern: TextValue, args: readonly TextValue[]): TextValue {
  let taken = 0;
  return joined(
    ...pattern.flatMap((part): TextValue[] => {
      if (typeof part !== 'string') return [[part]];
      const values: TextValue[] = [];
      let from = 0;
      for (const found of part.matchAll(directive)) {
        values.push([part.slice(from, found.index)]);
        from = found.index + found[0].length;
        const name = found[1] ?? (/^\D/.test(found[2] ?? '') ? found[2] : undefined);
        const position = found[2] !== undefined && found[2] !== '' ? Number(found[2]) : taken;
        taken += 1;
        values.push(name === undefined ? (args[position] ?? [{ source: 'value' }]) : [{ source: name }]);
      }
      values.push([part.slice(from)]);
      return values;
    }),
  );
}

function hole({ source, tokens }: Program, from: number, to: number): TextValue {
  const first = tokens[from];
  const last = tokens[Math.min(to, tokens.length) - 1];
  return [{ source: first === undefined || last === undefined ? 'value' : source.slice(first.at, last.end) }];
}
