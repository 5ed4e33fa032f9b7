import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { startEmulator } from '@certfolio/testing';
import { createCaller, dataOf } from '../harness/index.ts';
import { adminKey, createLife, expectNoProcessOf } from './life.ts';
import { processesOf } from './process-tree.fs.ts';

const life = createLife();
const root = join(import.meta.dirname, '../../..');

describe('the end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s: runs in flight are answered, then exit 0 within 10 s',
    async (signal) => {
      const emulator = await startEmulator({ orders: 100, latency: '1500-1600' });
      try {
        const product = await life.start(life.folder(`end-${signal}`), {
          CERTCENTRAL_API_KEY: 'upstream-key',
          CERTCENTRAL_BASE_URL: emulator.baseUrl,
        });
        const caller = createCaller(product.url, adminKey);
        const inFlight = [
          caller.report('expiring-soon.csv?days=300'),
          caller.graphql('{ orders(first: 5) { nodes { id } } }'),
        ];
        await sleep(400);
        const askedMs = performance.now();
        const ending = product.stop(signal);
        for (const answer of await Promise.all(inFlight))
          expect([answer.status, answer.text.length > 20]).toEqual([200, true]);
        const { code, stderr } = await ending;
        expect([code, stderr]).toEqual([0, '']);
        expect(performance.now() - askedMs).toBeLessThan(10_000);
        await expect(fetch(`${product.url}/healthz`)).rejects.toThrow();
        await expectNoProcessOf(life.folder(`end-${signal}`));
      } finally {
        await emulator.stop();
      }
    },
  );

  it('by Ctrl-C, which reaches every process of the terminal, is as clean', async () => {
    const dataDir = life.folder('ctrl-c');
    const product = await life.start(dataDir, {}, { ownGroup: true });
    const caller = createCaller(product.url, adminKey);
    const { upstream } = dataOf<{ upstream: { host: string } }>(await caller.graphql('{ upstream { host } }'));
    await fetch(`http://${upstream.host}/__emulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ route: '*', kind: 'delay', rate: 1, count: 0, delayMs: 1_500 }),
    });
    const inFlight = caller.report('expiring-soon.json?days=300');
    await sleep(400);
    process.kill(-product.pid, 'SIGINT');
    expect((await inFlight).status).toBe(200);
    const { code, stderr } = await product.stop('SIGINT');
    expect([code, stderr]).toEqual([0, '']);
    await expectNoProcessOf(dataDir);
  });

  it('during the start ends the start', async () => {
    const dataDir = life.folder('end-early');
    const { child, ended } = life.spawn(dataDir);
    await sleep(900);
    const askedMs = performance.now();
    child.kill('SIGTERM');
    await ended;
    expect(performance.now() - askedMs).toBeLessThan(10_000);
    await expectNoProcessOf(dataDir);
  });

  it('of npm alone, which hands a signal to nobody but its shell, ends what it started', async () => {
    const dataDir = life.folder('end-of-npm');
    const npm = spawn('npm', ['start'], {
      cwd: root,
      env: {
        ...process.env,
        ...{ PORT: '0', EMULATOR_PORT: '0', EMULATOR_ORDERS: '200', CERTFOLIO_DATA_DIR: dataDir },
      },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const greeting = Promise.withResolvers<void>();
    npm.stdout.on('data', (piece: Buffer) => {
      if (String(piece).includes('http://')) greeting.resolve();
    });
    try {
      await greeting.promise;
      expect(processesOf(dataDir)).not.toEqual([]);
      npm.kill('SIGTERM');
      await expectNoProcessOf(dataDir);
    } finally {
      endGroup(npm.pid!);
    }
  });
});

/** What is still there of it, which is nothing unless the test fails. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // None of it is left.
  }
}
