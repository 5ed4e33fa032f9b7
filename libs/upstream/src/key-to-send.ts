import { UpstreamUnavailable } from '@certfolio/core';
import type { CallGrant } from './budget-port.ts';
import type { TransportOptions } from './transport-options.ts';

/** @throws UpstreamUnavailable when no header may carry the key; then nothing is sent */
export function keyToSend(
  { apiKey, breaker }: Pick<TransportOptions, 'apiKey' | 'breaker'>,
  route: string,
  grant: CallGrant,
): string {
  const unsent = (reason: string, options?: ErrorOptions) => {
    grant.unused();
    breaker.undecided();
    return new UpstreamUnavailable(route, reason, options);
  };
  let key: string;
  try {
    key = apiKey();
  } catch (cause) {
    throw unsent('the upstream key cannot be read', { cause });
  }
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw unsent('the upstream key is empty or has characters that no header may have');
}
