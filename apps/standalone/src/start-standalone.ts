import { join } from 'node:path';
import type { Logger } from '@certfolio/core';
import { startEmbeddedDatabase } from '@certfolio/database/embedded';
import { Metrics, gatewaySettings, greeting, openKeys, shownTemplateOf, startGateway } from '@certfolio/gateway';
import { systemClock, type Environment, type Shutdown } from '@certfolio/runtime';
import {
  accountOfEnvironment,
  createDataSubgraph,
  createUpstreamProbe,
  emulatorAccount,
  openAccounts,
  servedSubgraphs,
  type AccountSettings,
} from '@certfolio/subgraphs';
import manifest from '../package.json' with { type: 'json' };
import { startEmulator } from './emulator-process.ts';

/**
 * Everything in one process: database, emulator when no CertCentral key is set, subgraphs, gateway.
 *
 * @returns what to print when it is ready
 */
export async function startStandalone(environment: Environment, shutdown: Shutdown, logger: Logger): Promise<string> {
  const clock = systemClock;
  const [databaseUrl, upstream] = await Promise.all([
    openDatabase(environment, shutdown, logger),
    openUpstream(environment, shutdown),
  ]);
  const adminKey = environment.CERTFOLIO_ADMIN_KEY;
  const { pool, keys, firstAdminKey } = await openKeys({ databaseUrl, adminKey, clock, logger, shutdown });

  const metrics = new Metrics();
  const accounts = openAccounts({
    environment,
    account: upstream.account,
    version: manifest.version,
    clock,
    logger,
    onCall: ({ route, outcome, durationMs }) => metrics.calledUpstream(route, outcome, durationMs),
  });
  shutdown.add('CertCentral client', () => accounts.stop());

  const gateway = await startGateway({
    settings: gatewaySettings(environment),
    pool,
    keys,
    local: servedSubgraphs(environment).map((name) => createDataSubgraph(name, accounts, clock)),
    upstream: createUpstreamProbe(accounts, () => upstream.isEmulator),
    metrics,
    clock,
    logger,
  });
  shutdown.add('gateway', () => gateway.stop());

  return greeting({
    url: gateway.publicUrl,
    upstream: upstream.isEmulator
      ? `the bundled emulator with ${environment.EMULATOR_ORDERS} orders`
      : new URL(upstream.account.baseUrl).host,
    adminKey: firstAdminKey,
    template: shownTemplateOf(gateway.templates()),
  });
}

async function openDatabase(environment: Environment, shutdown: Shutdown, logger: Logger): Promise<string> {
  if (environment.CERTFOLIO_DATABASE_URL !== undefined) return environment.CERTFOLIO_DATABASE_URL;
  const database = await startEmbeddedDatabase({ dataDir: join(environment.CERTFOLIO_DATA_DIR, 'database'), logger });
  shutdown.add('embedded database', () => database.stop());
  return database.url;
}

interface Upstream {
  readonly account: AccountSettings;
  readonly isEmulator: boolean;
}

/** The account that is read: CertCentral with the key given, else the emulator. */
async function openUpstream(environment: Environment, shutdown: Shutdown): Promise<Upstream> {
  const account = accountOfEnvironment(environment, systemClock);
  if (account !== null) return { account, isEmulator: false };
  const emulator = await startEmulator({
    port: environment.EMULATOR_PORT,
    orders: environment.EMULATOR_ORDERS,
    seed: environment.EMULATOR_SEED,
    cacheDir: join(environment.CERTFOLIO_DATA_DIR, 'emulator-cache'),
  });
  shutdown.add('emulator', () => emulator.stop());
  return { account: emulatorAccount(emulator.baseUrl), isEmulator: true };
}
