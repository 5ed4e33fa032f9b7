import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  createAuthenticator,
  createInsuredLimitStore,
  createLastUsedRecorder,
  createMemoryLimitStore,
  createRequestLimiter,
  type InsuredLimitStore,
  type KeyStore,
  type LimitStore,
} from '@certfolio/access';
import { connectRedisForLimits, createRedisLimitStore } from '@certfolio/access/redis';
import type { Clock, Logger, RequestRecorder } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import {
  CompositionError,
  InFlight,
  apiSchemaOf,
  createMemoryResultStore,
  createOperationRunner,
  createPreparedDocuments,
  createResultCache,
  createSupergraph,
} from '@certfolio/execution';
import type { Subgraph } from '@certfolio/graph-kit';
import { Pipeline, createAutomaticDocuments, type SharedAnswer } from '@certfolio/pipeline';
import { createControlSubgraph, type UpstreamProbe } from '@certfolio/subgraph-control';
import type { ComplexityLimits, TemplateRegistry } from '@certfolio/templates';
import { knownSubgraphs } from './compose-static.ts';
import { createGateway, listen, type ListenOptions, type RunningGateway } from './create-gateway.ts';
import type { GatewayParts, ReadinessCheck } from './gateway-parts.ts';
import { listSize } from './list-sizes.ts';
import type { Metrics } from './metrics.ts';
import { createSchemaSource, type RemoteSubgraph, type SchemaSource } from './schema-source.ts';
import { sensitiveFields } from './sensitive-fields.ts';
import { templateCost } from './template-cost.ts';
import { openTemplateSource, type TemplateSource } from './template-source.ts';

export interface GatewaySettings extends ListenOptions {
  /** Null: from the address that is listened on. */
  readonly publicUrl: string | null;
  readonly templatesDir: string;
  readonly redisUrl: string | null;
  readonly internalSecret: string | null;
  readonly remoteSubgraphs: readonly RemoteSubgraph[];
  readonly requestTimeoutMs: number;
  readonly bodyLimitBytes: number;
  readonly complexity: ComplexityLimits;
  /** Age of data that is fresh enough where neither caller nor template says. */
  readonly defaultMaxAgeMs: number;
  /** Subgraphs of other teams are asked for their schema this often. */
  readonly schemaPollMs: number;
  /** Keeps the last schema that composed, for a start while a subgraph is away. */
  readonly lastSchemaPath: string;
}

