/** Where a gateway is. Paths are appended, so a gateway behind a path prefix works. */
export interface GatewayAddress {
  readonly base: string;
  at(path: string): string;
}

export type GatewayAddressResult =
  | { readonly ok: true; readonly address: GatewayAddress }
  /** A sentence that does not repeat the text, since it could hold a password. */
  | { readonly ok: false; readonly problem: string };

export function parseGatewayAddress(text: string): GatewayAddressResult {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { ok: false, problem: 'The address of the gateway has to begin with http:// or https://.' };
  }
  if (url.username !== '' || url.password !== '') {
    return { ok: false, problem: 'The address of the gateway must not hold a user name or password.' };
  }
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return { ok: true, address: { base, at: (path) => `${base}${path}` } };
}

type Variables = ReadonlyMap<string, string | readonly string[]>;

/** The path of `/r/<ref>.<format>` with its variables; a list gives one parameter per member. */
export function templatePath(ref: string, format: string, variables: Variables): string {
  return `/r/${segmentOf(ref)}.${format}${searchOf(variables)}`;
}

/** The path that tells what a run of the template would take. */
export function explainPath(ref: string, variables: Variables): string {
  return `/r/${segmentOf(ref)}/explain${searchOf(variables)}`;
}

// A readable address: `@` before the version and `:` in `sha256:` are legal in a path segment (RFC 3986 section 3.3).
const segmentOf = (ref: string) => encodeURIComponent(ref).replaceAll('%40', '@').replaceAll('%3A', ':');

function searchOf(variables: Variables): string {
  const search = new URLSearchParams();
  for (const [name, value] of variables)
    for (const one of typeof value === 'string' ? [value] : value) search.append(name, one);
  return search.size === 0 ? '' : `?${search}`;
}
