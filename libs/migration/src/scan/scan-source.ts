import { matchRoute, methodsOf } from '../routes/match-route.ts';
import { catalogRoute } from '../routes/route-catalog.ts';
import type { AnsweredBy, RouteKey } from '../routes/legacy-route.ts';
import { suggestTemplate, type Suggestion } from '../routes/suggest-template.ts';
import { parameterName } from './parameters.ts';
import type { RawCall, SourceReading } from './raw-call.ts';
import { readCode } from './read-code.ts';
import { readShell } from './read-shell.ts';
import { readYaml } from './read-yaml.ts';
import { located, mayHoldCalls, speaksToService } from './service.ts';
import type { SourceLanguage } from './source-language.ts';
import { literalOf, shown, type TextValue } from './text-value.ts';

/** One call of CertCentral's REST API in a source file. */
export interface Finding {
  /** Where the path is written, from 1. */
  readonly line: number;
  /** Where it is called; mostly the same. */
  readonly calledOnLine: number;
  /** Null for a path that the catalogue does not know. */
  readonly route: RouteKey | null;
  readonly method: string;
  /** False: nothing in the source says the method, so it is that of the route. */
  readonly isMethodSeen: boolean;
  /** As found, with what is not known as `{name}`. */
  readonly path: string;
  /** Query parameters with their values, `<name>` for what is not known. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly answeredBy: AnsweredBy;
  /** Made again for each row of another call. */
  readonly isLoop: boolean;
  /** Why it is taken for a call to CertCentral. */
  readonly evidence: 'address' | 'variable' | 'file';
  /** Null when CertCentral alone can do it. */
  readonly suggestion: Suggestion | null;
}

/** A call to CertCentral whose route cannot be told. */
export interface UntoldCall {
  readonly line: number;
  readonly text: string;
}

export interface SourceFindings {
  readonly findings: readonly Finding[];
  readonly untold: readonly UntoldCall[];
}

