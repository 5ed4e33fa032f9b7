import type { MatchedRoute, RouteKey } from './legacy-route.ts';
import { routeCatalog } from './route-catalog.ts';

interface Compiled {
  readonly key: RouteKey;
  readonly method: string;
  readonly parts: readonly string[];
}

const isParameter = (part: string) => part.startsWith('{');
const compiled: readonly Compiled[] = routeCatalog.map(({ key }) => {
  const [method = '', pattern = ''] = key.split(' ');
  return { key, method, parts: pattern.slice(1).split('/') };
});

/**
 * Finds the route of a call. Literal parts win over parameters, from the left; `HEAD` takes the route of `GET`; one slash at
 * the end and a query do not matter. Parts are percent-decoded one by one, so `%2F` separates nothing. Letters of the path
 * count as they are: what CertCentral makes of another spelling is not known, so such a call is left to it.
 *
 * @param path below `/services/v2`, or with it
 * @returns null when no known route fits; such a call is passed through
 */
export function matchRoute(method: string, path: string): MatchedRoute | null {
  const asked = method.toUpperCase() === 'HEAD' ? 'GET' : method.toUpperCase();
  const given = partsOf(path);
  if (given === null) return null;
  let best: Compiled | null = null;
  for (const candidate of compiled)
    if (candidate.method === asked && fits(candidate.parts, given) && (best === null || isNearer(candidate, best)))
      best = candidate;
  if (best === null) return null;
  const params = new Map<string, string>();
  for (const [at, part] of best.parts.entries()) if (isParameter(part)) params.set(part.slice(1, -1), given[at]!);
  return { key: best.key, params };
}

/** Methods that the catalogue knows for a path, in the order of the catalogue. */
export function methodsOf(path: string): readonly string[] {
  return [...new Set(compiled.map(({ method }) => method))].filter((method) => matchRoute(method, path) !== null);
}

/** Null for a path that no route can have: an empty part, a part that is no percent-encoding, `.` and `..`. */
function partsOf(path: string): readonly string[] | null {
  const [plain = ''] = path.split(/[?#]/, 1);
  const below = plain.replace(/^\/services\/v2(?=\/)/, '');
  if (!below.startsWith('/')) return null;
  const parts: string[] = [];
  for (const part of below.slice(1).replace(/\/$/, '').split('/')) {
    const decoded = decodedPart(part);
    if (decoded === null || decoded === '' || decoded === '.' || decoded === '..') return null;
    parts.push(decoded);
  }
  return parts;
}

function decodedPart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

const fits = (parts: readonly string[], given: readonly string[]) =>
  parts.length === given.length && parts.every((part, at) => isParameter(part) || part === given[at]);

/** Of two patterns that both fit: the one with a literal where they first differ. */
function isNearer(one: Compiled, other: Compiled): boolean {
  const at = one.parts.findIndex((part, index) => isParameter(part) !== isParameter(other.parts[index]!));
  return at !== -1 && !isParameter(one.parts[at]!);
}
