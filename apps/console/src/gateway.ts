import { createGatewayClient, type GatewayClient } from '@certfolio/client';

/** The gateway that serves this page; what a proxy puts before `/console` is kept. */
export const gatewayUrl: string = gatewayOf(window.location);

export function gatewayOf({ origin, pathname }: Pick<Location, 'origin' | 'pathname'>): string {
  return origin + pathname.replace(/(\/console(\/.*)?|\/)$/, '');
}

export const clientFor = (key: string): GatewayClient =>
  createGatewayClient({
    url: gatewayUrl,
    key,
    fetch: (url, init) => window.fetch(url, init),
    nowMs: () => Date.now(),
  });
