import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { defaultMirror } from '@certfolio/runtime';
import { openMirror } from './binding.postgres.ts';
import { deleteHistory } from './history.postgres.ts';
import { keepFilling, keepRounds, type LoopOptions } from './sync-loops.ts';

let database: TestDatabase;
let upstreamId: number;
beforeAll(async () => {
  database = await createTestDatabase();
  ({ upstreamId } = await openMirror(database.pool, { name: 'spec', baseUrl: 'https://spec.test', accountId: 1 }));
});
afterAll(() => database?.drop());

/** Answers of the rounds, in order; an error is thrown, and `none` follows. */
function loops(answers: readonly (string | Error)[], random = 0.5) {
  const clock = new FakeClock();
  const atSeconds: number[] = [];
  const left = [...answers];
  const sync = {
    async round() {
      atSeconds.push(clock.nowMs() / 1_000 - startSeconds);
      const answer = left.shift() ?? 'none';
      if (answer instanceof Error) throw answer;
      return answer as 'none';
    },
    async backfillStep() {
      atSeconds.push(clock.nowMs() / 1_000 - startSeconds);
      const answer = left.shift() ?? 'none';
      if (answer instanceof Error) throw answer;
      return answer === 'none' ? 0 : 40;
    },
  };
  const startSeconds = clock.nowMs() / 1_000;
  const options: LoopOptions = {
    sync,
    pool: database.pool,
    upstreamId,
    settings: defaultMirror,
    clock,
    random: () => random,
    logger: silentLogger,
  };
  return { options, clock, atSeconds };
}

/** Lets the database answer as well, which the clock knows nothing of. */
async function advance(clock: FakeClock, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    await clock.advance(1_000);
    if (left % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it('reads on at once while something is due, then rests for a round', async () => {
  const { options, clock, atSeconds } = loops(['compare', 'list', 'none', 'follow', 'none', 'elsewhere']);
  const ends = new AbortController();
  const running = keepRounds(options, ends.signal);
  await new Promise((resolve) => setTimeout(resolve, 100)); // retention, at the first rest
  await advance(clock, 125);
  expect(atSeconds).toEqual([0, 0, 0, 60, 60, 120]);
  ends.abort();
  await running;
});

it('comes back later and later while rounds fail, within two minutes', async () => {
  const failure = new Error('down');
  const { options, clock, atSeconds } = loops([failure, failure, failure, failure, 'none']);
  const ends = new AbortController();
  const running = keepRounds(options, ends.signal);
  await advance(clock, 420);
  expect(atSeconds).toEqual([0, 60, 180, 300, 420]);
  ends.abort();
  await running;
});

it('spreads its rounds by a tenth', async () => {
  const { options, clock, atSeconds } = loops(['elsewhere'], 0);
  const ends = new AbortController();
  const running = keepRounds(options, ends.signal);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await advance(clock, 54);
  expect(atSeconds).toEqual([0, 54]);
  ends.abort();
  await running;
});

it('fills in at four calls a second once a start has settled, and looks again after a rest', async () => {
  const { options, clock, atSeconds } = loops(['step', 'step', 'none', new Error('down'), 'step']);
  const ends = new AbortController();
  const running = keepFilling(options, ends.signal);
  await clock.advance(74_000); // a step reads 40 orders
  expect(atSeconds).toEqual([30, 40, 50, 55, 60, 70]);
  ends.abort();
  await running;
});

it('deletes what is older than is kept, and nothing else', async () => {
  const before = new Date('2026-11-01T00:00:00Z');
  await database.pool.query(
    `insert into mirror_history (upstream_id, order_id, change, seen_at)
     select $1, n, 'added', $2::timestamptz + (n - 5001) * interval '1 second' from generate_series(1, 5010) as n`,
    [upstreamId, before],
  );
  expect(await deleteHistory(database.pool, upstreamId, before)).toBe(5_000);
  const { rows } = await database.pool.query('select min(order_id) as first, count(*) as entries from mirror_history');
  expect(rows).toEqual([{ first: 5_001, entries: 10 }]);
});
