import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { whyUnreachable } from './errors.ts';
import { createPool, createQueries } from './pool.postgres.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

it('reads bigint as number, numeric and date as text, timestamps as Date', async () => {
  const { rows } = await database.pool.query(
    `select 9007199254740991 as big, 238.00 as money, date '2026-11-23' as day, timestamptz '2026-11-23 12:00:00+00' as at, array[1, 2]::bigint[] as bigs`,
  );
  expect(rows).toEqual([
    {
      big: 9007199254740991,
      money: '238.00',
      day: '2026-11-23',
      at: new Date('2026-11-23T12:00:00Z'),
      bigs: ['1', '2'],
    },
  ]);
});

it('fails a query rather than rounding a bigint', async () => {
  await expect(database.pool.query('select 9007199254740993 as big')).rejects.toThrow(
    'The bigint 9007199254740993 is beyond',
  );
  expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it('ends a statement that takes too long', async () => {
  const pool = createPool(database.url, {
    applicationName: 'spec',
    max: 1,
    logger: silentLogger,
    statementTimeoutMs: 50,
  });
  await expect(pool.query('select pg_sleep(5)')).rejects.toThrow('statement timeout');
  await pool.end();
});

it('waits longer for a free connection than for a server that says nothing', async () => {
  const pool = createPool(database.url, {
    ...{ applicationName: 'spec', max: 1, logger: silentLogger },
    ...{ connectTimeoutMs: 2_000, freeTimeoutMs: 30_000 },
  });
  const [, { rows }] = await Promise.all([pool.query('select pg_sleep(2.5)'), pool.query('select 1 as one')]);
  expect(rows).toEqual([{ one: 1 }]);
  await pool.end();

  const mute = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
  await new Promise((resolve) => mute.once('listening', resolve));
  const { port } = mute.address() as AddressInfo;
  const toMute = createPool(`postgres://somebody@127.0.0.1:${port}/any`, {
    ...{ applicationName: 'spec', max: 1, logger: silentLogger },
    ...{ connectTimeoutMs: 100, freeTimeoutMs: 60_000 },
  });
  const beganMs = performance.now();
  const failure: unknown = await toMute.query('select 1').catch((error: unknown) => error);
  expect(whyUnreachable(failure)).toBe('the connection was lost');
  expect(performance.now() - beganMs).toBeLessThan(30_000);
  await toMute.end();
  await new Promise((resolve) => mute.close(resolve));
});

it('survives a server that cuts its idle connections, and says so in the log', async () => {
  const warned: object[] = [];
  const logger = { ...silentLogger, warn: (facts: object) => void warned.push(facts) };
  const pool = createPool(database.url, { applicationName: 'to-be-cut', max: 1, logger });
  const lost = new Promise((resolve) => pool.once('remove', resolve));
  await pool.query('select 1');
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to-be-cut'`,
  );
  await lost;
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  expect(warned).toEqual([expect.objectContaining({ applicationName: 'to-be-cut' })]);
  await pool.end();
});

it('gives kysely the types that its user states', async () => {
  const queries = createQueries<{ upstreams: { id: number; name: string } }>(database.pool);
  expect(await queries.selectFrom('upstreams').select(['id', 'name']).execute()).toEqual([]);
});
