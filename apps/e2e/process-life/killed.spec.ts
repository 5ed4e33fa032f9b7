import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { CertfolioProcess } from '@certfolio/testing';
import { createCaller, dataOf } from '../harness/index.ts';
import { adminKey, createLife, expectNoProcessOf } from './life.ts';
import { processesOf } from './process-tree.fs.ts';

const life = createLife();
/** Of a start on an old folder, until the first template is answered. */
const soonMs = 15_000;

describe('a product that is killed', () => {
  it('leaves no process behind, and a new start finds its keys and templates; it answers soon', async () => {
    const dataDir = life.folder('killed');
    const first = await life.start(dataDir);
    const admin = createCaller(first.url, adminKey);
    const create = 'mutation { createKey(input: {name: "survivor", level: ID_ONLY}) { secret } }';
    const { createKey } = dataOf<{ createKey: { secret: string } }>(await admin.graphql(create));
    const before = (await admin.report('openapi.json')).text;
    if (process.platform === 'linux') expect(processesOf(dataDir)!.length).toBeGreaterThan(1);
    expect((await first.stop('SIGKILL')).signal).toBe('SIGKILL');
    await expectNoProcessOf(dataDir);

    // The machine may be slow, and busy with other tests: what is far too long shows in the best of three.
    let second: CertfolioProcess;
    let best = Infinity;
    for (let attempt = 1; ; attempt += 1) {
      const startedMs = performance.now();
      second = await life.start(dataDir);
      const survivor = createCaller(second.url, createKey.secret);
      const answer = await survivor.report('expiring-soon.json?days=60');
      const toAnswerMs = performance.now() - startedMs;
      expect(answer.status).toBe(200);
      best = Math.min(best, toAnswerMs);
      process.stdout.write(
        `Start on an old folder: greeting after ${Math.round(second.startMs)} ms, first template answered after ${Math.round(toAnswerMs)} ms.\n`,
      );
      if (best < soonMs || attempt === 3) break;
      await second.stop();
    }
    expect(best).toBeLessThan(soonMs);
    const after = (await createCaller(second.url, adminKey).report('openapi.json')).text;
    expect(after.replaceAll(second.url, '')).toBe(before.replaceAll(first.url, ''));
    expect((await second.stop()).code).toBe(0);
    await expectNoProcessOf(dataDir);
  });

  it('at any moment of its start leaves nothing that the next start stumbles over', async () => {
    const dataDir = life.folder('killed-early');
    for (const afterMs of [200, 600, 1_000, 1_400]) {
      const { child, ended } = life.spawn(dataDir);
      await sleep(afterMs);
      child.kill('SIGKILL');
      await ended;
    }
    const product = await life.start(dataDir);
    expect((await createCaller(product.url, adminKey).report('expiring-soon.json')).status).toBe(200);
    expect((await product.stop()).code).toBe(0);
    await expectNoProcessOf(dataDir);
  });
});

describe('a second process on the same data folder', () => {
  it('says so and ends with 1; the first goes on', async () => {
    const dataDir = life.folder('shared');
    const first = await life.start(dataDir);
    const second = await life.spawn(dataDir).ended;
    expect([second.code, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toContain(`is in use by process ${first.pid}`);
    expect(second.stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect((await createCaller(first.url, adminKey).report('expiring-soon.json')).status).toBe(200);
    expect((await first.stop()).code).toBe(0);
  });
});
