import { randomBytes, randomUUID } from 'node:crypto';
import type { KeyStore } from '@certfolio/access';
import type { AuditTrail } from '@certfolio/audit';
import { everything, type CallForwarder, type Clock, type Logger, type Principal } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import {
  byItself,
  createCountRecorder,
  followRamps,
  type BackgroundComparer,
  type RestUsageStore,
  type RouteStates,
  type RouteStateStore,
} from '@certfolio/migration';
import {
  createComparisonStore,
  createRestUsageStore,
  createRolloutLock,
  createRouteStateStore,
} from '@certfolio/migration/postgres';
import type { Destination } from '@certfolio/reports';
import type { MigrationConfiguration } from '@certfolio/runtime';
import type { MigrationPorts } from '@certfolio/subgraph-control';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Metrics } from '../metrics.ts';
import { createGatewayComparer } from './comparer.ts';
import type { GraphSide } from './open-migration.ts';
import { runWeeklyMessages } from './weekly-messages.ts';

export interface RolloutNeeds {
  readonly pool: Pool;
  readonly forwarder: CallForwarder;
  /** Known once the pipeline is. */
  readonly graph: () => GraphSide;
  /** Known once they were read. */
  readonly states: () => RouteStates;
  readonly callWindowsOf: GatewayParts['callWindowsOf'];
  readonly trail: AuditTrail;
  readonly settings: MigrationConfiguration;
  readonly keys: Pick<KeyStore, 'list'>;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly publicUrl: () => string;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OpenRollout {
  readonly comparer: BackgroundComparer;
  /** For the control graph. */
  readonly ports: MigrationPorts;
  /** Counts, decides on ramps and tells owners, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** Comparison, scoreboard and ramps of this gateway. */
export function openRollout(needs: RolloutNeeds): OpenRollout {
  const { pool, trail, metrics, clock, logger, settings } = needs;
  const states: RouteStateStore = createRouteStateStore(pool, { clock });
  const usage: RestUsageStore = createRestUsageStore(pool);
  const comparisons = createComparisonStore(pool);
  const counts = createCountRecorder({ store: comparisons, clock, logger, keepDays: settings.keepDays });
  const graph: GraphSide = {
    isServed: (route) => needs.graph().isServed(route),
    answer: (...given) => needs.graph().answer(...given),
  };
  const comparer = createGatewayComparer({
    ...{ forwarder: needs.forwarder, graph, callWindowsOf: needs.callWindowsOf, metrics, clock, logger },
    stateOf: (route, keyId) => needs.states().lastKnown().stateOf(route, keyId),
    store: comparisons,
    counts,
    limits: { perMinute: settings.comparisonsPerMinute },
  });
  metrics.gauge('certfolio_migration_comparisons_waiting', 'Answers that wait to be compared.', comparer.size);

  return {
    comparer,
    ports: {
      states,
      usage,
      comparisons,
      isServed: graph.isServed,
      newRuleId: () => `ign_${randomBytes(6).toString('hex')}`,
    },
    async run(signal) {
      const ramps = followRamps(
        {
          states,
          counts: comparisons,
          lock: createRolloutLock(pool),
          record: ({ act, arguments: values }, work) =>
            trail.act({ principal: itself, requestId: randomUUID(), act, arguments: values }, work),
          clock,
          logger,
        },
        signal,
      );
      const told = settings.messages;
      const destination = told === null ? undefined : needs.destinations.get(told.destination);
      const messages =
        told === null || destination === undefined
          ? null
          : runWeeklyMessages({ ...needs, settings: told, destination, states, usage }, signal);
      await Promise.all([counts.run(signal), ramps, messages]);
      await comparer.stop();
      await counts.flush();
    },
  };
}

/** Who the audit log names for what happens by itself. */
const itself: Principal = {
  ...{ keyId: byItself, keyName: byItself, owner: byItself, level: 'id-only', account: 'default', lane: 'shadow' },
  ...{ templates: { names: new Set(), tags: new Set() }, scopes: new Set(), scope: everything, fields: new Set() },
  limits: { requestsPerMinute: 0, burst: 0, costPerMinute: 0, rows: 0, concurrent: 0, mode: 'enforce' },
};
