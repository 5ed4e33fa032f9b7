import type { Pool } from '@certfolio/database';
import type { PoolClient } from 'pg';
import type { ComparisonStore, RolloutWindow, SamplePair } from './comparison-store.ts';
import type { IgnoreRule } from './ignore-rule.ts';
import type { ParityCount } from './parity.ts';

/** Sample pairs that are kept, the newest of each route and field, and of all. */
export interface SampleLimits {
  readonly perField: number;
  readonly total: number;
}

export const defaultSampleLimits: SampleLimits = { perField: 5, total: 2_000 };

interface WindowRow {
  readonly route: string;
  readonly version: number;
  readonly minute: Date;
  readonly compared: number;
  readonly different: number;
  readonly graph_calls: number;
  readonly graph_errors: number;
  readonly legacy_calls: number;
  readonly graph_latency: readonly (number | string)[];
  readonly legacy_latency: readonly (number | string)[];
}

interface SampleRow {
  readonly id: string;
  readonly route: string;
  readonly field: string;
  readonly key_id: string;
  readonly owner: string;
  readonly at: Date;
  readonly request_id: string;
  readonly call: string;
  readonly place: string;
  readonly legacy: string | null;
  readonly graph: string | null;
  readonly expired_rule: string | null;
}

interface RuleRow {
  readonly id: string;
  readonly route: string | null;
  readonly field: string;
  readonly reason: string;
  readonly expires_at: Date;
  readonly created_at: Date;
  readonly created_by: string;
}

