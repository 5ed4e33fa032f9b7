import type { ProxyOptions } from './transport-options.ts';

/**
 * The proxy that calls of a service go through, without the user and password in it; null when they go directly. It reads
 * `NO_PROXY` as the HTTP client does: names and their subdomains, `*`, and an optional port.
 */
export function proxyInUse(baseUrl: string, { httpProxy, httpsProxy, noProxy = '' }: ProxyOptions): string | null {
  const url = new URL(baseUrl);
  const proxy = url.protocol === 'https:' ? httpsProxy : httpProxy;
  if (proxy === undefined || proxy === '') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const isExempt = noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => isExemptBy(entry, host, port));
  return isExempt ? null : (originOf(proxy) ?? 'a proxy whose address cannot be read');
}

function isExemptBy(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  const [, bracketed, bracketedPort] = /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? [];
  const [, plain, plainPort] = /^([^:]+):(\d+)$/.exec(entry) ?? [];
  const name = (bracketed ?? plain ?? entry).replace(/(.)\.$/, '$1');
  const onPort = bracketedPort ?? plainPort;
  if (onPort !== undefined && onPort !== port) return false;
  if (name === '*') return true;
  const suffix = name.replace(/^\*?\./, '');
  return (host === suffix && !name.startsWith('*')) || host.endsWith(`.${suffix}`);
}

function originOf(proxy: string): string | null {
  const text = proxy.includes('://') ? proxy : `http://${proxy}`;
  return URL.canParse(text) ? new URL(text).origin : null;
}