/** Finds the calls of one source file; most files hold none and are not looked at further. */
export function scanSource(text: string, language: SourceLanguage): SourceFindings {
  if (!mayHoldCalls(text)) return { findings: [], untold: [] };
  const reading = read(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'), language);
  const speaks = speaksToService(reading.literals);
  const judged = reading.calls.map((call) => ({ call, judgement: judge(call, speaks) }));
  const takers = new Set(
    judged.flatMap(({ call, judgement }) => (judgement.kind === 'open' ? (call.within ?? []) : [])),
  );
  const found = judged.flatMap(({ call, judgement }) => {
    const kept = judgement.kind === 'path' ? judgement : relative(call, takers);
    return kept === null ? [] : [findingOf(call, kept)];
  });
  const callees = new Set(reading.calls.map(({ callee }) => callee));
  const untold = judged.flatMap(({ call, judgement }) =>
    judgement.kind === 'untold' || (judgement.kind === 'open' && !(call.within !== null && callees.has(call.within)))
      ? [{ line: call.line, text: shown(call.value) }]
      : [],
  );
  return { findings: suggested(distinct(found)), untold: distinct(untold) };
}

function read(text: string, language: SourceLanguage): SourceReading {
  switch (language) {
    case 'shell':
      return readShell(text);
    case 'yaml':
      return readYaml(text);
    default:
      return readCode(text, language);
  }
}

type Judgement =
  | { readonly kind: 'path'; readonly path: TextValue; readonly evidence: Finding['evidence'] }
  /** The caller of a function tells the path. */
  | { readonly kind: 'open' | 'untold' | 'none' };

/** The rule of evidence: an address of CertCentral, a variable named after it, or a known path in a file that speaks to it. */
function judge(call: RawCall, speaks: boolean): Judgement {
  const place = located(call.value);
  if (place === null) return { kind: 'none' };
  const { path, evidence } = place;
  const isSure = evidence === 'host' || evidence === 'name';
  if (!isSure && !speaks) return { kind: 'none' };
  const plain = pathOf(path);
  if (plain === '' || plain === '/') return { kind: 'none' };
  if (path.every((part) => typeof part !== 'string' || /^[/?]?$/.test(part)))
    return { kind: isSure || evidence === 'path' ? 'open' : 'none' };
  if (methodsOf(plain).length > 0) {
    if (isSure) return { kind: 'path', path, evidence: evidence === 'host' ? 'address' : 'variable' };
    return evidence === 'path' || call.place === 'argument'
      ? { kind: 'path', path, evidence: 'file' }
      : { kind: 'none' };
  }
  if (!isSure || !plain.startsWith('/')) return { kind: 'none' };
  if (/^\/[^/]*\{/.test(plain) || /\{[^}]*\}[^/]*$/.test(plain)) return { kind: 'untold' };
  return call.place === 'argument'
    ? { kind: 'path', path, evidence: evidence === 'host' ? 'address' : 'variable' }
    : { kind: 'none' };
}

/** `get("account/metadata")`, where `get` is a function of the file that puts the address in front. */
function relative(call: RawCall, takers: ReadonlySet<string>): Extract<Judgement, { kind: 'path' }> | null {
  const text = literalOf(call.value);
  if (text === null && call.value[0] === undefined) return null;
  if (call.callee === null || !call.isOwnCallee || !takers.has(call.callee)) return null;
  const path: TextValue = typeof call.value[0] === 'string' ? ['/', ...call.value] : call.value;
  const plain = pathOf(path).replace(/^\/+/, '/');
  return methodsOf(plain).length === 0 ? null : { kind: 'path', path: [plain], evidence: 'file' };
}

/** The path alone, holes as `{name}`; what is put right behind a part's last letter is the query. */
function pathOf(path: TextValue): string {
  const whole = shown(path).split(/[?#]/, 1)[0]!;
  return whole.replace(/(?<=[a-z])\{[^/{}]*\}$/, '');
}

function queryOf(path: TextValue): Map<string, string> {
  const whole = shown(path, ['<', '>']);
  const at = whole.indexOf('?');
  const found = new Map<string, string>();
  if (at === -1) return found;
  for (const pair of whole.slice(at + 1).split('&')) {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    if (name !== undefined && name !== '') found.set(parameterName(decoded(name)), decoded(value!));
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function findingOf(call: RawCall, { path, evidence }: Extract<Judgement, { kind: 'path' }>): Finding {
  const plain = pathOf(path);
  const possible = methodsOf(plain);
  const method = call.method ?? (possible.includes('GET') ? 'GET' : (possible[0] ?? 'GET'));
  const match = matchRoute(method, plain);
  const parameters = new Map([...queryOf(path), ...(method === 'GET' ? call.parameters : [])]);
  const hasParameter = (match?.params.size ?? 0) > 0;
  return {
    line: call.line,
    calledOnLine: call.calledOnLine,
    route: match?.key ?? null,
    method,
    isMethodSeen: call.method !== null,
    path: shown(path),
    parameters,
    answeredBy: (match === null ? null : catalogRoute(match.key)?.answeredBy) ?? 'proxied',
    isLoop: call.isLoop && hasParameter && method === 'GET',
    evidence,
    suggestion: null,
  };
}

/** Suggestions know the other calls of the file: a loop over single orders runs over what a list of it gave. */
function suggested(findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => {
    if (finding.route === null) return finding;
    const list = finding.isLoop ? listBefore(findings, finding) : null;
    const parameters = list?.parameters ?? finding.parameters;
    const values = new Map([...parameters].filter(([, value]) => !/^<[^<>]*>$/.test(value) || value.length > 40));
    const params = matchRoute(finding.method, pathOf([finding.path]))?.params ?? new Map<string, string>();
    for (const [name, value] of params) values.set(name, value.replace(/^\{(.*)\}$/, '<$1>'));
    for (const [name, value] of parameters) if (!values.has(name)) values.set(name, value);
    return { ...finding, suggestion: suggestTemplate(finding.route, [...parameters.keys()], values, finding.isLoop) };
  });
}

const lists: readonly (RouteKey | null)[] = ['GET /order/certificate', 'GET /report/order'];

const listBefore = (findings: readonly Finding[], { line }: Finding): Finding | null =>
  findings.findLast((each) => lists.includes(each.route) && each.line <= line) ?? null;

function distinct<T extends object>(items: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = JSON.stringify(item, (_name, value: unknown) => (value instanceof Map ? [...value] : value));
    return !seen.has(key) && seen.add(key);
  });
}
