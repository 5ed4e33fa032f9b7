import { findBlocks, innermost, type Blocks, type Loop } from './blocks.ts';
import { methodOfCall } from './call-method.ts';
import { parametersBetween } from './parameters.ts';
import { calleeBefore, placeOf, shortName, type Place } from './place.ts';
import { isMark, isWord, lastName, readProgram, statementAt, type Program } from './program.ts';
import { callsNothing, type RawCall, type SourceReading } from './raw-call.ts';
import { isJoinAfter, keywords, readExpression, type Reading } from './read-expression.ts';
import { pathText } from './service.ts';
import { rootsOf, shown, type TextValue } from './text-value.ts';
import { findAssignments } from './variables.ts';
import type { CodeLanguage } from './tokens.ts';

/** An expression that may be an address. */
interface Candidate {
  readonly start: number;
  readonly next: number;
  /** The text that has the path; the first token where the path is no text. */
  readonly text: number;
  readonly value: TextValue;
}

interface Code extends Reading {
  readonly blocks: Blocks;
}

const builders = /^(Sprintf|sprintf|format|urljoin|URL|JoinPath|joinPath|resolve|join)$/;
const urlKeys = /^-?(url|uri|path|endpoint|address|href|resource|route|baseurl)$/i;
/** What a name stands behind when it is no beginning of an expression. */
const inside = ['+', '.', '??', '||', '%', '=>'];

/** Reads a program for the calls that it makes. */
export function readCode(source: string, language: CodeLanguage): SourceReading {
  const program = readProgram(source, language);
  const assignments = findAssignments(program);
  const code: Code = { program, assignments, blocks: findBlocks(program, assignments) };
  const candidates = findCandidates(code);
  const literals = program.tokens.map((token) => (token.kind === 'text' ? shown(token.value) : token.text)).join('\n');
  return { calls: candidates.flatMap((candidate) => callsOf(code, candidate, candidates)), literals };
}

function findCandidates(code: Code): readonly Candidate[] {
  const { tokens } = code.program;
  const found = new Map<number, Candidate>();
  for (const [start, token] of tokens.entries()) {
    if (token.kind === 'mark' && !beginsExpression(code.program, start)) continue;
    if (isWord(token) && keywords.test(token.text)) continue;
    if (isMark(tokens[start - 1], ...inside) || isWord(tokens[start - 1], '-f', 'or')) continue;
    const isCall = isWord(token) && isMark(tokens[start + 1], '(') && tokens[start + 1]!.at === token.end;
    if (isCall && !builders.test(lastName(token.text))) continue;
    const expression = readExpression(code, start);
    if (expression === null) continue;
    const whole = shown(expression.value);
    let text = -1;
    for (let at = start; at < expression.next && text === -1; at += 1)
      if (tokens[at]?.kind === 'text' && isPathIn(tokens[at]!.value, whole)) text = at;
    const hasOwnHole = expression.next - start > 1 || token.value.length > 1;
    if (text === -1 && hasOwnHole && pathText(expression.value) !== null && isOpen(expression.value)) text = start;
    if (text !== -1 && !found.has(text))
      found.set(text, { start, next: expression.next, text, value: expression.value });
  }
  return [...found.values()];
}

/** A bracket that only groups, and a list that is joined. */
function beginsExpression(program: Program, index: number): boolean {
  const { text } = program.tokens[index]!;
  return text === '(' ? calleeBefore(program, index) === null : text === '[' && isJoinAfter(program, index);
}

const pathLike =
  /(?:^|\/)(?:services\/v2|order|report|reports|organization|domain|container|user|service-user|product|request|account|certificate|finance|units|webhook)(?:[/?]|$)/;

