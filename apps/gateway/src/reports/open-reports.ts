import { randomBytes } from 'node:crypto';
import type { KeyStore } from '@certfolio/access';
import type { Clock, Logger } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import {
  startScheduler,
  type Destination,
  type RunStore,
  type ScheduleStore,
  type Scheduler,
} from '@certfolio/reports';
import { createRunStore, createScheduleStore } from '@certfolio/reports/postgres';
import type { ReportsConfiguration } from '@certfolio/runtime';
import type { SchedulePorts } from '@certfolio/subgraph-control';
import type { TemplateRegistry } from '@certfolio/templates';
import type { GraphQLSchema } from 'graphql';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Metrics } from '../metrics.ts';
import { checkSchedule } from './check-schedule.ts';
import { createRunExporter } from './run-exporter.ts';
import { createTemplateRunner } from './template-runner.ts';

export interface ReportsOptions {
  readonly pool: Pool;
  readonly keys: KeyStore;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly registry: () => TemplateRegistry;
  readonly schema: () => GraphQLSchema;
  /** Known once the gateway listens; runs begin after that. */
  readonly parts: () => GatewayParts;
  readonly publicUrl: () => string;
  readonly settings: ReportsConfiguration;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface GatewayReports {
  readonly schedules: ScheduleStore;
  readonly runs: RunStore;
  readonly ports: SchedulePorts;
  /** Begins to queue what is due and to work at it. */
  start(): void;
  /** Names of schedules that run a template. */
  schedulesOf(template: {
    readonly name: string;
    readonly version: number;
    readonly ids: readonly { readonly id: string }[];
  }): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Due slots are looked for this often. */
const tickMs = 1_000;

/** Schedules and their runs: stores, what the graph needs of them, and the work itself. */
export function openReports(options: ReportsOptions): GatewayReports {
  const { pool, keys, destinations, registry, schema, parts, publicUrl, settings, metrics, clock, logger } = options;
  const schedules = createScheduleStore(pool, clock);
  const newId = () => `run_${randomBytes(12).toString('hex')}`;
  const random = () => randomBytes(4).readUInt32BE() / 2 ** 32;
  const runs = createRunStore(pool, { clock, newId, random });
  const templateOf = (ref: string) =>
    registry()
      .all()
      .find(({ name, version }) => `${name}@${version}` === ref) ?? null;
  const linkOf = (runId: string) => `${publicUrl()}/runs/${runId}`;
  const exporter = createRunExporter({ templateOf, clock, publicUrl });
  const templates = createTemplateRunner(parts, keys);
  let scheduler: Scheduler | null = null;

  return {
    schedules,
    runs,
    ports: {
      schedules,
      runs,
      destinations,
      check: (definition, runAs) => checkSchedule({ registry, schema, destinations, clock }, definition, runAs),
      wake: () => scheduler?.wake(),
      async test(destination, recipient, { principal, requestId, signal }) {
        return destination.send(
          {
            kind: 'test',
            runId: requestId,
            schedule: 'test',
            owner: principal.owner,
            template: { name: 'test', version: 1, id: '' },
            title: 'Certfolio can send here',
            slot: new Date(clock.nowMs()),
            zone: 'UTC',
            headline: 'This is a test message; nothing has to be done.',
            counts: null,
            facts: [['Sent for', principal.keyName]],
            changes: null,
            excerpt: null,
            files: [],
            link: null,
          },
          { recipient, idempotencyKey: requestId, nowMs: clock.nowMs(), signal },
        );
      },
    },
    start() {
      if (settings.workers === 0) return;
      scheduler = startScheduler({
        runs,
        templates,
        exporter,
        destinations,
        clock,
        logger,
        linkOf,
        onEnded: (run, state) => metrics.reportRan(run.schedule, state),
        settings: {
          leaseMs: settings.leaseSeconds * 1_000,
          retryMs: settings.retrySeconds * 1_000,
          maxRetryMs: settings.maxRetrySeconds * 1_000,
        },
        scheduling: {
          tickMs,
          workers: settings.workers,
          graceMs: settings.graceSeconds * 1_000,
          pruneEveryMs: settings.pruneSeconds * 1_000,
        },
      });
    },
    async schedulesOf({ name, version, ids }) {
      const refs = new Set([name, `${name}@${version}`, ...ids.map(({ id }) => id)]);
      return (await schedules.list())
        .filter(({ definition }) => refs.has(definition.template))
        .map(({ definition }) => definition.name);
    },
    stop: async () => scheduler?.stop(),
  };
}
