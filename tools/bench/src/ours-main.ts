import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { parseKeyPolicy } from '@certfolio/access';
import { createKeyStore } from '@certfolio/access/postgres';
import { createPool, migrate } from '@certfolio/database';
import { startEmbeddedDatabase } from '@certfolio/database/embedded';
import { leaveOutUnused } from '@certfolio/execution/leave-out-unused';
import { createLogger, keepHeapSmall, parseConfiguration, systemClock } from '@certfolio/runtime';
import { createDataSubgraph, dataSubgraphNames } from '@certfolio/subgraphs';
import { openBenchReaders } from './readers.ts';
import { tellReady } from './ready.ts';

// @apollo/gateway asks cloud services where it runs unless told not to, before it is loaded.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
leaveOutUnused();
const { Metrics, gatewaySettings, startGateway } = await import('@certfolio/gateway');

/**
 * The product in one process as `npm start` wires it, with its own database, keys, limits and doors. Two things differ:
 * the call budget is lifted, and the key may call more often than any default allows.
 */
const { values } = parseArgs({
  options: { upstream: { type: 'string' }, 'data-dir': { type: 'string' }, templates: { type: 'string' } },
});
keepHeapSmall();
const environment = parseConfiguration({
  PORT: '0',
  CERTFOLIO_DATA_DIR: values['data-dir']!,
  CERTFOLIO_TEMPLATES_DIR: values.templates!,
  LOG_LEVEL: 'warn',
});
const logger = createLogger(environment.LOG_LEVEL);
const database = await startEmbeddedDatabase({ dataDir: join(environment.CERTFOLIO_DATA_DIR, 'database'), logger });
const pool = createPool(database.url, { applicationName: 'certfolio-bench', max: 10, logger });
await migrate(pool);
const keys = createKeyStore(pool, { clock: systemClock, randomBytes });
const policy = parseKeyPolicy(
  {
    name: 'bench',
    owner: 'bench',
    level: 'open',
    limits: { rate: 1_000_000, burst: 1_000_000, cost: 1_000_000_000, concurrent: 10_000 },
  },
  Date.now(),
);
const { text: key } = await keys.create(policy, 'system');

const noUpstream = () => {
  throw new Error('The benchmark has no upstream to tell of.');
};
const readers = openBenchReaders(values.upstream!);
const metrics = new Metrics();
const gateway = await startGateway({
  settings: gatewaySettings(environment),
  pool,
  keys,
  maintenance: { pool, ensureAdminKey: async () => undefined },
  version: '0.0.0',
  local: dataSubgraphNames.map((name) => createDataSubgraph(name, readers, systemClock)),
  upstream: {
    accounts: () => null,
    callWindows: async () => null,
    refreshMirror: async () => null,
    status: noUpstream,
    compare: noUpstream,
  },
  forwarder: { forward: noUpstream },
  metrics,
  clock: systemClock,
  logger,
});

const stop = async () => {
  await gateway.stop();
  await pool.end();
  await database.stop();
  process.exit(0);
};
process.once('SIGTERM', () => void stop());
const ids = Object.fromEntries(
  gateway
    .templates()
    .all()
    .map(({ name, id }) => [name, id]),
);
tellReady({ origin: gateway.publicUrl, key, ids });
