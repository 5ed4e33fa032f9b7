import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { differences, infoColumns, listColumns, truthOf } from './emulator-truth.ts';
import type { MirrorStatus } from '../src/postgres.ts';
import { settle, startRig, waitFor, type Rig } from './mirror-rig.ts';

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

const existing = 'select * from mirror_orders where vanished_at is null';
const sum = (calls: Readonly<Record<string, number>>) => Object.values(calls).reduce((all, one) => all + one, 0);

it('goes on after a kill in the middle of the fill: what was written stays, nothing counts as read', async () => {
  const orders = 2_500;
  rig = await startRig({ emulator: { orders, seed: 9 } });
  const slow = { kind: 'slow-body', route: 'GET /report/order', delayMs: 500 };
  await rig.emulator.control('faults', { method: 'POST', body: slow });
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'fill-process.ts'), rig.database.url, rig.emulator.baseUrl],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  let written = 0;
  while (written < 1_000) {
    await sleep(20);
    expect(child.exitCode).toBeNull();
    [{ written }] = (await rig.rows('select count(*) as written from mirror_orders')) as [{ written: number }];
  }
  child.kill('SIGKILL');
  await ended;
  expect(written).toBeLessThan(orders);
  expect((await rig.sync.status()).groups.report).toEqual({ asOf: null, isComplete: false });

  await rig.emulator.control('faults', { method: 'DELETE' });
  await rig.calls();
  // The server needs a moment to see that the connection is gone, and with it the lock.
  let kind = await rig.sync.round();
  for (let look = 0; kind === 'elsewhere' && look < 100; look += 1) {
    await sleep(50);
    kind = await rig.sync.round();
  }
  expect(kind).toBe('compare');
  expect(sum(await rig.calls())).toBe(3);
  const isLater = new Set([...infoColumns, ...listColumns]);
  expect(differences(await rig.rows(existing), await truthOf(rig.emulator), (name) => !isLater.has(name))).toEqual([]);
  expect(await rig.rows('select count(*) as entries from mirror_history')).toEqual([{ entries: 0 }]);
});

it('lets one of many processes read at a time, and the others take what it read', async () => {
  rig = await startRig({ emulator: { orders: 300 }, settings: { roundSeconds: 60 } });
  const { sync: other } = await rig.other();
  const kinds = await Promise.all([rig.sync.round(), other.round()]);
  expect(kinds.sort()).toEqual(['compare', 'elsewhere']);
  expect(sum(await rig.calls())).toBe(3);
  expect(await settle(other)).toEqual(['list']);
  expect([await rig.sync.round(), await other.round()]).toEqual(['none', 'none']);
  expect(sum(await rig.calls())).toBe(1);

  // Both are asked for the same age: one reads, the other waits for it.
  const notBefore = Date.now();
  await Promise.all(
    [rig.sync, other, rig.sync, other].map((sync) => sync.refresh(new Set(['report', 'list']), notBefore, waitFor())),
  );
  expect(sum(await rig.calls())).toBe(4);
  await other.refresh(new Set(['report', 'list']), notBefore, waitFor());
  expect(sum(await rig.calls())).toBe(0);
});

it('keeps itself up to date until it is told to end, and ends at once', async () => {
  rig = await startRig({ emulator: { orders: 150 }, settings: { roundSeconds: 1 } });
  const ends = new AbortController();
  const running = rig.sync.run(ends.signal);
  const until = async (holds: (status: MirrorStatus) => boolean) => {
    for (let look = 0; look < 600; look += 1) {
      const status = await rig!.sync.status();
      if (holds(status)) return status;
      await sleep(50);
    }
    throw new Error('It did not come to that.');
  };
  await until(({ groups }) => groups.list.isComplete);
  const [{ id }] = await rig.rows(`select id from mirror_orders where status = 'issued' limit 1`);
  await rig.emulator.control(`orders/${id}`, { method: 'PATCH', body: { status: 'revoked' } });
  for (let status = ''; status !== 'revoked'; await sleep(50))
    [{ status }] = (await rig.rows('select status from mirror_orders where id = $1', [id])) as [{ status: string }];
  // CertCentral is away, and comes back.
  const [outage] = [{ kind: 'status', status: 503, route: '*' }];
  await rig.emulator.control('faults', { method: 'POST', body: outage });
  await until(({ lastRound }) => lastRound?.error !== null);
  await rig.emulator.control('faults', { method: 'DELETE' });
  await until(({ lastRound }) => lastRound?.error === null);

  await rig.emulator.control('faults', {
    method: 'POST',
    body: { kind: 'delay', route: '*', delayMs: 30_000 },
  });
  await sleep(1_500);
  const beganMs = performance.now();
  ends.abort(new Error('the end'));
  await running;
  expect(performance.now() - beganMs).toBeLessThan(5_000);
  await rig.emulator.control('faults', { method: 'DELETE' });
  expect(
    await rig.rows(
      `select count(*) as held from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    ),
  ).toEqual([{ held: 0 }]);
});
