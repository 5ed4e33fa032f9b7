import type { Logger } from '@certfolio/core';
import { systemClock, type Configuration, type Shutdown } from '@certfolio/runtime';
import manifest from '../package.json' with { type: 'json' };
import { greeting, shownTemplateOf } from './greeting.ts';
import { Metrics } from './metrics.ts';
import { createRemoteForwarder } from './migration/remote-forwarder.ts';
import { openKeys } from './open-keys.ts';
import { createRemoteUpstreamProbe } from './remote-upstream-probe.ts';
import { gatewaySettings } from './settings.ts';
import { startGateway } from './start-gateway.ts';

/**
 * The gateway without data subgraphs of its own: those are asked over HTTP.
 *
 * @returns what to print when it is ready
 */
export async function startGatewayAlone(
  configuration: Configuration,
  shutdown: Shutdown,
  logger: Logger,
): Promise<string> {
  const clock = systemClock;
  const { accounts } = configuration;
  const { pool, keys, maintenance, firstAdminKey } = await openKeys({
    databaseUrl: configuration.CERTFOLIO_DATABASE_URL!,
    adminKey: configuration.CERTFOLIO_ADMIN_KEY,
    tiers: configuration.tiers,
    clock,
    logger,
    shutdown,
  });
  const gateway = await startGateway({
    settings: gatewaySettings(configuration),
    pool,
    keys,
    maintenance,
    version: manifest.version,
    local: [],
    upstream: createRemoteUpstreamProbe({
      remote: configuration.CERTFOLIO_SUBGRAPH_URLS,
      accounts: accounts.length === 0 ? null : accounts.map(({ name }) => name),
      secret: configuration.CERTFOLIO_INTERNAL_SECRET!,
      clock,
    }),
    forwarder: createRemoteForwarder({
      remote: configuration.CERTFOLIO_SUBGRAPH_URLS,
      secret: configuration.CERTFOLIO_INTERNAL_SECRET!,
      clock,
    }),
    metrics: new Metrics(),
    clock,
    logger,
  });
  shutdown.add('gateway', () => gateway.stop());
  return greeting({
    url: gateway.publicUrl,
    upstream: 'read by subgraphs elsewhere',
    adminKey: firstAdminKey,
    template: shownTemplateOf(gateway.templates()),
  });
}
