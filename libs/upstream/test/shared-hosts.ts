import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger, type Lane } from '@certfolio/core';
import { startTestRedis, type TestRedis } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { createCertCentral, type CallReport, type CertCentralClient } from '../src/index.ts';
import { connectRedisForBudget, createSharedCallBudget, type SharedCallBudget } from '../src/redis.ts';
import { anyCall } from './service.ts';
import { systemClock } from './system-clock.ts';

/** What the emulator counted. */
export interface Stats {
  readonly total: number;
  readonly limited: number;
  readonly peak5s: number;
  readonly peak180s: number;
}

/** A client as one process has it: a budget of its own, with a connection of its own. */
export interface SharingHost {
  readonly client: CertCentralClient;
  readonly budget: SharedCallBudget;
  readonly reports: readonly CallReport[];
  /** Reads one page; each `n` is another call. */
  list(n: number, call?: { lane?: Lane; onBehalfOf?: string; inMs?: number }): Promise<unknown>;
  stop(): Promise<void>;
}

export function startSharingHost(emulator: EmulatorProcess, redisUrl: string, apiKey: string): SharingHost {
  const connection = connectRedisForBudget(redisUrl, silentLogger);
  const budget = createSharedCallBudget({
    redis: connection,
    name: apiKey,
    clock: systemClock,
    logger: silentLogger,
    newName: () => randomBytes(6).toString('hex'),
  });
  const reports: CallReport[] = [];
  const client = createCertCentral({
    baseUrl: emulator.baseUrl,
    apiKey: () => apiKey,
    version: '0',
    budget,
    logger: silentLogger,
    clock: systemClock,
    random: Math.random,
    onCall: (report) => reports.push(report),
  });
  return {
    client,
    budget,
    reports,
    list: (n, call = {}) =>
      client.listOrders({ where: [], sort: null, limit: 1, offset: n }, anyCall({ inMs: 120_000, ...call })),
    async stop() {
      await budget.close();
      await client.stop();
      connection.disconnect();
    },
  };
}

/** @param port to have a Redis again that was killed */
export async function startRedis(port?: number): Promise<TestRedis> {
  const started = await startTestRedis(port);
  if (started === null) throw new Error('This test needs redis-server (apt-get install redis-server).');
  return started;
}

export async function until(isTrue: () => boolean, withinMs = 10_000): Promise<void> {
  const sinceMs = performance.now();
  while (!isTrue()) {
    if (performance.now() - sinceMs > withinMs) throw new Error(`Not within ${withinMs} ms: ${isTrue.toString()}`);
    await sleep(20);
  }
}

/** Callers in all lanes that call again as soon as they are answered. */
export function keepCalling(host: SharingHost, callers: number, firstN: number): { stop(): Promise<void> } {
  const lanes = ['interactive', 'scheduled', 'shadow', 'backfill'] as const;
  let isOver = false;
  let n = firstN;
  const running = Array.from({ length: callers }, async (_, caller) => {
    while (!isOver) {
      const call = { lane: lanes[caller % 4]!, onBehalfOf: `key-${caller % 7}` };
      // A refusal is an answer too: to be told at once that no call is free in time.
      await host.list((n += 1), call).catch(() => sleep(50));
    }
  });
  return {
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
  };
}
