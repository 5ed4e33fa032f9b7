import { EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici';
import type { TransportOptions } from './transport-options.ts';

type DispatcherOptions = Pick<TransportOptions, 'connections' | 'timeouts' | 'proxy'>;

/**
 * Connections to CertCentral, by the proxy where there is one.
 *
 * @param reuse `always` keeps connections for further calls. `never`: a call that must not be sent twice must not meet a
 *   connection that the service is closing just then either.
 */
export function createDispatcher(
  url: URL,
  { connections, timeouts, proxy }: DispatcherOptions,
  reuse: 'always' | 'never' = 'always',
): Dispatcher {
  const settings = {
    connections,
    // 0 turns keep-alive off. Source: undici docs, Client, "pipelining" (read 2026-11).
    pipelining: reuse === 'always' ? 1 : 0,
    connect: { timeout: timeouts.connectMs },
    keepAliveTimeout: 10_000,
    allowH2: false,
  };
  const uri = url.protocol === 'https:' ? proxy.httpsProxy : proxy.httpProxy;
  if (uri === undefined || uri === '') return new Pool(url.origin, settings);
  // Given for both protocols: an option left out would be read from the environment.
  return new EnvHttpProxyAgent({ ...settings, httpProxy: uri, httpsProxy: uri, noProxy: proxy.noProxy ?? '' });
}
