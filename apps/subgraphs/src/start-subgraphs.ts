import type { Logger } from '@certfolio/core';
import { closeServer, systemClock, type Environment, type Shutdown } from '@certfolio/runtime';
import manifest from '../package.json' with { type: 'json' };
import { accountOfEnvironment, openAccounts } from './account-settings.ts';
import { createDataSubgraph } from './data-subgraphs.ts';
import { servedSubgraphs } from './served-subgraphs.ts';
import { createSubgraphHost } from './subgraph-host.ts';

const defaultPort = 4_001;
/** A sub-query with its variables: the gateway lets in less than this and the plan adds little. */
const bodyLimitBytes = 4 * 1_024 * 1_024;

/**
 * Serves data subgraphs to gateways elsewhere.
 *
 * @returns what to print when it is ready
 */
export async function startSubgraphs(environment: Environment, shutdown: Shutdown, logger: Logger): Promise<string> {
  const clock = systemClock;
  const account = accountOfEnvironment(environment, clock)!;
  const secret = environment.CERTFOLIO_INTERNAL_SECRET!;
  const accounts = openAccounts({
    environment,
    account,
    version: manifest.version,
    clock,
    logger,
    onCall: ({ route, outcome, durationMs }) => logger.debug({ route, outcome, durationMs }, 'Called CertCentral.'),
  });
  shutdown.add('CertCentral client', () => accounts.stop());

  const names = servedSubgraphs({ CERTFOLIO_SUBGRAPHS: environment.CERTFOLIO_SUBGRAPHS });
  const server = createSubgraphHost({
    subgraphs: names.map((name) => createDataSubgraph(name, accounts, clock)),
    secret,
    bodyLimitBytes,
    clock,
    logger,
  });
  const address = await server.listen({ host: environment.HOST, port: environment.PORT ?? defaultPort });
  shutdown.add('subgraph host', () => closeServer(server));
  return `Subgraphs ${names.join(', ')} are ready at ${address} (CertCentral: ${new URL(account.baseUrl).host})\n`;
}
