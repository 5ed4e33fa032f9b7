import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startEmulator } from './client.ts';

const entry = join(import.meta.dirname, '..', 'main.mjs');
const directory = mkdtempSync(join(tmpdir(), 'emulator-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Started {
  readonly child: ChildProcess;
  readonly line: string;
}

function start(args: readonly string[], stdio: 'pipe' | 'ipc' = 'pipe'): Promise<Started> {
  const child = spawn(process.execPath, [entry, '--port', '0', '--cache', directory, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', ...(stdio === 'ipc' ? (['ipc'] as const) : [])],
    env: { ...process.env, EMULATOR_ORDERS: '7' },
  });
  return new Promise((resolve) =>
    child.stdout?.once('data', (data: Buffer) => resolve({ child, line: data.toString() })),
  );
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));

describe('the process', () => {
  it('prints its address in one line and ends on SIGTERM', async () => {
    const { child, line } = await start(['--orders', '3', '--seed', '9']);
    const [, baseUrl = ''] =
      /^Emulator ready: (http:\/\/127\.0\.0\.1:\d+\/services\/v2) \(3 orders, seed 9\)\n$/.exec(line) ?? [];
    expect((await fetch(`${baseUrl}/account`, { headers: { 'X-DC-DEVKEY': 'k' } })).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
  });

  it('takes defaults from the environment and ends when its parent is gone', async () => {
    const { child, line } = await start([], 'ipc');
    expect(line).toContain('(7 orders, seed 1)');
    child.disconnect();
    expect(await ended(child)).toBe(0);
  });

  it.each([
    [['--orders', 'many'], '--orders'],
    [['--limits', 'maybe'], '--limits'],
    [['--keys', 'a:king'], 'role of key a'],
    [['--latency', '9-1'], '--latency'],
    [['--colour'], '--colour'],
  ])('refuses %j with one message and exit code 2', async (args, problem) => {
    const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let message = '';
    child.stderr.on('data', (data: Buffer) => (message += data.toString()));
    expect(await ended(child)).toBe(2);
    expect(message).toContain(problem);
    expect(message.trim().split('\n')).toHaveLength(1);
  });
});

describe('files on disk', () => {
  it('are reused, and made again when half-written or changed', async () => {
    const cacheDir = join(directory, 'files');
    const readReport = async () => {
      const client = await startEmulator({ orders: 60, cacheDir });
      const { text } = await client.get('/report/order');
      await client.emulator.close();
      return text;
    };
    const first = await readReport();
    const folder = join(cacheDir, String(readdirSync(cacheDir)[0]));
    const [name, ...others] = readdirSync(folder);
    expect([name, others]).toEqual(['chunk-00000.ndjson', []]);
    const path = join(folder, String(name));
    const whole = readFileSync(path, 'utf8');

    // A change that keeps the file whole shows that it is read at all.
    const marked = whole.replace(/"thumbprint":"[0-9A-F]{40}"/, '"thumbprint":"MARKED"');
    writeFileSync(path, marked);
    expect(await readReport()).toContain('"MARKED"');

    writeFileSync(path, whole.slice(0, -500));
    expect(await readReport()).toBe(first);
    expect(readFileSync(path, 'utf8')).toBe(whole);

    writeFileSync(path, marked.replace(/"digest":"./, '"digest":"x'));
    expect(await readReport()).toBe(first);
  });
});
