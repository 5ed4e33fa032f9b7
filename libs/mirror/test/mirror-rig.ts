import { silentLogger, type Logger } from '@certfolio/core';
import { createPool, type Pool } from '@certfolio/database';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { defaultMirror, systemClock } from '@certfolio/runtime';
import { startEmulator, type EmulatorProcess, type EmulatorProcessOptions } from '@certfolio/testing';
import {
  createMirrorSync,
  createOrderMirror,
  type PostgresOrderMirror,
  openMirror,
  type MirrorFeed,
  type MirrorSettings,
  type MirrorSync,
} from '../src/postgres.ts';
import { createClient } from './upstream-client.ts';

export interface Rig {
  readonly emulator: EmulatorProcess;
  readonly database: TestDatabase;
  readonly upstreamId: number;
  readonly sync: MirrorSync;
  /** What queries see of it. */
  readonly mirror: PostgresOrderMirror;
  /** Another process, as far as database and emulator can tell. */
  other(options?: Partial<RigOptions>): Promise<{ readonly sync: MirrorSync; readonly pool: Pool }>;
  /** Calls since the last time it was asked, by route. */
  calls(): Promise<Readonly<Record<string, number>>>;
  rows(text: string, values?: readonly unknown[]): Promise<readonly any[]>; // eslint-disable-line @typescript-eslint/no-explicit-any -- rows of whatever the spec asks for
  close(): Promise<void>;
}

export interface RigOptions {
  readonly emulator: EmulatorProcessOptions;
  readonly settings: Partial<MirrorSettings>;
  readonly key: string;
  readonly logger: Logger;
  /** What the mirror is fed with in place of the client itself. */
  readonly feedOf: (client: MirrorFeed) => MirrorFeed;
  /** Added to the machine's time. */
  readonly aheadMs: () => number;
}

/** An emulator, a database, and the mirror of one in the other. */
export async function startRig(options: Partial<RigOptions> = {}): Promise<Rig> {
  const emulator = await startEmulator({ limits: 'off', ...options.emulator });
  const database = await createTestDatabase();
  const closing: (() => Promise<void>)[] = [];
  const binding = await openMirror(database.pool, { name: 'spec', baseUrl: emulator.baseUrl, accountId: 1 });
  const mirror = createOrderMirror(database.pool, binding.upstreamId, { clock: systemClock });
  const create = (pool: Pool, own: Partial<RigOptions>): MirrorSync => {
    const {
      settings = {},
      key = 'any-key',
      logger = silentLogger,
      aheadMs = () => 0,
      feedOf = (feed: MirrorFeed) => feed,
    } = { ...options, ...own };
    const client = createClient(emulator.baseUrl, { apiKey: () => key });
    closing.push(() => client.stop());
    return createMirrorSync({
      pool,
      binding,
      feed: feedOf(client),
      settings: { ...defaultMirror, roundSeconds: 0, fullComparisonSeconds: 3_600, ...settings },
      clock: { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs() },
      random: () => 0.5,
      logger,
      onWritten: () => mirror.changed(),
    });
  };
  return {
    emulator,
    database,
    upstreamId: binding.upstreamId,
    mirror,
    sync: create(database.pool, {}),
    async other(own = {}) {
      const pool = createPool(database.url, { applicationName: 'other', max: 4, logger: silentLogger });
      closing.push(() => pool.end());
      return { sync: create(pool, own), pool };
    },
    async calls() {
      const { calls } = (await emulator.control('stats')) as { calls: Record<string, number> };
      await emulator.control('stats', { method: 'DELETE' });
      return calls;
    },
    async rows(text, values = []) {
      return (await database.pool.query(text, [...values])).rows;
    },
    async close() {
      for (const close of closing.reverse()) await close();
      await database.drop();
      await emulator.stop();
    },
  };
}

/** Rounds until nothing is due. */
export async function settle(sync: MirrorSync): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (let kind = await sync.round(); kind !== 'none' && kind !== 'follow'; kind = await sync.round()) kinds.push(kind);
  return kinds;
}

export async function fillIn(sync: MirrorSync): Promise<void> {
  while ((await sync.backfillStep()) > 0);
}

export const waitFor = (ms = 60_000) => ({ deadline: new Date(Date.now() + ms), signal: new AbortController().signal });
