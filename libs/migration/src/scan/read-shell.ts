import { callsNothing, methodOf, methodInName, type RawCall, type SourceReading } from './raw-call.ts';
import { parameterName } from './parameters.ts';
import { readCommands, type ShellCommand, type ShellWord } from './shell-words.ts';
import { joined, literalOf, nameOf, rootsOf, shown, type TextValue } from './text-value.ts';

type Variables = ReadonlyMap<string, TextValue>;

const reserved =
  /^(if|then|elif|else|do|while|until|for|case|in|!|time|local|export|readonly|declare|typeset|env|sudo|exec|eval|return)$/;
const assignment = /^([A-Za-z_]\w*)\+?=$/;
const sendsBody =
  /^(-d|--data|--data-raw|--data-binary|--data-ascii|--json|-F|--form|--data-urlencode|--post-data|--post-file)$/;

/** Reads a shell script for the calls that it makes. */
export function readShell(source: string, firstLine = 1): SourceReading {
  const commands = readCommands(source, firstLine);
  const variables = variablesOf(commands);
  const frames: { kind: 'loop' | 'function' | 'other'; names: Set<string>; name: string | null }[] = [];
  const looped = functionsInLoops(commands);
  const methods = methodsOfFunctions(commands);
  const calls: RawCall[] = [];
  let pending: string | null = null;
  for (const command of commands) {
    const first = literalOf(command.words[0]!.value) ?? '';
    if (/^(for|while|until|select)$/.test(first)) frames.push({ kind: 'loop', names: boundBy(command), name: null });
    else if (first === 'done' || first === '}') frames.pop();
    else if (first === '{') {
      frames.push({ kind: pending === null ? 'other' : 'function', names: new Set(), name: pending });
      pending = null;
    } else if (first !== '(' && first !== ')') {
      pending =
        first === 'function'
          ? (literalOf(command.words[1]?.value ?? []) ?? null)
          : command.words.length === 1
            ? first
            : null;
    }
    const loop = frames.filter(({ kind }) => kind === 'loop');
    for (const [name] of assignmentsIn(command)) loop.at(-1)?.names.add(name);
    const within = frames.findLast(({ kind }) => kind === 'function')?.name ?? null;
    const bound = new Set([
      ...loop.flatMap(({ names }) => [...names]),
      ...(within !== null && looped.has(within) ? positional : []),
    ]);
    calls.push(...callsOf(command, { variables, methods, bound, within }));
  }
  const literals = commands.flatMap(({ words }) => words.map(({ source: text }) => text)).join('\n');
  return { calls, literals };
}

