import { randomBytes } from 'node:crypto';
import {
  createAuthenticator,
  createLastUsedRecorder,
  createPassThrough,
  createRequestLimiter,
  type KeyStore,
  type PassThroughOptions,
} from '@certfolio/access';
import { EntryLines, createAuditLog, createSeenRecorder } from '@certfolio/audit';
import { createAuditStore, createSeenStore } from '@certfolio/audit/postgres';
import { AppError, dayIn, type CallForwarder, type Clock, type Logger, type RequestRecorder } from '@certfolio/core';
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
  defaultPreparationLimits,
} from '@certfolio/execution';
import { appErrorOf, type Subgraph } from '@certfolio/graph-kit';
import { Pipeline, createAutomaticDocuments, createCostMemory, type SharedAnswer } from '@certfolio/pipeline';
import { createLearnedCostStore } from '@certfolio/pipeline/postgres';
import { builtInTemplates } from '@certfolio/migration/fs';
import type {
  DestinationConfiguration,
  EgressConfiguration,
  MigrationConfiguration,
  ReportsConfiguration,
  RestConfiguration,
} from '@certfolio/runtime';
import { createControlSubgraph, type UpstreamProbe } from '@certfolio/subgraph-control';
import { printSchema } from 'graphql';
import {
  createUsageRecorder,
  readFixedVariables,
  templateFilesOf,
  type ComplexityLimits,
  type ReviewPolicy,
  type TemplateRegistry,
} from '@certfolio/templates';
import { createUsageStore } from '@certfolio/templates/postgres';
import { startTracing } from '@certfolio/tracing';
import { checkedInSupergraph, knownSubgraphs } from './compose-static.ts';
import { createGateway, listen, type ListenOptions, type RunningGateway } from './create-gateway.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { countedBelow, listSize, typicalSize } from './list-sizes.ts';
import type { Metrics } from './metrics.ts';
import type { Maintenance } from './open-keys.ts';
import { createGraphSide } from './migration/answer-from-graph.ts';
import { noticedChanges } from './noticed-changes.ts';
import { openLimits } from './open-limits.ts';
import { readinessChecks } from './readiness-checks.ts';
import { firstSchema, keepSchema, pollSchema } from './schema-upkeep.ts';
import { shareableFields } from './shareable-fields.ts';
import { openMigration, type OpenMigration } from './migration/open-migration.ts';
import { openRollout } from './migration/open-rollout.ts';
import { successorOf } from './migration/successor.ts';
import { createOperationAnalyser } from './operation-analyser.ts';
import { openDestinations } from './reports/open-destinations.ts';
import { openReports } from './reports/open-reports.ts';
import { createSchemaSafety, describeBrokenWithKeys } from './schema-safety.ts';
import { createSchemaSource, type RemoteSubgraph } from './schema-source.ts';
import { sensitiveFields, sensitiveFieldsOf } from './sensitive-fields.ts';
import { templateCost } from './template-cost.ts';
import { tracedEnd } from './traced-request.ts';
import { watchDatabase, type WatchedSources } from './watched-metrics.ts';
import { openTemplateRegistry, type GatewayTemplates } from './template-registry.ts';

export interface GatewaySettings extends ListenOptions {
  /** Null: from the address that is listened on. */
  readonly publicUrl: string | null;
  readonly templatesDir: string;
  /** Who may approve a template. */
  readonly review: ReviewPolicy;
  readonly redisUrl: string | null;
  readonly internalSecret: string | null;
  readonly remoteSubgraphs: readonly RemoteSubgraph[];
  readonly requestTimeoutMs: number;
  readonly bodyLimitBytes: number;
  readonly rest: RestConfiguration;
  readonly migration: MigrationConfiguration;
  /** Answers carry `X-RateLimit-*`, too, for clients that know no other. */
  readonly hasLegacyRateHeaders: boolean;
  readonly complexity: ComplexityLimits;
  /** Of one document. */
  readonly maxTokens: number;
  /** Age of data that is fresh enough where neither caller nor template says. */
  readonly defaultMaxAgeMs: number;
  /** Subgraphs of other teams are asked for their schema this often. */
  readonly schemaPollMs: number;
  /** Entries of the audit log are kept for so long. */
  readonly auditRetentionDays: number;
  /** Keeps the last schema that composed, for a start while a subgraph is away. */
  readonly lastSchemaPath: string;
  readonly destinations: readonly DestinationConfiguration[];
  /** Where reports may go although it is not public. */
  readonly egress: EgressConfiguration;
  readonly outgoingProxy: { readonly uri: string; readonly noProxy: string } | null;
  readonly reports: ReportsConfiguration;
  /** Requests are sent to a collector of traces, which OpenTelemetry's own variables name. */
  readonly isTraced: boolean;
}

