import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import type { RolloutWindow } from '../comparison/comparison-store.ts';
import { defaultGates, rampPlan } from './plan.ts';
import { followRamps, runRamps, type AutomaticAct, type RampLoopOptions } from './ramp-loop.ts';
import { createRolloutLock } from './rollout-lock.postgres.ts';
import { untouchedState, type RouteState } from './route-state.ts';

const route = 'GET /order/certificate';
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function ramping(percent: number, auto: boolean): RouteState {
  const plan = rampPlan([5, 50, 100], { ...defaultGates, minMinutes: 0 }, auto);
  return {
    ...untouchedState(route),
    state: 'ramping',
    percent,
    plan,
    version: 4,
    changedAt: new Date('2026-11-23T11:00:00Z'),
  };
}

/** One state and its counts as a few lines; a change that was decided on another version is refused, as by the real store. */
function stand(first: RouteState, counts: Partial<RolloutWindow>) {
  let state = first;
  const acts: AutomaticAct[] = [];
  const clock = new FakeClock('2026-11-23T12:00:00Z');
  const window: RolloutWindow = {
    ...{ route, version: 4, minute: new Date('2026-11-23T11:59:00Z'), compared: 0, different: 0 },
    ...{ graphCalls: 0, graphErrors: 0, legacyCalls: 0, graphLatency: [], legacyLatency: [], ...counts },
  };
  const options: RampLoopOptions = {
    states: {
      all: async () => ({ revision: state.version, states: [state] }),
      async change(change, expected) {
        if (expected !== state.version) return null;
        state = { ...state, ...change, version: state.version + 1, changedAt: new Date(clock.nowMs()) };
        return state;
      },
    },
    counts: { windows: async (_route, version) => (version === window.version ? [window] : []) },
    lock: createRolloutLock(database.pool),
    async record(act, work) {
      acts.push(act);
      return work();
    },
    clock,
    logger: silentLogger,
  };
  return { options, acts, clock, state: () => state };
}

it('takes a ramp at 50 % back to 0 with the reason in state and audit log', async () => {
  const { options, acts, state } = stand(ramping(50, false), { compared: 40, different: 3 });
  await runRamps(options);
  expect(state()).toMatchObject({
    state: 'ramping',
    percent: 0,
    changedBy: 'automatic',
    reason: 'Rolled back from 50 %: 3 of 40 compared answers differed; the gate allows 0.1 %.',
  });
  expect(acts).toEqual([
    {
      act: 'rollBackRamp',
      arguments: {
        route,
        from: 50,
        to: 0,
        reason: '3 of 40 compared answers differed; the gate allows 0.1 %.',
      },
    },
  ]);
  expect(await runRamps(options)).toEqual([]);
});

it('takes the next step once, and none of it on the counts of the step before', async () => {
  const { options, acts, state } = stand(ramping(5, true), { compared: 300 });
  await runRamps(options);
  await runRamps(options);
  expect([state().percent, acts.length]).toEqual([50, 1]);
});

it('leaves what a person changed after it looked', async () => {
  const { options, state } = stand(ramping(50, false), { compared: 40, different: 3 });
  const late: RampLoopOptions = {
    ...options,
    async record(act, work) {
      await options.states.change({ route, keyId: null, changedBy: 'key1', reason: 'enough', state: 'proxied' }, 4);
      return options.record(act, work);
    },
  };
  expect(await runRamps(late)).toEqual([]);
  expect(state()).toMatchObject({ state: 'proxied', changedBy: 'key1' });
});

it('decides in one process at a time', async () => {
  const lock = createRolloutLock(database.pool);
  const other = createRolloutLock(database.pool);
  const held = await lock.whileHeld(() => other.whileHeld(async () => 'both'));
  expect(held).toEqual({ result: null });
  expect(await other.whileHeld(async () => 'after')).toEqual({ result: 'after' });
});

it('follows ramps until it is told to stop, and goes on after a failure', async () => {
  const { options, clock, state } = stand(ramping(50, false), { compared: 40, different: 3 });
  const ending = new AbortController();
  let fails = 1;
  const lock = {
    whileHeld: (work: () => Promise<unknown>) =>
      fails-- > 0 ? Promise.reject(new Error('away')) : work().then((result) => ({ result })),
  };
  const following = followRamps({ ...options, lock: lock as RampLoopOptions['lock'], everyMs: 10_000 }, ending.signal);
  await clock.advance(10_000);
  expect(state().percent).toBe(50);
  await clock.advance(10_000);
  expect(state().percent).toBe(0);
  ending.abort();
  await following;
});
