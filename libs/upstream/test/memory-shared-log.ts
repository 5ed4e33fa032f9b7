import type { Clock } from '@certfolio/core';
import { fewPart, reserve, soonMs } from '../src/call-log.ts';
import {
  onBehalfOfIn,
  placeIds,
  placesAt,
  processOf,
  type Answer,
  type Contact,
  type LogState,
  type SharedLog,
  type SharedRules,
} from '../src/shared-log.ts';

interface Listed {
  heardMs: number;
  divisor: number;
  waitingRank: number;
}

/** A log that is in place but may be emptied, as a Redis that starts again is. */
export interface MemorySharedLog extends SharedLog {
  empty(): void;
}

/** The rules of a shared log in plain words, for specs that set the time. What it does, Redis does: both pass one contract. */
export function createMemorySharedLog(clock: Clock, rules: SharedRules): MemorySharedLog {
  const calls = new Map<string, number>();
  const flight = new Map<string, number>();
  const listed = new Map<string, Listed>();
  let epoch: string | null = null;
  let pausedUntilMs = 0;
  const shortest = rules.windows.reduce((a, b) => (b.windowMs < a.windowMs ? b : a));
  const longestMs = Math.max(...rules.windows.map(({ windowMs }) => windowMs));

  const now = () => clock.monotonicMs();
  const log = (id: string, atMs: number) => calls.set(id, Math.max(atMs, calls.get(id) ?? atMs));
  const wrong = (contact: Contact): 'lost' | 'late' | null => {
    if (epoch === null || contact.epoch !== epoch) return 'lost';
    return now() > contact.notAfterMs ? 'late' : null;
  };
  const tidy = () => {
    for (const [id, untilMs] of flight) {
      if (untilMs > now()) continue;
      flight.delete(id);
      log(id, untilMs);
    }
    for (const [id, atMs] of calls) if (atMs <= now() - longestMs) calls.delete(id);
    for (const [process, { heardMs }] of listed) if (heardMs <= now() - rules.forgetMs) listed.delete(process);
  };
  const hear = (process: string, divisor: number, waitingRank: number | null) =>
    listed.set(process, { heardMs: now(), divisor, waitingRank: waitingRank ?? Infinity });
  const renew = (ids: readonly string[]) => {
    for (const id of ids) {
      flight.set(id, now() + rules.leaseMs);
      calls.delete(id);
    }
  };
  const part = (asker: string) => {
    const silent = [...listed].filter(([name, { heardMs }]) => name !== asker && now() - heardMs > rules.silentMs);
    const kept = silent.reduce((sum, [, { divisor }]) => sum + 1 / (divisor < 1 ? rules.unknownDivisor : divisor), 0);
    return Math.max(0, 1 - kept);
  };
  const state = (asker: string): LogState => ({
    epoch: epoch!,
    nowMs: now(),
    pausedMs: Math.max(0, pausedUntilMs - now()),
    calls: [...calls].map(([id, atMs]) => ({ id, ageMs: now() - atMs })),
    inFlight: [...flight.keys()],
    peers: [...listed].map(([process, { divisor, heardMs }]) => ({ process, divisor, silentForMs: now() - heardMs })),
    part: part(asker),
  });
  const idsWithin = (windowMs: number) => [
    ...flight.keys(),
    ...[...calls].filter(([, atMs]) => atMs > now() - windowMs).map(([id]) => id),
  ];
  const hasRoom = (id: string, rank: number, places: number) => {
    const windows = rules.windows.map(({ calls: most, windowMs }) => {
      const limit = most;
      const ids = idsWithin(windowMs);
      const few = Math.floor(limit * fewPart);
      return {
        isFull: ids.length + places > limit,
        isCrowded:
          idsWithin(windowMs - soonMs(windowMs)).length + places >
          limit - Math.min(reserve.mostCalls, Math.floor(limit * reserve.part)),
        hasFew: ids.filter((other) => onBehalfOfIn(other) === onBehalfOfIn(id)).length < few,
      };
    });
    if (windows.some(({ isFull }) => isFull)) return false;
    return windows.every(({ isCrowded }) => !isCrowded) || (rank === 0 && windows.every(({ hasFew }) => hasFew));
  };
  const within = (contact: Contact): Answer<'ok'> => wrong(contact) ?? 'ok';

  return {
    async join({ process, divisor, waitingRank, newEpoch, calls: theirs, callsBefore, inFlight, peers }) {
      if (epoch === null) {
        epoch = newEpoch;
        for (let place = 0; place < shortest.calls; place += 1) log(`lost.${epoch}${place}.`, now());
        for (const { id, ageMs } of callsBefore) log(id, now() - ageMs);
      }
      for (const { id, ageMs } of theirs) {
        if (processOf(id) === process) flight.delete(id);
        if (!flight.has(id)) log(id, now() - ageMs);
      }
      for (const peer of peers) {
        const heardMs = now() - peer.silentForMs;
        const known = listed.get(peer.process);
        if (known === undefined) listed.set(peer.process, { heardMs, divisor: peer.divisor, waitingRank: Infinity });
        else known.heardMs = Math.max(known.heardMs, heardMs);
      }
      renew(inFlight);
      tidy();
      hear(process, divisor, waitingRank);
      listed.get(process)!.heardMs -= rules.silentMs + 1;
      return state(process);
    },
    async beat(contact, inFlight) {
      const problem = wrong(contact);
      if (problem !== null) return problem;
      renew(inFlight);
      tidy();
      hear(contact.process, contact.divisor, contact.waitingRank);
      return state(contact.process);
    },
    async take(contact, { id, rank, nextRank }) {
      const problem = wrong(contact);
      if (problem !== null) return problem;
      tidy();
      hear(contact.process, contact.divisor, rank);
      const others = [...listed]
        .filter(([process, { heardMs }]) => process !== contact.process && now() - heardMs <= rules.silentMs)
        .map(([, { waitingRank }]) => waitingRank);
      const othersRank = Math.min(...others, Infinity);
      if (pausedUntilMs > now()) return { slot: 'paused', state: state(contact.process) };
      if (othersRank < rank) return { slot: 'yield', state: state(contact.process) };
      const places = placesAt(part(contact.process));
      if (!hasRoom(id, rank, places)) return { slot: 'full', state: state(contact.process) };
      const ids = placeIds(id, places);
      for (const placeId of ids) flight.set(placeId, now() + rules.leaseMs);
      hear(contact.process, contact.divisor, nextRank);
      return { slot: 'granted', ids, othersWait: othersRank === rank };
    },
    async settle(known, { ids, how }) {
      const answer = within({ process: '', divisor: 0, waitingRank: null, epoch: known, notAfterMs: Infinity });
      if (answer !== 'ok') return answer;
      for (const id of ids) {
        flight.delete(id);
        if (how === 'answered') log(id, now());
      }
      return 'ok';
    },
    async pause(known, ms) {
      if (known !== epoch) return 'lost';
      pausedUntilMs = Math.max(pausedUntilMs, now() + ms);
      return 'ok';
    },
    async leave(process) {
      listed.delete(process);
    },
    empty() {
      epoch = null;
      pausedUntilMs = 0;
      for (const part of [calls, flight, listed]) part.clear();
    },
  };
}
