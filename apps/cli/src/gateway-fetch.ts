import type { Fetch } from '@certfolio/client';
import type { CliConfig } from './config.ts';

/** `fetch` by way of the proxy of the environment where there is one for the gateway's address. */
export async function createFetch(url: string, { httpsProxy, noProxy }: CliConfig): Promise<Fetch> {
  if (httpsProxy === null || !url.startsWith('https:')) return (address, init) => fetch(address, init);
  const undici = await import('undici');
  const dispatcher = new undici.EnvHttpProxyAgent({ httpsProxy, noProxy });
  // undici's own types of `fetch` and the platform's describe the same thing in two places.
  return (address, init) => undici.fetch(address, { ...init, dispatcher } as never) as unknown as Promise<Response>;
}
