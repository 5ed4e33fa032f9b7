import { lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { addressRefusal, isAllowedHost, type EgressRules } from './egress.ts';

/** A host that reports may not be sent to. */
export class EgressRefused extends Error {
  constructor(host: string, what: string) {
    super(`"${host}" is ${what}, where reports are not sent; an operator can allow it under "egress.allow"`);
  }
}

export interface OutgoingSettings {
  readonly rules: EgressRules;
  /** Proxy for what leaves the house, with the hosts that are called without it; null: none. */
  readonly proxy: { readonly uri: string; readonly noProxy: string } | null;
  readonly connectTimeoutMs: number;
}

/**
 * Looks a host up and refuses addresses that the rules refuse. What is connected to is what was checked: a name that
 * answers differently the next time it is asked gains nothing.
 */
export function guardedLookup(rules: EgressRules): LookupFunction {
  return (host, options, callback) => {
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const refusal = isAllowedHost(host, rules) ? null : firstRefusal(addresses, rules);
      if (refusal !== null) return callback(new EgressRefused(host, refusal), []);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first!.address, first!.family);
    });
  };
}

const firstRefusal = (addresses: readonly { readonly address: string }[], rules: EgressRules): string | null =>
  addresses.map(({ address }) => addressRefusal(address, rules)).find((refusal) => refusal !== null) ?? null;

/** Checks what no look-up sees: an address in the URL itself, and any host when a proxy looks it up. @throws EgressRefused */
export async function assertMayCall(url: URL, { rules, proxy }: OutgoingSettings): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) {
    const refusal = isAllowedHost(host, rules) ? null : addressRefusal(host, rules);
    if (refusal !== null) throw new EgressRefused(host, refusal);
    return;
  }
  if (proxy === null) return;
  await new Promise<void>((resolve, reject) => {
    // A name that only the proxy can look up is the proxy's to judge.
    guardedLookup(rules)(host, { all: true }, (error) => (error instanceof EgressRefused ? reject(error) : resolve()));
  });
}

/** For calls to addresses that users may have chosen. */
export function createGuardedAgent({ rules, proxy, connectTimeoutMs }: OutgoingSettings): Dispatcher {
  const connect = { lookup: guardedLookup(rules), timeout: connectTimeoutMs };
  if (proxy === null) return new Agent({ connect });
  return new EnvHttpProxyAgent({ connect, httpProxy: proxy.uri, httpsProxy: proxy.uri, noProxy: proxy.noProxy });
}
