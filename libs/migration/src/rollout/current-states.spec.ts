import { expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { openRouteStates } from './current-states.ts';
import { untouchedState, type RouteState } from './route-state.ts';

const route = 'GET /domain';

/** A database of which a test decides when it answers. */
function slowStore() {
  let revision = 1;
  let states: readonly RouteState[] = [];
  const questions: PromiseWithResolvers<number>[] = [];
  return {
    questions,
    /** Answers the oldest open question with what is in force at this moment. */
    answer: () => questions.shift()!.resolve(revision),
    set(state: RouteState['state'], keyId: string | null = null) {
      revision += 1;
      states = [...states.filter((each) => each.keyId !== keyId), { ...untouchedState(route), state, keyId }];
    },
    store: {
      revision: () => {
        const question = Promise.withResolvers<number>();
        questions.push(question);
        return question.promise;
      },
      all: async () => ({ revision, states }),
    },
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('a call that comes while a question is under way waits for one that was asked after it came', async () => {
  const { questions, answer, set, store } = slowStore();
  const states = await openRouteStates({ store, clock: new FakeClock(), logger: silentLogger });
  const before = states.current();
  const old = questions[0]!;
  const revisionThen = 1;
  set('gone');
  const after = [states.current(), states.current()];
  old.resolve(revisionThen);
  questions.shift();
  expect((await before).stateOf(route, 'k').state).toBe('proxied');
  await settled();
  // Both share one question.
  expect(questions.length).toBe(1);
  answer();
  for (const each of after) expect((await each).stateOf(route, 'k').state).toBe('gone');
});

it('an override holds for its key alone', async () => {
  const { answer, set, store } = slowStore();
  const states = await openRouteStates({ store, clock: new FakeClock(), logger: silentLogger });
  set('served');
  set('proxied', 'mover');
  const current = states.current();
  answer();
  const { stateOf } = await current;
  expect([stateOf(route, 'mover').state, stateOf(route, 'other').state, stateOf('GET /x', 'other').state]).toEqual([
    'proxied',
    'served',
    'proxied',
  ]);
});

it('while the database does not answer, the states known last hold, and it is asked once a second', async () => {
  const { questions, answer, set, store } = slowStore();
  const clock = new FakeClock();
  const states = await openRouteStates({ store, clock, logger: silentLogger });
  set('served');
  const first = states.current();
  answer();
  await first;
  set('gone');
  const second = states.current();
  questions.shift()!.reject(new Error('away'));
  expect((await second).stateOf(route, 'k').state).toBe('served');
  expect((await states.current()).stateOf(route, 'k').state).toBe('served');
  expect(questions.length).toBe(0);
  await clock.advance(1_000);
  const third = states.current();
  answer();
  expect((await third).stateOf(route, 'k').state).toBe('gone');
});
