import { join } from 'node:path';
import type { Clock, Logger } from '@certfolio/core';
import { startEmbeddedDatabase } from '@certfolio/database/embedded';
import {
  Metrics,
  gatewaySettings,
  greeting,
  openKeys,
  passThroughPolicy,
  shownTemplateOf,
  startGateway,
} from '@certfolio/gateway';
import { systemClock, type Configuration, type Shutdown } from '@certfolio/runtime';
import {
  configuredAccounts,
  createDataSubgraph,
  createUpstreamProbe,
  emulatorAccount,
  hostsOf,
  mirrorPlace,
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
export async function startStandalone(
  configuration: Configuration,
  shutdown: Shutdown,
  logger: Logger,
  clock: Clock = systemClock,
): Promise<string> {
  const [databaseUrl, upstream] = await Promise.all([
    openDatabase(configuration, shutdown, logger),
    openUpstream(configuration, shutdown, clock),
  ]);
  const adminKey = configuration.CERTFOLIO_ADMIN_KEY;
  const { pool, keys, maintenance, firstAdminKey } = await openKeys({
    databaseUrl,
    adminKey,
    tiers: configuration.tiers,
    clock,
    logger,
    shutdown,
  });

  const metrics = new Metrics();
  const accounts = openAccounts({
    configuration,
    accounts: upstream.accounts,
    version: manifest.version,
    clock,
    logger,
    onCall: ({ route, outcome, durationMs }, account) => {
      metrics.calledUpstream(route, outcome, durationMs);
      if (outcome === 'ok' && account !== null) metrics.heardFromUpstream(account, clock.nowMs());
    },
    mirror: mirrorPlace(configuration, databaseUrl, logger, upstream.beganAt),
  });
  shutdown.add('CertCentral client', () => accounts.stop());
  metrics.callBudgets(() =>
    accounts.names().map((account) => ({ account, state: accounts.clientOf(account).budgetState() })),
  );

  const gateway = await startGateway({
    settings: gatewaySettings(configuration),
    pool,
    keys,
    maintenance,
    version: manifest.version,
    local: servedSubgraphs(configuration).map((name) => createDataSubgraph(name, accounts, clock)),
    upstream: createUpstreamProbe({
      accounts,
      isEmulator: () => upstream.isEmulator,
      privateCa: configuration.NODE_EXTRA_CA_CERTS !== undefined,
    }),
    forwarder: accounts,
    mirrors: () => accounts.mirrors(),
    expiries: () => accounts.expiries(configuration.metrics.certificates),
    metrics,
    ...(configuration.CERTFOLIO_PASSTHROUGH
      ? {
          passThrough: {
            policy: passThroughPolicy(configuration),
            prove: accounts.proveKey,
            proofsPerMinute: configuration.passThrough.proofsPerMinute,
          },
        }
      : {}),
    clock,
    logger,
  });
  shutdown.add('gateway', () => gateway.stop());

  return greeting({
    url: gateway.publicUrl,
    upstream: upstream.isEmulator
      ? `the bundled emulator with ${configuration.EMULATOR_ORDERS} orders`
      : hostsOf(upstream.accounts),
    adminKey: firstAdminKey,
    template: shownTemplateOf(gateway.templates()),
  });
}

async function openDatabase(configuration: Configuration, shutdown: Shutdown, logger: Logger): Promise<string> {
  if (configuration.CERTFOLIO_DATABASE_URL !== undefined) return configuration.CERTFOLIO_DATABASE_URL;
  const database = await startEmbeddedDatabase({ dataDir: join(configuration.CERTFOLIO_DATA_DIR, 'database'), logger });
  shutdown.add('embedded database', () => database.stop());
  return database.url;
}

interface Upstream {
  readonly accounts: readonly AccountSettings[];
  readonly isEmulator: boolean;
  /** When its data began, where that is at this start. */
  readonly beganAt: Date | undefined;
}

/** The accounts that are read: those of CertCentral that keys are given for, else the emulator. */
async function openUpstream(configuration: Configuration, shutdown: Shutdown, clock: Clock): Promise<Upstream> {
  const accounts = configuredAccounts(configuration, clock);
  if (accounts.length > 0) return { accounts, isEmulator: false, beganAt: undefined };
  const beganAt = new Date(clock.nowMs());
  const emulator = await startEmulator({
    port: configuration.EMULATOR_PORT,
    orders: configuration.EMULATOR_ORDERS,
    seed: configuration.EMULATOR_SEED,
    cacheDir: join(configuration.CERTFOLIO_DATA_DIR, 'emulator-cache'),
  });
  shutdown.add('emulator', () => emulator.stop());
  return { accounts: [emulatorAccount(emulator.baseUrl)], isEmulator: true, beganAt };
}