export interface GatewayNeeds {
  readonly settings: GatewaySettings;
  readonly pool: Pool;
  readonly keys: KeyStore;
  readonly maintenance: Maintenance;
  /** Of the product; told in backups. */
  readonly version: string;
  /** Data subgraphs that are answered in this process; `control` always is. */
  readonly local: readonly Subgraph[];
  readonly upstream: UpstreamProbe;
  /** Sends calls of the REST façade on to CertCentral. */
  readonly forwarder: CallForwarder;
  /** How the mirrors of the accounts read in this process stand. */
  readonly mirrors?: GatewayParts['mirrors'];
  /** What certificates of these accounts end when, for metrics; never calls CertCentral. */
  readonly expiries?: WatchedSources['expiries'];
  readonly metrics: Metrics;
  /** Lets CertCentral keys in that are not ours; absent, they are refused. */
  readonly passThrough?: Pick<PassThroughOptions, 'policy' | 'prove' | 'proofsPerMinute'>;
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

const groupOf = (type: string, field: string) => sensitiveFields.get(`${type}.${field}`) ?? null;

/** Of a template that cannot be planned, as when a variable has to be given, nobody knows what calls it takes. */
function unknownCalls(error: unknown): null {
  if (error instanceof AppError) return null;
  throw error;
}

/** Wires the gateway and listens. */
export async function startGateway({
  settings,
  pool,
  keys,
  maintenance,
  version,
  local,
  upstream,
  forwarder,
  mirrors = async () => new Map(),
  expiries = async () => new Map(),
  metrics,
  passThrough,
  clock,
  logger,
}: GatewayNeeds): Promise<StartedGateway> {
  let isStopping = false;
  let templates: GatewayTemplates | null = null;
  let pipeline: Pipeline | null = null;
  let migration: OpenMigration | null = null;
  let address = '';
  const registry = () => templates!.served.registry();
  const secret = settings.internalSecret ?? randomBytes(32).toString('base64url');

  // What was done by whom: administrative acts are written before they begin, requests after they ended.
  const auditStore = createAuditStore(pool);
  const audit = createAuditLog({
    store: auditStore,
    retentionDays: settings.auditRetentionDays,
    codeOf: (error) => appErrorOf(error)?.code ?? 'INTERNAL_SERVER_ERROR',
    clock,
    logger,
  });
  const seenStore = createSeenStore(pool);
  const seen = createSeenRecorder({ store: seenStore, clock, logger });
  const supergraphSchema = () => supergraph.schema();
  const usage = createUsageStore(pool);

  const analyser = createOperationAnalyser(() => pipeline!, supergraphSchema, clock);

  const outgoing = { rules: settings.egress, proxy: settings.outgoingProxy };
  const destinations = openDestinations(settings.destinations, outgoing, clock);
  const reports = openReports({
    pool,
    keys,
    destinations: destinations.byName,
    registry,
    schema: supergraphSchema,
    parts: () => parts,
    publicUrl: () => settings.publicUrl ?? address,
    settings: settings.reports,
    metrics,
    clock,
    logger,
  });

  const rollout = openRollout({
    ...{ pool, forwarder, metrics, clock, logger, trail: audit },
    graph: () => migration!.parts.graph,
    states: () => migration!.parts.ports.states,
    callWindowsOf: (account) => upstream.callWindows(account),
    settings: settings.migration,
    ...{ keys, destinations: destinations.byName, publicUrl: () => settings.publicUrl ?? address },
  });

  // Schema: the control subgraph asks for templates, and templates are checked against the schema it is part of.
  const control = createControlSubgraph({
    keys: noticedChanges(keys, () => parts.authenticator.recheck()),
    upstream,
    clock,
    usage,
    imports: {
      addIds: async (additions, by) => {
        for (const { name, version, ids } of additions) await templates!.store.addIds(name, version, ids, by);
        await templates!.served.refresh();
      },
      addDrafts: async (drafts, context) => {
        const files = drafts.flatMap(({ name, version, graphql, yaml }) => [
          { name: `${name}@${version}.graphql`, content: graphql },
          { name: `${name}@${version}.yaml`, content: yaml },
        ]);
        await templates!.publisher.publish(files, false, context);
      },
    },
    schema: {
      check: (name, sdl) => safety.check(name, sdl),
      sdl: () => printSchema(supergraphSchema()),
      supergraphSdl: () => supergraphSdl,
    },
    limits: {
      levels: (keyId, own) => limiter.levels(keyId, own),
      inFlight: (keyId) => limiter.inFlight(keyId),
    },
    templates: {
      registry,
      all: () => templates!.served.all(),
      costOf: (template) => templateCost(template, supergraph.schema()),
      publisher: () => templates!.publisher,
      fixedProblems: (template, fixed) =>
        readFixedVariables(template, fixed, { schema: supergraph.schema(), today: dayIn('UTC', clock.nowMs()) })
          .problems,
      changes: {
        schema: supergraphSchema,
        sensitiveFields: sensitiveFieldsOf,
        callsOf: (template, context) => analyser.expectedCalls(template, context).catch(unknownCalls),
      },
    },
    publicUrl: () => settings.publicUrl ?? address,
    schedules: reports.ports,
    migration: rollout.ports,
    audit: { trail: audit, store: auditStore },
    seen: {
      store: seenStore,
      filesOf: (text, description) =>
        templateFilesOf(text, description, { schema: supergraph.schema(), sensitiveFields: { groupOf } }),
    },
  });
  const source = createSchemaSource({
    local: [...local, control],
    remote: settings.remoteSubgraphs,
    known: knownSubgraphs(),
    composed: checkedInSupergraph(),
    secret,
    clock,
    logger,
  });
  let supergraphSdl = await firstSchema(source, settings.lastSchemaPath, logger);
  const supergraph = createSupergraph({
    supergraphSdl,
    runners: source.runners,
    logger,
  });
  const runner = await createOperationRunner(supergraph, logger);
  const documents = createPreparedDocuments(supergraph.schema, {
    ...defaultPreparationLimits,
    maxTokens: settings.maxTokens,
  });
  supergraph.onChange(documents.clear);
  templates = await openTemplateRegistry({
    pool,
    dir: settings.templatesDir,
    schema: supergraph.schema,
    sensitiveFields,
    documents,
    analyser,
    review: settings.review,
    builtIn: builtInTemplates(),
    clock,
    logger,
  });

  const safety = createSchemaSafety({
    source,
    registry,
    schema: supergraphSchema,
    sensitiveFields: sensitiveFieldsOf,
    keys,
    usage,
    schedulesOf: (template) => reports.schedulesOf(template),
    clock,
  });

  // Keys and limits.
  const background = new AbortController();
  const lastUsed = createLastUsedRecorder(keys, clock, logger);
  const recording = [lastUsed, audit, seen].map((each) => each.run(background.signal));
  const limits = openLimits(settings.redisUrl, clock, logger);
  const { insurance } = limits;
  const limiter = createRequestLimiter(limits.store, limits.places);
  const costs = createCostMemory(createLearnedCostStore(pool), clock, logger);
  await costs.load();
  const learning = costs.run(background.signal);

  // Whoever counts or writes down what became of requests.
  const uses = createUsageRecorder({ store: usage, clock, logger });
  const writingUses = uses.run(background.signal);
  const recorders: RequestRecorder[] = [audit.record, seen.record, uses.record];
  const tracing = settings.isTraced
    ? await startTracing({ version, proxy: settings.outgoingProxy, clock, logger })
    : null;
  if (tracing !== null) recorders.push((record) => record.trace?.end(tracedEnd(record)));

  const inFlight = new InFlight<SharedAnswer>();
  pipeline = new Pipeline({
    limiter,
    costs,
    registry,
    documents,
    automatic: createAutomaticDocuments(),
    schema: supergraph.schema,
    runner,
    inFlight,
    results: createResultCache(createMemoryResultStore(keptResultChars), clock),
    sensitiveFields,
    shareableFields,
    typicalSize,
    countedBelow,
    limits: { ...settings.complexity, listSize },
    defaultMaxAgeMs: settings.defaultMaxAgeMs,
    clock,
    onWouldRefuse: (policy) => metrics.wouldLimit(policy),
    onUnlisted: ({ keyId }, { hash }) =>
      logger.info({ keyId, documentHash: hash }, 'A key of level "audit" ran an unlisted operation.'),
  });
  watchDatabase(metrics, { expiries, schedules: reports.runs.standings, clock });
  metrics.gauge('certfolio_audit_pending', 'Entries of the audit log that wait to be written.', audit.pending);
  metrics.total('certfolio_audit_dropped_total', 'Entries of the audit log that were lost.', audit.dropped);
  metrics.gauge('certfolio_runs_in_flight', 'Distinct operations being executed.', () => inFlight.size);
  if (insurance !== null)
    metrics.gauge('certfolio_limits_insured', '1 while limits are counted per process, since Redis fails.', () =>
      Number(insurance.state() === 'insured'),
    );
  metrics.gauge('certfolio_templates', 'Template versions in the registry.', () => registry().all().length);
  metrics.gauge(
    'certfolio_template_problems',
    'What keeps templates out of service.',
    () => templates!.served.problems().length,
  );

  migration = await openMigration({
    ...{ pool, forwarder, clock, logger },
    graph: createGraphSide({ pipeline, clock, mirrors }),
    comparer: rollout.comparer,
    successorOf: (route, names) => successorOf(settings.publicUrl ?? address, route, names),
    settings: {
      bodyLimitBytes: settings.rest.bodyBytes,
      infoUrl: settings.rest.infoUrl,
      requestTimeoutMs: settings.requestTimeoutMs,
    },
  });
  const countingCalls = Promise.all([migration.run(background.signal), rollout.run(background.signal)]);

  const parts: GatewayParts = {
    authenticator: createAuthenticator({
      ...{ keys, clock, logger, onUsed: lastUsed.note },
      ...(passThrough === undefined ? {} : { passThrough: createPassThrough({ ...passThrough, clock }) }),
    }),
    pipeline,
    clock,
    logger,
    metrics,
    tracing,
    schema: supergraph.schema,
    publicUrl: () => settings.publicUrl ?? address,
    readiness: readinessChecks(pool, templates.readiness, insurance, audit),
    requestTimeoutMs: settings.requestTimeoutMs,
    bodyLimitBytes: settings.bodyLimitBytes,
    hasLegacyRateHeaders: settings.hasLegacyRateHeaders,
    isStopping: () => isStopping,
    onAnswered: (record) => {
      for (const recorder of recorders) recorder(record);
    },
    onUnknownKey: audit.unknownKey,
    audit: { trail: audit, store: auditStore },
    backup: {
      pool: maintenance.pool,
      version,
      async onRestored(entry) {
        await auditStore.append(EntryLines.of(entry));
        await maintenance.ensureAdminKey();
        parts.authenticator.recheck();
        await migration!.states.replaced();
        // Versions and acts are others now; the folder says what it has again.
        await templates!.reassess();
      },
    },
    migration: migration.parts,
    runs: reports.runs,
    mirrors,
    callWindowsOf: (account) => upstream.callWindows(account),
  };
  const running = await listen(createGateway(parts, settings), settings);
  address = running.address;
  reports.start();

  const reloadSchema = async () => {
    const next = await source.compose();
    const broken = await safety.broken(apiSchemaOf(next));
    if (broken.length > 0) throw new CompositionError(broken.map(describeBrokenWithKeys));
    await supergraph.update(next, source.runners);
    supergraphSdl = next;
    keepSchema(settings.lastSchemaPath, next);
    await templates!.reassess();
  };
  const polling = Promise.all([
    pollSchema(settings, reloadSchema, clock, logger, background.signal),
    templates.follow(background.signal),
  ]);

  return {
    address,
    publicUrl: parts.publicUrl(),
    templates: registry,
    reloadSchema,
    async stop() {
      isStopping = true;
      templates.close();
      await Promise.all([running.stop(), reports.stop()]);
      await destinations.close();
      background.abort(new Error('The gateway is stopping.'));
      await Promise.all([...recording, learning, writingUses, countingCalls, polling]);
      await runner.stop();
      await tracing?.stop();
      limits.close();
    },
  };
}
