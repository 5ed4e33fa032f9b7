/**
 * Whether comparing in the background slows callers: the same calls of the façade while their route is `proxied`, when nothing
 * is compared, and while it is `shadowed`, when every one is. Short blocks of both follow each other, so that whatever else the
 * machine does falls on both alike.
 *
 *     node tools/bench/comparison.ts [blocks] [calls per block] [callers at once]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '@certfolio/testing';
import { startProduct } from '../../apps/e2e/harness/product-process.ts';

const [blocks = 40, perBlock = 16, callers = 1] = process.argv.slice(2).map(Number);
/** Under half of 980 calls in 181 s, or there would be no spare quota to compare by. */
const everyMs = 450 * callers;
const folder = mkdtempSync(join(tmpdir(), 'certfolio-bench-comparison-'));
const config = join(folder, 'certfolio.yaml');
writeFileSync(config, 'mirror: { backfill: false }\nmigration: { comparisonsPerMinute: 6000 }\n');

const emulator = await startEmulator({ orders: 1_200, limits: 'off', latency: '40-60' });
const product = await startProduct({
  env: {
    CERTCENTRAL_API_KEY: 'bench-key',
    CERTCENTRAL_BASE_URL: emulator.baseUrl,
    CERTFOLIO_CONFIG: config,
    CERTFOLIO_MIRROR: 'on',
  },
});

async function graphql<T>(query: string): Promise<T> {
  const { json } = await product.admin.graphql(query);
  if (json.errors !== undefined) throw new Error(JSON.stringify(json.errors));
  return json.data as T;
}

async function mirrored(): Promise<boolean> {
  const response = await fetch(`${product.url}/readyz`);
  const { mirrors } = (await response.json()) as { mirrors: Record<string, { isFilled: boolean }> };
  return mirrors['default']?.isFilled ?? false;
}

const setState = (state: string) => graphql(`mutation { setRoute(route: "list-orders", state: ${state}) { state } }`);

async function call(key: string): Promise<number> {
  const startMs = performance.now();
  const response = await fetch(`${product.url}/services/v2/order/certificate?limit=100`, {
    headers: { 'X-DC-DEVKEY': key },
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  await response.arrayBuffer();
  return performance.now() - startMs;
}

/** Callers that ask at the same moment, so that one's comparison meets another's call. */
async function block(key: string): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < perBlock; count += callers) {
    const those = Array.from({ length: callers }, () => call(key));
    times.push(...(await Promise.all(those)));
    await sleep(everyMs);
  }
  return times;
}

const at = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]!;
const shown = (ms: number) => ms.toFixed(1).padStart(7);

try {
  while (!(await mirrored())) await sleep(500);
  const { key } = await product.createKey({
    name: 'bench',
    level: 'OPEN',
    rest: 'READ',
    limits: { requestsPerMinute: 1_000_000, burst: 1_000_000, concurrent: 64 },
  });
  for (let count = 0; count < 20; count += 1) await call(key);
  const times: Record<'PROXIED' | 'SHADOWED', number[]> = { PROXIED: [], SHADOWED: [] };
  for (let count = 0; count < blocks; count += 1) {
    // One way and back, so that a slow drift falls on both alike, too.
    const state = count % 4 === 0 || count % 4 === 3 ? 'PROXIED' : 'SHADOWED';
    await setState(state);
    times[state].push(...(await block(key)));
  }
  // Counts are written every two seconds.
  await sleep(3_000);
  const { migration } = await graphql<{ migration: { routes: { parity: object }[] } }>(
    '{ migration(route: "list-orders") { routes { parity { compared different passed } } } }',
  );
  const metrics = await (await fetch(`${product.url}/metrics`)).text();
  console.log('            p50 ms   p95 ms');
  for (const [state, all] of Object.entries(times))
    console.log(
      `${state.toLowerCase().padEnd(10)} ${shown(at(all, 0.5))}  ${shown(at(all, 0.95))}   of ${all.length} calls`,
    );
  console.log(`p95 shadowed / proxied: ${(at(times.SHADOWED, 0.95) / at(times.PROXIED, 0.95)).toFixed(3)}`);
  console.log(JSON.stringify(migration.routes[0]?.parity));
  console.log(
    metrics
      .split('\n')
      .filter((line) => line.startsWith('certfolio_migration_comparisons'))
      .join('\n'),
  );
} finally {
  await product.stop();
  await emulator.stop();
  for (const each of [folder, product.dataDir]) rmSync(each, { recursive: true, force: true });
}
