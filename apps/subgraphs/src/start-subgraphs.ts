import type { Logger } from '@certfolio/core';
import { closeServer, systemClock, type Configuration, type Shutdown } from '@certfolio/runtime';
import manifest from '../package.json' with { type: 'json' };
import { configuredAccounts, openAccounts } from './account-settings.ts';
import { hostsOf } from './accounts.ts';
import { createDataSubgraph } from './data-subgraphs.ts';
import { mirrorPlace } from './mirror-place.ts';
import { servedSubgraphs } from './served-subgraphs.ts';
import { createSubgraphHost } from './subgraph-host.ts';
import { createUpstreamProbe } from './upstream-probe.ts';

const defaultPort = 4_001;
/** A sub-query with its variables: the gateway lets in less than this and the plan adds little. */
const bodyLimitBytes = 4 * 1_024 * 1_024;

/**
 * Serves data subgraphs to gateways elsewhere.
 *
 * @returns what to print when it is ready
 */
export async function startSubgraphs(
  configuration: Configuration,
  shutdown: Shutdown,
  logger: Logger,
): Promise<string> {
  const clock = systemClock;
  const settings = configuredAccounts(configuration, clock);
  const secret = configuration.CERTFOLIO_INTERNAL_SECRET!;
  const accounts = openAccounts({
    configuration,
    accounts: settings,
    version: manifest.version,
    clock,
    logger,
    onCall: ({ route, outcome, durationMs }) => logger.debug({ route, outcome, durationMs }, 'Called CertCentral.'),
    mirror: mirrorPlace(configuration, configuration.CERTFOLIO_DATABASE_URL, logger),
  });
  shutdown.add('CertCentral client', () => accounts.stop());

  const names = servedSubgraphs({ CERTFOLIO_SUBGRAPHS: configuration.CERTFOLIO_SUBGRAPHS });
  const server = createSubgraphHost({
    subgraphs: names.map((name) => createDataSubgraph(name, accounts, clock)),
    upstream: createUpstreamProbe({
      accounts,
      isEmulator: () => false,
      privateCa: configuration.NODE_EXTRA_CA_CERTS !== undefined,
    }),
    forwarder: accounts,
    secret,
    bodyLimitBytes,
    clock,
    logger,
  });
  const address = await server.listen({ host: configuration.HOST, port: configuration.PORT ?? defaultPort });
  shutdown.add('subgraph host', () => closeServer(server));
  return `Subgraphs ${names.join(', ')} are ready at ${address} (CertCentral: ${hostsOf(settings)})\n`;
}