export interface GatewayNeeds {
  readonly settings: GatewaySettings;
  readonly pool: Pool;
  readonly keys: KeyStore;
  /** Data subgraphs that are answered in this process; `control` always is. */
  readonly local: readonly Subgraph[];
  readonly upstream: UpstreamProbe;
  /** How the mirrors of the accounts read in this process stand. */
  readonly mirrors?: GatewayParts['mirrors'];
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface StartedGateway extends RunningGateway {
  readonly publicUrl: string;
  readonly templates: () => TemplateRegistry;
  /** Composes again; a schema that does not compose, or breaks a template, is refused and the one in place stays. */
  reloadSchema(): Promise<void>;
}

/** Characters of all answers that are kept for templates which say how old their data may be. */
const keptResultChars = 64_000_000;

/** Root fields whose answer is the same for two keys of equal scope and rights. */
const shareableFields = new Set(
  [
    'order_details',
    'order_details_by_id',
    'orders',
    'order',
    'certificate',
    'orderBuckets',
    'whereIs',
    'expirationWeeks',
    'orderChanges',
    'organizations',
    'organization',
    'domains',
    'domain',
    'organizationValidations',
    'containers',
    'container',
    'users',
    'user',
    'products',
    'product',
    'requests',
    'balance',
    'balanceHistory',
    'balanceMonths',
    'unitOrders',
    'customFieldDefinitions',
    '__typename',
  ].map((name) => `Query.${name}`),
);

/** Wires the gateway and listens. */
export async function startGateway({
  settings,
  pool,
  keys,
  local,
  upstream,
  mirrors = async () => new Map(),
  metrics,
  clock,
  logger,
}: GatewayNeeds): Promise<StartedGateway> {
  let isStopping = false;
  let templates: TemplateSource | null = null;
  let address = '';
  const registry = () => templates!.registry();
  const secret = settings.internalSecret ?? randomBytes(32).toString('base64url');

  // Schema: the control subgraph asks for templates, and templates are checked against the schema it is part of.
  const control = createControlSubgraph({
    keys,
    upstream,
    clock,
    templates: { registry, costOf: (template) => templateCost(template, supergraph.schema()) },
  });
  const source = createSchemaSource({
    local: [...local, control],
    remote: settings.remoteSubgraphs,
    known: knownSubgraphs(),
    secret,
    clock,
    logger,
  });
  const supergraph = createSupergraph({
    supergraphSdl: await firstSchema(source, settings.lastSchemaPath, logger),
    runners: source.runners,
    logger,
  });
  const runner = await createOperationRunner(supergraph, logger);
  const documents = createPreparedDocuments(supergraph.schema);
  supergraph.onChange(documents.clear);
  templates = await openTemplateSource(settings.templatesDir, supergraph.schema, sensitiveFields, logger);

  // Keys and limits.
  const background = new AbortController();
  const lastUsed = createLastUsedRecorder(keys, clock, logger);
  const recording = lastUsed.run(background.signal);
  const redis = settings.redisUrl === null ? null : connectRedisForLimits(settings.redisUrl, logger);
  const memory = createMemoryLimitStore(clock);
  const shared =
    redis === null ? null : createInsuredLimitStore(createRedisLimitStore(redis), memory, { clock, logger });
  const limits: LimitStore = shared ?? memory;

  // Whoever counts or writes down what became of requests.
  const recorders: RequestRecorder[] = [];

  const inFlight = new InFlight<SharedAnswer>();
  const pipeline = new Pipeline({
    limiter: createRequestLimiter(limits),
    registry,
    documents,
    automatic: createAutomaticDocuments(),
    schema: supergraph.schema,
    runner,
    inFlight,
    results: createResultCache(createMemoryResultStore(keptResultChars), clock),
    sensitiveFields,
    shareableFields,
    limits: { ...settings.complexity, listSize },
    defaultMaxAgeMs: settings.defaultMaxAgeMs,
    clock,
    onWouldRefuse: (policy) => metrics.wouldLimit(policy),
    onUnlisted: ({ keyId }, { hash }) =>
      logger.info({ keyId, documentHash: hash }, 'A key of level "audit" ran an unlisted operation.'),
  });
  metrics.gauge('certfolio_runs_in_flight', 'Distinct operations being executed.', () => inFlight.size);
  metrics.gauge('certfolio_templates', 'Template versions in the registry.', () => registry().all().length);

  const parts: GatewayParts = {
    authenticator: createAuthenticator({ keys, clock, logger, onUsed: (keyId) => lastUsed.note(keyId) }),
    pipeline,
    clock,
    logger,
    metrics,
    schema: supergraph.schema,
    publicUrl: () => settings.publicUrl ?? address,
    readiness: readinessChecks(pool, templates, shared),
    requestTimeoutMs: settings.requestTimeoutMs,
    bodyLimitBytes: settings.bodyLimitBytes,
    isStopping: () => isStopping,
    onAnswered: (record) => {
      for (const recorder of recorders) recorder(record);
    },
    mirrors,
    callWindowsOf: (account) => upstream.callWindows(account),
  };
  // Approved templates are parsed, validated and planned before the first request, not by it.
  for (const template of registry().all())
    if (template.state === 'approved') for (const { text } of template.ids) documents.prepare(text);
  const running = await listen(createGateway(parts, settings), settings);
  address = running.address;

  const reloadSchema = async () => {
    const supergraphSdl = await source.compose();
    const problems = await templates.check(apiSchemaOf(supergraphSdl));
    if (problems.length > 0)
      throw new CompositionError(problems.map(({ file, what }) => `It would break a template: ${file}: ${what}`));
    await supergraph.update(supergraphSdl, source.runners);
    keepSchema(settings.lastSchemaPath, supergraphSdl);
    await templates.reload();
  };
  const polling = pollSchema(settings, reloadSchema, clock, logger, background.signal);

  return {
    address,
    publicUrl: parts.publicUrl(),
    templates: registry,
    reloadSchema,
    async stop() {
      isStopping = true;
      templates.close();
      await running.stop();
      background.abort(new Error('The gateway is stopping.'));
      await Promise.all([recording, polling]);
      await runner.stop();
      redis?.disconnect();
    },
  };
}

function readinessChecks(
  pool: Pool,
  templates: TemplateSource,
  shared: InsuredLimitStore | null,
): readonly ReadinessCheck[] {
  return [
    {
      name: 'database',
      isRequired: true,
      check: () =>
        pool.query('select 1').then(
          () => null,
          () => 'Unreachable; keys verified lately are still accepted.',
        ),
    },
    { name: 'schema', isRequired: true, check: async () => null },
    {
      name: 'templates',
      isRequired: false,
      check: async () =>
        templates.problems().length === 0
          ? null
          : `The folder has ${templates.problems().length} problems; the last good set is served.`,
    },
    ...(shared === null
      ? []
      : [
          {
            name: 'redis',
            isRequired: false,
            check: async () =>
              shared.state() === 'shared' ? null : 'Unreachable; limits are counted by each process alone.',
          },
        ]),
  ];
}

/**
 * Composes; while a subgraph elsewhere is away, the last schema that composed serves. Where there is none, the product starts
 * without the subgraph, whose fields come with the first schema that has them: another team's service holds back no start.
 */
async function firstSchema(source: SchemaSource, lastSchemaPath: string, logger: Logger): Promise<string> {
  try {
    const supergraphSdl = await source.compose();
    keepSchema(lastSchemaPath, supergraphSdl);
    return supergraphSdl;
  } catch (error) {
    if (error instanceof CompositionError) throw error;
    if (existsSync(lastSchemaPath)) {
      logger.warn({ err: error }, 'A subgraph is away; starting with the last schema that composed.');
      return readFileSync(lastSchemaPath, 'utf8');
    }
    const { supergraphSdl, missing } = await source.composeReachable();
    logger.error({ err: error, missing }, 'Subgraphs were never reached; starting without them.');
    return supergraphSdl;
  }
}

function keepSchema(path: string, supergraphSdl: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, supergraphSdl);
}

/** Follows the schemas of other teams; a failure is logged and changes nothing. */
async function pollSchema(
  { remoteSubgraphs, schemaPollMs }: GatewaySettings,
  reload: () => Promise<void>,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const ours = new Set(knownSubgraphs().map(({ name }) => name));
  if (remoteSubgraphs.every(({ name }) => ours.has(name))) return;
  while (!signal.aborted) {
    try {
      await clock.sleep(schemaPollMs, signal);
      await reload();
    } catch (error) {
      if (!signal.aborted) logger.error({ err: error }, 'The schema was not reloaded; the one in place stays.');
    }
  }
}
