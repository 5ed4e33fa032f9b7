import type { CallForwarder, Clock, Logger } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import {
  createRestUsageRecorder,
  matchRoute,
  maxBodyBytes,
  openRouteStates,
  type Comparer,
  type GraphOutcome,
  type MatchedRoute,
  type RestRequest,
  type RestUsageStore,
  type RoutePorts,
  type RouteStateStore,
} from '@certfolio/migration';
import { createRestUsageStore, createRouteStateStore } from '@certfolio/migration/postgres';
import type { Visit } from '../doors/request-facts.ts';

export interface MigrationSettings {
  /** Of a call that is passed on. */
  readonly bodyLimitBytes: number;
  /** A page of the operator's that tells callers of a route's end; null for none. */
  readonly infoUrl: string | null;
  readonly requestTimeoutMs: number;
}

/** Answers calls of routes through the pipeline. */
export interface GraphSide {
  isServed(route: string): boolean;
  /** Throws what the pipeline throws. */
  answer(visit: Visit, matched: MatchedRoute, request: RestRequest): Promise<GraphOutcome>;
}

export interface MigrationNeeds {
  readonly pool: Pool;
  readonly forwarder: CallForwarder;
  readonly graph: GraphSide;
  readonly comparer: Comparer;
  readonly successorOf: RoutePorts['successorOf'];
  readonly settings: MigrationSettings;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the façade's door works with. */
export interface MigrationParts {
  readonly ports: RoutePorts;
  readonly graph: GraphSide;
  readonly bodyLimitBytes: number;
  /** Of an answer that is wanted for a comparison; a longer one is not compared. */
  readonly keptBodyBytes: number;
}

export interface OpenMigration {
  readonly parts: MigrationParts;
  readonly states: RouteStateStore;
  readonly usage: RestUsageStore;
  /** Writes down who calls what until the signal aborts, and a last time then. */
  run(signal: AbortSignal): Promise<void>;
}

export async function openMigration(needs: MigrationNeeds): Promise<OpenMigration> {
  const { pool, forwarder, graph, comparer, successorOf, settings, clock, logger } = needs;
  const states = createRouteStateStore(pool, { clock });
  const usage = createRestUsageStore(pool);
  const recorder = createRestUsageRecorder({ store: usage, clock, logger });
  const ports: RoutePorts = {
    match: matchRoute,
    states: await openRouteStates({ store: states, clock, logger }),
    isServed: (route) => graph.isServed(route),
    successorOf,
    infoUrl: settings.infoUrl,
    requestTimeoutMs: settings.requestTimeoutMs,
    forwarder,
    usage: recorder,
    comparer,
    clock,
  };
  return {
    parts: { ports, graph, bodyLimitBytes: settings.bodyLimitBytes, keptBodyBytes: maxBodyBytes },
    states,
    usage,
    run: (signal) => recorder.run(signal),
  };
}

/** Compares nothing. */
export const noComparer: Comparer = { wants: () => false, answered: () => undefined };
