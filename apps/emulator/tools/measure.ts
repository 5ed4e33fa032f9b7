import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Prints how fast an emulator of many orders starts and answers, in a process of its own.
 * `node apps/emulator/tools/measure.ts [orders]`, 100,000 when left out.
 */
const orders = process.argv[2] ?? '100000';
const cache = mkdtempSync(join(tmpdir(), 'emulator-measure-'));
const entry = join(import.meta.dirname, '..', 'main.mjs');

const headers = { 'X-DC-DEVKEY': 'measure' };

async function start() {
  const startedMs = performance.now();
  const args = [entry, '--port', '0', '--orders', orders, '--limits', 'off', '--cache', cache];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const line = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString())),
  );
  const baseUrl = /http:\S+/.exec(line)?.[0] ?? '';
  return { child, baseUrl, startMs: performance.now() - startedMs };
}

async function read(url: string): Promise<{ tookMs: number; bytes: number }> {
  const startedMs = performance.now();
  const response = await fetch(url, { headers });
  let bytes = 0;
  for await (const piece of response.body ?? []) bytes += piece.length;
  return { tookMs: performance.now() - startedMs, bytes };
}

/** Highest resident memory so far, MB; only where the system tells (Linux). */
function peakMemory(pid: number | undefined): string {
  try {
    return `${Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)} MB`;
  } catch {
    return 'unknown';
  }
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(44)}${value}\n`);
}

const { child, baseUrl, startMs } = await start();
print(`start, ${orders} orders`, `${Math.round(startMs)} ms`);
const middle = Math.floor(Number(orders) / 2);
const pages = [
  ['page of 1,000, first', '?limit=1000'],
  ['page of 1,000, from the middle', `?limit=1000&offset=${middle}`],
  ['page of 1,000, status and division filter', '?limit=1000&filters[status]=issued&filters[container_id]=14'],
  ['page of 1,000, name filter', '?limit=1000&filters[domain_name]=%25shop'],
  ['page of 1,000, sorted by valid_till (first)', '?limit=1000&sort=-valid_till'],
  ['page of 1,000, sorted by valid_till (next)', '?limit=1000&sort=-valid_till&offset=1000'],
] as const;
for (const [name, search] of pages) {
  const { tookMs } = await read(`${baseUrl}/order/certificate${search}`);
  print(name, `${Math.round(tookMs)} ms`);
}
for (const name of ['order report, cold cache', 'order report, warm cache']) {
  const { tookMs, bytes } = await read(`${baseUrl}/report/order?limit=100000`);
  print(name, `${(tookMs / 1000).toFixed(1)} s, ${Math.round(bytes / 1e6)} MB`);
}
print('highest memory of the process', peakMemory(child.pid));
child.kill('SIGTERM');
await new Promise((resolve) => child.once('exit', resolve));
await rm(cache, { recursive: true });