/** The method of the first call in each function. */
function methodsOfFunctions(commands: readonly ShellCommand[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let name: string | null = null;
  let before: string | null = null;
  for (const { words } of commands) {
    const texts = words.map(({ value }) => literalOf(value) ?? '');
    if (texts[0] === '{') name = before;
    else if (texts[0] === '}') name = null;
    else if (name !== null && /^(curl|wget|http|https)$/.test(texts[0] ?? '') && !found.has(name))
      found.set(name, methodIn(texts, texts[0]!) ?? 'GET');
    else if (!/^[()]$/.test(texts[0] ?? '')) before = texts[0] === 'function' ? (texts[1] ?? null) : (texts[0] ?? null);
  }
  return found;
}

const positional = ['1', '2', '3', '@'];

/** `for id in …`, `while read -r id name`. */
function boundBy({ words }: ShellCommand): Set<string> {
  const texts = words.map(({ value }) => literalOf(value) ?? '');
  if (texts[0] === 'for' || texts[0] === 'select') return new Set([texts[1] ?? '']);
  const read = texts.indexOf('read');
  return new Set(read === -1 ? [] : texts.slice(read + 1).filter((text) => /^\w+$/.test(text)));
}

/** Functions of the script that a loop calls. */
function functionsInLoops(commands: readonly ShellCommand[]): ReadonlySet<string> {
  const found = new Set<string>();
  let depth = 0;
  for (const { words } of commands) {
    const texts = words.map(({ value }) => literalOf(value) ?? '');
    if (/^(for|while|until)$/.test(texts[0] ?? '')) depth += 1;
    if (texts[0] === 'done') depth -= 1;
    const hasHole = words.some(({ value }) => value.some((part) => typeof part !== 'string'));
    if (depth > 0 && hasHole) for (const text of texts) if (/^[A-Za-z_][\w-]*$/.test(text)) found.add(text);
  }
  return found;
}

function* assignmentsIn({ words }: ShellCommand): Generator<readonly [string, TextValue]> {
  for (const { value, source } of words) {
    const name = /^([A-Za-z_]\w*)\+?=/.exec(source)?.[1];
    const [first, ...rest] = value;
    if (name !== undefined && typeof first === 'string')
      yield [name, joined([first.slice(first.indexOf('=') + 1)], rest)];
    else if (name === undefined && !reserved.test(source) && !assignment.test(source)) return;
  }
}

function variablesOf(commands: readonly ShellCommand[]): Variables {
  const variables = new Map<string, TextValue>();
  for (const command of commands)
    for (const [name, value] of assignmentsIn(command)) if (!variables.has(name)) variables.set(name, value);
  return variables;
}

/** Puts variables into a text; `${BASE:-https://…}` is what it falls back to. */
function filled(value: TextValue, variables: Variables, depth = 0): TextValue {
  if (depth > 8) return value;
  return joined(
    ...value.map((part): TextValue => {
      if (typeof part === 'string') return [part];
      const [, name = '', fallback] = /^(\w+)(?::?[-=](.*))?$/s.exec(part.source) ?? [];
      if (fallback !== undefined && fallback !== '') return [fallback];
      const known = variables.get(name);
      const text = known === undefined ? null : filled(known, variables, depth + 1);
      return text !== null &&
        text.some((each) => typeof each === 'string') &&
        /^https?:|^\/|services\/v2|^\w[\w/]*$/.test(shown(text))
        ? text
        : [part];
    }),
  );
}

interface Surroundings {
  readonly variables: Variables;
  /** Methods of the script's own functions. */
  readonly methods: ReadonlyMap<string, string>;
  readonly bound: ReadonlySet<string>;
  readonly within: string | null;
}

function callsOf(
  { words, after }: ShellCommand,
  { variables, methods, bound, within }: Surroundings,
): readonly RawCall[] {
  const texts = words.map(({ value }) => literalOf(value) ?? '');
  const at = words.findIndex(
    ({ source }, index) =>
      !reserved.test(source) && !/^[A-Za-z_]\w*\+?=/.test(source) && !/^(for|select)$/.test(texts[index - 1] ?? ''),
  );
  const isFor = texts[0] === 'for';
  const name = at === -1 || isFor ? null : texts[at]!.replace(/^.*\//, '');
  if (name !== null && callsNothing.test(name)) return [];
  const isXargs = name === 'xargs' || name === 'parallel';
  return words.flatMap((word, index) => {
    if (isFor || texts[index - 1] === '-H' || texts[index - 1] === '--header') return [];
    const isAssigned = at === -1 || index < at;
    if (isAssigned && !isAddressOfCall(word)) return [];
    const value = filled(isAssigned ? valueOf(word) : word.value, variables);
    const roots = word.value.flatMap((part) =>
      typeof part === 'string' ? [] : [...rootsOf(part.source), part.source],
    );
    return [
      {
        line: word.line,
        calledOnLine: words[Math.max(at, 0)]!.line,
        value,
        method: methodIn(texts, name) ?? (name === null ? null : (methods.get(name) ?? null)),
        parameters: parametersIn(words, texts, variables),
        callee: name,
        isOwnCallee: false,
        place: isAssigned || index === at ? ('other' as const) : ('argument' as const),
        isLoop: roots.some((root) => bound.has(root)) || (isXargs && after.startsWith('|')),
        within,
        parametersOfFunction: positional,
      },
    ];
  });
}

const isAddressOfCall = ({ value }: ShellWord) =>
  value.some((part) => typeof part === 'string' && /services\/v2\/\w|\/(order|report)\//.test(part));

function valueOf({ value }: ShellWord): TextValue {
  const [first, ...rest] = value;
  return typeof first === 'string' ? joined([first.slice(first.indexOf('=') + 1)], rest) : value;
}

function methodIn(texts: readonly string[], name: string | null): string | null {
  for (const [index, text] of texts.entries()) {
    const next = texts[index + 1] ?? '';
    if (text === '-X' || text === '--request' || text === '--method') return methodOf(next);
    const joinedMethod = /^(?:-X|--request=|--method=)([A-Za-z]+)$/.exec(text)?.[1];
    if (joinedMethod !== undefined) return methodOf(joinedMethod);
    if (/^[A-Z]+$/.test(text) && methodOf(text) !== null) return text;
  }
  if (texts.some((text) => /^(-I|--head)$/.test(text))) return 'HEAD';
  const isGet = texts.some((text) => /^(-[a-zA-Z]*G[a-zA-Z]*|--get)$/.test(text));
  if (!isGet && texts.some((text) => sendsBody.test(text) || /^--(post-data|json|data)=/.test(text))) return 'POST';
  if (texts.some((text) => /^(-T|--upload-file)$/.test(text))) return 'PUT';
  if (name !== null && /^(curl|wget|http|https|xargs)$/.test(name)) return 'GET';
  return name === null ? null : methodInName(name);
}

/** `--data-urlencode "filters[status]=issued"` and what else names a parameter. */
function parametersIn(
  words: readonly ShellWord[],
  texts: readonly string[],
  variables: Variables,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [index, { value }] of words.entries()) {
    const before = texts[index - 1] ?? '';
    const isGiven = /^(-d|--data|--data-urlencode|--url-query|--data-raw)$/.test(before);
    const text = value.map((part) => (typeof part === 'string' ? part : parameterText(part, variables))).join('');
    const [, name, given] = /^(filters?\[[\w.]+\]|[a-z_]+)=(.*)$/s.exec(text) ?? [];
    if (name !== undefined && (isGiven || name.startsWith('filter'))) found.set(parameterName(name), given!);
  }
  return found;
}

function parameterText(part: { readonly source: string }, variables: Variables, depth = 0): string {
  const name = /^\w+/.exec(part.source)?.[0] ?? '';
  const assigned = variables.get(name);
  const source =
    assigned === undefined || depth > 3
      ? part.source
      : assigned.map((each) => (typeof each === 'string' ? each : each.source)).join('');
  const amount = /\+\s*\$?\{?(\w+)\}?\s*days?\b/.exec(source)?.[1] ?? /-v\s*\+\$?\{?(\w+)\}?d\b/.exec(source)?.[1];
  if (amount === undefined) return `<${nameOf(part)}>`;
  const days = /^\d+$/.test(amount) ? amount : shown(filled([{ source: amount }], variables)).replace(/^\{(.*)\}$/, '');
  return /^\d+$/.test(days) ? `today+${days}d` : `<${nameOf(part)}>`;
}
