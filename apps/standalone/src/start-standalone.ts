import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createKeyStore } from '@certfolio/access/postgres';
import type { Logger } from '@certfolio/core';
import { createPool, migrate } from '@certfolio/database';
import { startEmbeddedDatabase } from '@certfolio/database/embedded';
import { Metrics, gatewaySettings, startGateway } from '@certfolio/gateway';
import {
  SettingsError,
  secretFromFile,
  systemClock,
  usBaseUrl,
  type Environment,
  type Shutdown,
} from '@certfolio/runtime';
import {
  Accounts,
  createDataSubgraph,
  createUpstreamProbe,
  dataSubgraphNames,
  type AccountSettings,
} from '@certfolio/subgraphs';
import manifest from '../package.json' with { type: 'json' };
import { startEmulator } from './emulator-process.ts';
import { greeting } from './greeting.ts';

/** The template that the greeting shows. */
const shownTemplate = 'expiring-soon';

/**
 * Everything in one process: database, emulator when no CertCentral key is set, subgraphs, gateway.
 *
 * @returns what to print when it is ready
 */
export async function startStandalone(environment: Environment, shutdown: Shutdown, logger: Logger): Promise<string> {
  const clock = systemClock;
  const dataDir = environment.CERTFOLIO_DATA_DIR;
  const served = servedSubgraphs(environment);

  const [databaseUrl, account] = await Promise.all([
    openDatabase(environment, shutdown, logger),
    openUpstream(environment, shutdown),
  ]);
  const pool = createPool(databaseUrl, { applicationName: 'certfolio', max: 10, logger });
  shutdown.add('database connections', () => pool.end());
  await migrate(pool);
  const keys = createKeyStore(pool, { clock, randomBytes });
  const adminKey = environment.CERTFOLIO_ADMIN_KEY;
  if (adminKey !== undefined) await keys.ensureAdminKey(adminKey);
  const made = adminKey === undefined ? await keys.makeFirstAdminKey() : null;

  const metrics = new Metrics();
  const accounts = new Accounts({
    accounts: [account.settings],
    version: manifest.version,
    proxy: {
      ...(environment.HTTPS_PROXY === undefined ? {} : { httpsProxy: environment.HTTPS_PROXY }),
      ...(environment.HTTP_PROXY === undefined ? {} : { httpProxy: environment.HTTP_PROXY }),
      ...(environment.NO_PROXY === undefined ? {} : { noProxy: environment.NO_PROXY }),
    },
    dataDir,
    clock,
    logger,
    random: Math.random,
    onCall: ({ route, outcome, durationMs }) => metrics.calledUpstream(route, outcome, durationMs),
  });
  shutdown.add('CertCentral client', () => accounts.stop());

  const gateway = await startGateway({
    settings: gatewaySettings(environment),
    pool,
    keys,
    local: served.map((name) => createDataSubgraph(name, accounts, clock)),
    upstream: createUpstreamProbe(accounts, () => account.isEmulator),
    metrics,
    clock,
    logger,
  });
  shutdown.add('gateway', () => gateway.stop());

  const template = gateway.templates().find(shownTemplate, { templates: 'all' });
  return greeting({
    url: gateway.publicUrl,
    upstream: account.isEmulator
      ? `the bundled emulator with ${environment.EMULATOR_ORDERS} orders`
      : new URL(account.settings.baseUrl).host,
    adminKey: made?.text ?? null,
    template: template.kind === 'found' ? template.template : null,
  });
}

/** Data subgraphs of this process: those named, else all that have no address elsewhere. */
function servedSubgraphs({ CERTFOLIO_SUBGRAPHS, CERTFOLIO_SUBGRAPH_URLS }: Environment) {
  const elsewhere = new Set(CERTFOLIO_SUBGRAPH_URLS.map(({ name }) => name));
  const named = CERTFOLIO_SUBGRAPHS ?? dataSubgraphNames.filter((name) => !elsewhere.has(name));
  const missing = dataSubgraphNames.filter((name) => !named.includes(name) && !elsewhere.has(name));
  const unknown = named.filter((name) => name !== 'control' && !dataSubgraphNames.some((known) => known === name));
  const problems = [
    ...unknown.map((name) => ({
      name: 'CERTFOLIO_SUBGRAPHS',
      problem: `"${name}" is no subgraph of this product; there are ${dataSubgraphNames.join(', ')}, control`,
    })),
    ...missing.map((name) => ({
      name: 'CERTFOLIO_SUBGRAPH_URLS',
      problem: `"${name}" is served neither here nor at an address`,
    })),
  ];
  if (problems.length > 0) throw new SettingsError(problems);
  return dataSubgraphNames.filter((name) => named.includes(name));
}

async function openDatabase(environment: Environment, shutdown: Shutdown, logger: Logger): Promise<string> {
  if (environment.CERTFOLIO_DATABASE_URL !== undefined) return environment.CERTFOLIO_DATABASE_URL;
  const database = await startEmbeddedDatabase({ dataDir: join(environment.CERTFOLIO_DATA_DIR, 'database'), logger });
  shutdown.add('embedded database', () => database.stop());
  return database.url;
}

/** The account that is read: CertCentral with the key given, else the emulator. */
async function openUpstream(
  environment: Environment,
  shutdown: Shutdown,
): Promise<{ readonly settings: AccountSettings; readonly isEmulator: boolean }> {
  const { CERTCENTRAL_API_KEY: key, CERTCENTRAL_API_KEY_FILE: keyFile } = environment;
  const name = 'default';
  if (key !== undefined || keyFile !== undefined) {
    const apiKey = keyFile === undefined ? () => key! : secretFromFile(keyFile, systemClock);
    return { settings: { name, baseUrl: environment.CERTCENTRAL_BASE_URL ?? usBaseUrl, apiKey }, isEmulator: false };
  }
  const emulator = await startEmulator({
    port: environment.EMULATOR_PORT,
    orders: environment.EMULATOR_ORDERS,
    seed: environment.EMULATOR_SEED,
    cacheDir: join(environment.CERTFOLIO_DATA_DIR, 'emulator-cache'),
  });
  shutdown.add('emulator', () => emulator.stop());
  return { settings: { name, baseUrl: emulator.baseUrl, apiKey: () => 'bundled-emulator' }, isEmulator: true };
}
