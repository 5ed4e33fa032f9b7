import type { Clock, Logger } from '@certfolio/core';
import { untouchedState, type RouteState } from './route-state.ts';
import type { RouteStateStore } from './state-store.ts';

/** The states in force, by route and key. */
export interface CurrentStates {
  /** In force for the key: its override, else the state of the route, else that of a route that nobody touched. */
  stateOf(route: string, keyId: string): RouteState;
}

export interface RouteStates {
  /**
   * The states as the database has them at this moment or later, so that a change holds for the next call of every process.
   * While the database does not answer, those that were known last.
   */
  current(): Promise<CurrentStates>;
  /** As they were known last; asks nobody. */
  lastKnown(): CurrentStates;
}

export interface RouteStatesOptions {
  readonly store: Pick<RouteStateStore, 'revision' | 'all'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After so long the states known last hold. Default 1,000. */
  readonly timeoutMs?: number;
}

/** While the database fails, it is asked again this often rather than by every call. */
const retryEveryMs = 1_000;

/** @throws what the database throws when the states cannot be read at the start */
export async function openRouteStates({
  store,
  clock,
  logger,
  timeoutMs = 1_000,
}: RouteStatesOptions): Promise<RouteStates> {
  const first = await store.all();
  let revision = first.revision;
  let known = statesOf(first.states);
  let failedAtMs: number | null = null;
  let asking: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function ask(): Promise<void> {
    if (failedAtMs !== null && clock.monotonicMs() - failedAtMs < retryEveryMs) return;
    try {
      await within(timeoutMs, read(), clock);
      failedAtMs = null;
    } catch (error) {
      if (failedAtMs === null)
        logger.warn({ reason: String(error) }, 'States of routes could not be read; those known last hold.');
      failedAtMs = clock.monotonicMs();
    }
  }

  async function read(): Promise<void> {
    if ((await store.revision()) === revision) return;
    const all = await store.all();
    revision = all.revision;
    known = statesOf(all.states);
  }

  /** A question that is under way may have been answered before a change that this caller has to see; so it waits for the next. */
  function refreshed(): Promise<void> {
    if (asking === null) {
      asking = ask().finally(() => (asking = null));
      return asking;
    }
    next ??= asking.then(() => {
      next = null;
      return refreshed();
    });
    return next;
  }

  return {
    async current() {
      await refreshed();
      return known;
    },
    lastKnown: () => known,
  };
}

function statesOf(states: readonly RouteState[]): CurrentStates {
  const byPlace = new Map(states.map((state) => [`${state.keyId ?? ''}\n${state.route}`, state]));
  return {
    stateOf: (route, keyId) => byPlace.get(`${keyId}\n${route}`) ?? byPlace.get(`\n${route}`) ?? untouchedState(route),
  };
}

async function within(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  late.catch(() => undefined);
  work.catch(() => undefined);
  try {
    await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
