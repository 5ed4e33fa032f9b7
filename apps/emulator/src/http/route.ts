import { type Answer } from './answer.ts';
import { type Call } from './call.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';

/** One method on one path. Resources export lists of these. */
export interface Route {
  readonly method: Method;
  /** Below `/services/v2`, with `{name}` for variable parts. */
  readonly pattern: string;
  readonly answer: (call: Call) => Answer | Promise<Answer>;
  /** Media types that an `Accept` header may ask for; JSON when left out. */
  readonly types?: readonly string[];
}

export const JSON_TYPE = 'application/json';
export const CSV_TYPE = 'text/csv';
/** For lists that also answer CSV. */
export const listTypes = [JSON_TYPE, CSV_TYPE] as const;

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly params: ReadonlyMap<string, string> }
  | { readonly kind: 'other-method'; readonly pattern: string; readonly allowed: readonly Method[] }
  | { readonly kind: 'none' };

interface Compiled {
  readonly route: Route;
  readonly parts: readonly string[];
}

const partsOf = (path: string) => path.split('/').filter((part) => part !== '');
const isVariable = (part: string) => part.startsWith('{');

function paramsOf(parts: readonly string[], given: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (parts.length !== given.length) return undefined;
  const params = new Map<string, string>();
  for (const [at, part] of parts.entries()) {
    const value = given[at] ?? '';
    if (isVariable(part)) params.set(part.slice(1, -1), value);
    else if (part !== value) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Fixed parts win over variable ones; doubled and trailing slashes do not matter. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => RouteMatch {
  const compiled: Compiled[] = routes.map((route) => ({ route, parts: partsOf(route.pattern) }));
  const variables = ({ parts }: Compiled) => parts.filter(isVariable).length;
  compiled.sort((one, other) => variables(one) - variables(other));

  return (method, path) => {
    const given = partsOf(path).map(decode);
    const fitting = compiled.flatMap(({ route, parts }) => {
      const params = paramsOf(parts, given);
      return params === undefined ? [] : [{ route, params }];
    });
    const asked = method === 'HEAD' ? 'GET' : method;
    const pattern = fitting[0]?.route.pattern;
    const found =
      fitting.find(({ route }) => route.method === asked && route.pattern === pattern) ??
      fitting.find(({ route }) => route.method === asked);
    if (found !== undefined) return { kind: 'found', ...found };
    if (pattern !== undefined)
      return { kind: 'other-method', pattern, allowed: fitting.map(({ route }) => route.method) };
    return { kind: 'none' };
  };
}

/** The best type for an `Accept` header; undefined when none of them is accepted. */
export function acceptedType(accept: string | undefined, types: readonly string[]): string | undefined {
  if (accept === undefined || accept.trim() === '') return types[0];
  const ranges = accept.split(',').map((range) => range.split(';')[0]?.trim().toLowerCase() ?? '');
  for (const range of ranges) {
    if (range === '*/*') return types[0];
    const [group] = range.split('/');
    const found = types.find((type) => type === range || (range === `${group}/*` && type.startsWith(`${group}/`)));
    if (found !== undefined) return found;
  }
  return undefined;
}