const isPathIn = (value: TextValue, whole: string) =>
  value.some((part) => typeof part === 'string' && pathLike.test(part) && whole.includes(part.replace(/[%{].*$/s, '')));

/** An address whose path is told by the caller. */
const isOpen = (value: TextValue) => {
  const path = pathText(value)!;
  return (
    path.length > 0 &&
    path.every((part) => typeof part !== 'string' || /^[/?]?$/.test(part)) &&
    path.some((part) => typeof part !== 'string')
  );
};

function callsOf(code: Code, candidate: Candidate, all: readonly Candidate[]): readonly RawCall[] {
  const place = placeOf(code.program, candidate.start);
  const name = shortName(place);
  if (name !== null && callsNothing.test(name)) return [];
  if (isCompared(code.program, candidate)) return [];
  if (place.callee !== null || place.assignedTo === null) return [callAt(code, candidate, place, candidate.start, all)];
  const uses = usesOf(code, candidate, place.assignedTo).filter(
    (use) => !callsNothing.test(shortName(use.place) ?? ''),
  );
  if (uses.length === 0) return [callAt(code, candidate, place, candidate.start, all)];
  return uses.map((use) =>
    callAt(
      code,
      candidate,
      { ...use.place, ranges: [...use.place.ranges, ...place.ranges] },
      use.index,
      all,
      place.assignedTo,
    ),
  );
}

const isCompared = ({ tokens }: Program, { start, next }: Candidate) =>
  [tokens[start - 1], tokens[next]].some(
    (token) => isMark(token, '==', '===', '!=', '!==') || isWord(token, 'in', 'case', '-eq', '-ne', '-like', '-match'),
  );

function usesOf({ program, assignments, blocks }: Code, { next, start }: Candidate, name: string) {
  const scope = innermost(blocks.functions, start);
  const again = assignments.byName.get(name)?.find(({ from }) => from > next)?.from ?? Infinity;
  const to = Math.min(scope?.to ?? program.tokens.length, again);
  const uses: { index: number; place: Place }[] = [];
  for (let index = next; index < to; index += 1) {
    const token = program.tokens[index]!;
    if (!isWord(token) || (token.text !== name && !token.text.startsWith(`${name}.`))) continue;
    const place = placeOf(program, index);
    if (place.callee !== null) uses.push({ index, place });
  }
  return uses;
}

function callAt(
  code: Code,
  { value, text, start }: Candidate,
  place: Place,
  index: number,
  all: readonly Candidate[],
  assignedTo: string | null = null,
): RawCall {
  const { program, blocks } = code;
  const within = innermost(blocks.functions, index);
  const given = parametersOf(code, place, assignedTo);
  const alone =
    given.size === 0 &&
    within !== null &&
    all.filter((each) => isPathCandidate(each) && isInside(within, each.start)).length === 1;
  const parameters = alone ? parametersBetween(code, within.from, within.to) : given;
  const first = program.tokens[text]!;
  return {
    line: lineOfPath(first),
    calledOnLine: program.tokens[place.callee?.index ?? start]!.line,
    value,
    method: methodOfCall(code, place, within),
    parameters,
    callee: shortName(place),
    isOwnCallee: place.callee !== null && isOwn(code, place.callee.name),
    place: place.callee !== null || urlKeys.test(place.key ?? '') ? 'argument' : 'other',
    isLoop: isPerRow(code, index, value),
    within: within?.name ?? null,
    parametersOfFunction: within?.parameters ?? [],
  };
}

/** `get(…)`, `self.get(…)`, and `client.get(…)` where `client` was made of a class. */
function isOwn({ program, assignments }: Code, name: string): boolean {
  const [receiver = '', ...members] = name.split('.');
  if (members.length === 0 || receiver === 'self' || receiver === 'this') return true;
  const made = assignments.byName.get(receiver)?.[0];
  return made !== undefined && /^([A-Z]\w*|new)$/.test(lastName(program.tokens[made.from]?.text ?? ''));
}

const isInside = ({ from, to }: { readonly from: number; readonly to: number }, index: number) =>
  index >= from && index < to;

const isPathCandidate = ({ value }: Candidate) => value.some((part) => typeof part === 'string' && pathLike.test(part));

/** A text of several lines has its path further down. */
function lineOfPath({ text, line }: { readonly text: string; readonly line: number }): number {
  const before = text.slice(0, Math.max(0, text.search(/services\/v2|\/order|\/report/)));
  return line + (before.split('\n').length - 1);
}

/** What is given in the call, in objects that it names, and in what is done to these. */
function parametersOf(code: Code, { ranges }: Place, assignedTo: string | null): Map<string, string> {
  const { program, assignments } = code;
  const found = new Map<string, string>();
  const names = new Set(assignedTo === null ? [] : [assignedTo]);
  for (const [from, to] of ranges) {
    for (const [name, value] of parametersBetween(code, from, to)) found.set(name, value);
    for (let at = from; at < to; at += 1) if (isWord(program.tokens[at])) names.add(program.tokens[at]!.text);
  }
  for (const name of names)
    for (const { from } of assignments.byName.get(name) ?? []) {
      const [, to] = statementAt(program, Math.min(from, program.tokens.length - 1));
      if (
        isMark(program.tokens[from], '{', '@') ||
        isWord(program.tokens[from], 'new', 'dict', 'url.Values', 'URLSearchParams')
      )
        for (const [key, value] of parametersBetween(code, from, to)) if (!found.has(key)) found.set(key, value);
    }
  for (const [index, token] of program.tokens.entries()) {
    if (token.kind !== 'text' || !/filters?\[/.test(token.text)) continue;
    const [from, to] = statementAt(program, program.parents[index] === -1 ? index : program.parents[index]!);
    const subject = program.tokens[from]?.text.split('.')[0] ?? '';
    if (!names.has(subject) || to - from > 24) continue;
    for (const [key, value] of parametersBetween(code, from, to)) if (!found.has(key)) found.set(key, value);
  }
  return found;
}

/** Whether the call is made again for each row: in a loop by what the loop binds, or in a function that such a loop calls. */
function isPerRow(code: Code, index: number, value: TextValue): boolean {
  const roots = value.flatMap((part) => (typeof part === 'string' ? [] : rootsOf(part.source)));
  return isBoundAt(code, index, roots, 0);
}

function isBoundAt(code: Code, index: number, roots: readonly string[], depth: number): boolean {
  const { blocks, program } = code;
  const isIn = ({ from, to }: Loop) => index >= from && index < to;
  if (blocks.loops.some((loop) => isIn(loop) && roots.some((root) => loop.bound.has(root)))) return true;
  const within = innermost(blocks.functions, index);
  if (within === null || depth > 2 || !roots.some((root) => within.parameters.includes(root))) return false;
  return program.tokens.some((token, at) => {
    if (!isWord(token) || lastName(token.text) !== lastName(within.name) || (at >= within.from && at < within.to))
      return false;
    if (isWord(program.tokens[at - 1], 'def', 'function', 'func')) return false;
    const [, to] = isMark(program.tokens[at + 1], '(')
      ? [at, program.closings.get(at + 1) ?? at]
      : statementAt(program, at);
    const given = program.tokens
      .slice(at + 1, to)
      .flatMap((each) =>
        each.kind === 'word'
          ? rootsOf(each.text)
          : each.value.flatMap((part) => (typeof part === 'string' ? [] : rootsOf(part.source))),
      );
    return isBoundAt(code, at, given, depth + 1);
  });
}