export function createComparisonStore(pool: Pool, limits: SampleLimits = defaultSampleLimits): ComparisonStore {
  return {
    async add({ parity, windows, samples }) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        // One process at a time, so that limits hold and none waits for another's rows in another order.
        await client.query(`select pg_advisory_xact_lock(hashtext('certfolio comparison'))`);
        await addParity(client, parity);
        await addWindows(client, windows);
        await addSamples(client, samples, limits);
        await client.query('commit');
        client.release();
      } catch (error) {
        client.release(true);
        throw error;
      }
    },

    async parity({ route = null, keyIds = null, since, wholeOnly = false }) {
      const { rows } = await pool.query<Omit<ParityCount, 'keyId'> & { key_id: string }>(
        `select route, key_id, field, sum(compared)::bigint as compared, sum(different)::bigint as different,
           sum(passed)::bigint as passed
         from migration_parity
         where day >= $1 and ($2::text is null or route = $2) and ($3::text[] is null or key_id = any($3))
           and (not $4 or field = '')
         group by route, key_id, field order by route, key_id, field`,
        [since, route, keyIds, wholeOnly],
      );
      return rows.map(({ key_id, ...count }) => ({ ...count, keyId: key_id }));
    },

    async samples({ route = null, keyIds = null, limit }) {
      const { rows } = await pool.query<SampleRow>(
        `select * from migration_samples
         where ($1::text is null or route = $1) and ($2::text[] is null or key_id = any($2))
         order by at desc, id limit $3`,
        [route, keyIds, limit],
      );
      return rows.map(sampleOf);
    },

    async windows(route, version, since) {
      const { rows } = await pool.query<WindowRow>(
        'select * from migration_windows where route = $1 and version = $2 and minute >= $3 order by minute',
        [route, version, since],
      );
      return rows.map(windowOf);
    },

    async rules() {
      const { rows } = await pool.query<RuleRow>(
        'select * from migration_ignore_rules order by route nulls first, field, created_at, id',
      );
      return rows.map(ruleOf);
    },

    async addRule({ id, route, field, reason, expiresAt, createdAt, createdBy }) {
      await pool.query(
        `insert into migration_ignore_rules (id, route, field, reason, expires_at, created_at, created_by)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [id, route, field, reason, expiresAt, createdAt, createdBy],
      );
    },

    async removeRule(id) {
      const { rowCount } = await pool.query('delete from migration_ignore_rules where id = $1', [id]);
      return rowCount === 1;
    },

    async forget({ parity, windows, samples }) {
      await pool.query('delete from migration_parity where day < $1', [parity]);
      await pool.query('delete from migration_windows where minute < $1', [windows]);
      await pool.query('delete from migration_samples where at < $1', [samples]);
    },
  };
}

async function addParity(client: PoolClient, counts: readonly (ParityCount & { readonly day: Date })[]): Promise<void> {
  if (counts.length === 0) return;
  await client.query(
    `insert into migration_parity (route, key_id, day, field, compared, different, passed)
     select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
     on conflict (route, key_id, day, field) do update set
       compared = migration_parity.compared + excluded.compared,
       different = migration_parity.different + excluded.different,
       passed = migration_parity.passed + excluded.passed`,
    [
      counts.map(({ route }) => route),
      counts.map(({ keyId }) => keyId),
      counts.map(({ day }) => day),
      counts.map(({ field }) => field),
      counts.map(({ compared }) => compared),
      counts.map(({ different }) => different),
      counts.map(({ passed }) => passed),
    ],
  );
}

/** One statement for each: a window has two lists, and there is one for every route and minute at most. */
async function addWindows(client: PoolClient, windows: readonly RolloutWindow[]): Promise<void> {
  for (const window of windows)
    await client.query(
      `insert into migration_windows
         (route, version, minute, compared, different, graph_calls, graph_errors, legacy_calls, graph_latency, legacy_latency)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       on conflict (route, version, minute) do update set
         compared = migration_windows.compared + excluded.compared,
         different = migration_windows.different + excluded.different,
         graph_calls = migration_windows.graph_calls + excluded.graph_calls,
         graph_errors = migration_windows.graph_errors + excluded.graph_errors,
         legacy_calls = migration_windows.legacy_calls + excluded.legacy_calls,
         graph_latency = migration_sum(migration_windows.graph_latency, excluded.graph_latency),
         legacy_latency = migration_sum(migration_windows.legacy_latency, excluded.legacy_latency)`,
      [
        ...[window.route, window.version, window.minute, window.compared, window.different],
        ...[window.graphCalls, window.graphErrors, window.legacyCalls],
        ...[window.graphLatency, window.legacyLatency],
      ],
    );
}

async function addSamples(client: PoolClient, samples: readonly SamplePair[], limits: SampleLimits): Promise<void> {
  if (samples.length === 0) return;
  const column = (name: keyof SamplePair) => samples.map((sample) => sample[name]);
  await client.query(
    `insert into migration_samples
       (id, route, field, key_id, owner, at, request_id, call, place, legacy, graph, expired_rule)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
       $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
     on conflict (id) do nothing`,
    [
      ...[column('id'), column('route'), column('field'), column('keyId'), column('owner'), column('at')],
      ...[column('requestId'), column('call'), column('place'), column('legacy'), column('graph')],
      column('expiredRule'),
    ],
  );
  await client.query(
    `delete from migration_samples using (
       select id, row_number() over (partition by route, field order by at desc, id) as of_field,
         row_number() over (order by at desc, id) as of_all
       from migration_samples
     ) as placed
     where migration_samples.id = placed.id and (of_field > $1 or of_all > $2)`,
    [limits.perField, limits.total],
  );
}

const windowOf = (row: WindowRow): RolloutWindow => ({
  ...{ route: row.route, version: row.version, minute: row.minute, compared: row.compared, different: row.different },
  ...{ graphCalls: row.graph_calls, graphErrors: row.graph_errors, legacyCalls: row.legacy_calls },
  graphLatency: row.graph_latency.map(Number),
  legacyLatency: row.legacy_latency.map(Number),
});

const sampleOf = ({ key_id, request_id, expired_rule, ...row }: SampleRow): SamplePair => ({
  ...row,
  keyId: key_id,
  requestId: request_id,
  expiredRule: expired_rule,
});

const ruleOf = ({ expires_at, created_at, created_by, ...row }: RuleRow): IgnoreRule => ({
  ...row,
  expiresAt: expires_at,
  createdAt: created_at,
  createdBy: created_by,
});
