import { silentLogger } from '@certfolio/core';
import { systemClock } from '@certfolio/runtime';
// eslint-disable-next-line @nx/enforce-module-boundaries -- specs put the two adapters together, as apps do
import { createCertCentral, type CertCentralClient, type CertCentralOptions } from '@certfolio/upstream';

/** Wide windows: these specs are about data; the budget has specs of its own. */
const unpaced = { windows: [{ calls: 100_000, windowMs: 1_000 }] };

export function createClient(baseUrl: string, options: Partial<CertCentralOptions> = {}): CertCentralClient {
  return createCertCentral({
    baseUrl,
    apiKey: () => 'any-key',
    version: '0',
    settings: { ...unpaced, backoff: { baseMs: 1, mostMs: 5 } },
    logger: silentLogger,
    clock: systemClock,
    random: () => 0,
    ...options,
  });
}
