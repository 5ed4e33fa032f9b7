import type { EmulatorProcess } from '@certfolio/testing';

/** A read of CertCentral's REST API as a program would send it. */
export interface RestCall {
  /** Below `/services/v2`, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A key that nobody knows is sent instead of a good one. */
  readonly hasBadKey?: boolean;
}

export interface RestReply {
  readonly status: number;
  readonly body: string;
  /** Header fields that mean something to a program, those that are absent left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly by: string | null;
  readonly asOf: string | null;
}

/** Who is asked: CertCentral itself, or the product in its place. */
export interface Side {
  readonly baseUrl: string;
  readonly key: string;
}

const meaningful = ['content-type', 'cache-control', 'etag', 'content-encoding', 'location', 'allow'];
const badKey = 'nobody-knows-this-key-0123456789';

export async function askSide({ baseUrl, key }: Side, call: RestCall): Promise<RestReply> {
  const response = await fetch(`${baseUrl}${call.path}`, {
    redirect: 'manual',
    headers: { accept: 'application/json', 'x-dc-devkey': call.hasBadKey === true ? badKey : key, ...call.headers },
  });
  const body = await response.text();
  const found = meaningful.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    status: response.status,
    body,
    headers: Object.fromEntries(found),
    by: response.headers.get('certfolio-answered-by'),
    asOf: response.headers.get('certfolio-data-as-of'),
  };
}

export const sidesOf = (
  emulator: EmulatorProcess,
  product: { readonly url: string },
  keys: { readonly upstream: string; readonly ours: string },
) => ({
  upstream: { baseUrl: emulator.baseUrl, key: keys.upstream },
  ours: { baseUrl: `${product.url}/services/v2`, key: keys.ours },
});

export interface Comparison {
  readonly calls: number;
  readonly served: number;
  /** Calls that the graph left to CertCentral. */
  readonly left: number;
  readonly differences: readonly string[];
}

/** Asks both sides the same, call by call. A refusal of the key is the door's own and has its own sentence: its code counts. */
export async function compareSides(
  { upstream, ours }: { readonly upstream: Side; readonly ours: Side },
  calls: readonly RestCall[],
): Promise<Comparison> {
  let left = 0;
  const differences: string[] = [];
  let served = 0;
  for (const call of calls) {
    const [theirs, own] = await Promise.all([askSide(upstream, call), askSide(ours, call)]);
    if (call.hasBadKey === true) {
      if (own.status !== theirs.status || codeOf(own) !== codeOf(theirs))
        differences.push(difference(call, theirs, own));
    } else if (own.by === 'graph') {
      served += 1;
      if (own.status !== theirs.status || own.body !== theirs.body || !sameHeaders(own, theirs))
        differences.push(difference(call, theirs, own));
    } else if (own.by === 'certcentral') {
      left += 1;
      // What goes on to CertCentral comes back as it is.
      if (own.status !== theirs.status || own.body !== theirs.body) differences.push(difference(call, theirs, own));
    } else differences.push(difference(call, theirs, own));
  }
  return { calls: calls.length, served, left, differences };
}

const codeOf = ({ body }: RestReply) => /"code":"([^"]*)"/.exec(body)?.[1];

const sameHeaders = (own: RestReply, theirs: RestReply) =>
  JSON.stringify(own.headers) === JSON.stringify(theirs.headers);

function difference(call: RestCall, theirs: RestReply, own: RestReply): string {
  const at = [...own.body].findIndex((character, index) => character !== theirs.body[index]);
  const around = (text: string) => text.slice(Math.max(0, at - 60), at + 60);
  const bodies = own.body === theirs.body ? '' : ` theirs …${around(theirs.body)}… ours …${around(own.body)}…`;
  return `${call.path} ${JSON.stringify(call.headers ?? {})}: ${theirs.status} ${JSON.stringify(theirs.headers)} / ${own.status} ${JSON.stringify(own.headers)}${bodies}`;
}
