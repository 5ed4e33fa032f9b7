import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  callId,
  callOf,
  placeIds,
  type Contact,
  type Joining,
  type LogState,
  type SharedLog,
  type SharedRules,
} from '../src/shared-log.ts';

export const contractRules: SharedRules = {
  windows: [
    { calls: 10, windowMs: 500 },
    { calls: 40, windowMs: 2_000 },
  ],
  silentMs: 300,
  forgetMs: 900,
  leaseMs: 400,
  unknownDivisor: 4,
};

export interface SharedLogUnderTest {
  readonly log: SharedLog;
  passTime(ms: number): Promise<void>;
  /** As a server that starts again without data. */
  empty(): Promise<void>;
}

/** What every shared log does. `open` gives one that is not there yet. */
export function describeSharedLog(open: () => Promise<SharedLogUnderTest>): void {
  describe('a shared log', () => {
    let under: SharedLogUnderTest;
    let log: SharedLog;
    let number = 0;

    beforeEach(async () => {
      under = await open();
      ({ log } = under);
    });

    const joining = (process: string, more: Partial<Joining> = {}): Joining => ({
      process,
      divisor: 0,
      waitingRank: null,
      epoch: null,
      newEpoch: `epoch-of-${process}`,
      calls: [],
      callsBefore: [],
      inFlight: [],
      peers: [],
      ...more,
    });
    const contact = (process: string, { epoch, nowMs }: LogState, more: Partial<Contact> = {}): Contact => ({
      process,
      divisor: 0,
      waitingRank: null,
      epoch,
      notAfterMs: nowMs + 60_000,
      ...more,
    });
    const newId = (process: string, onBehalfOf = 'a') => callId(process, (number += 1), onBehalfOf);
    const take = async (process: string, state: LogState, rank = 3, onBehalfOf = 'a', more: Partial<Contact> = {}) => {
      const id = newId(process, onBehalfOf);
      const answer = await log.take(contact(process, state, more), { id, rank, nextRank: null });
      return { id, slot: typeof answer === 'string' ? answer : answer.slot, answer };
    };
    const beat = async (
      process: string,
      state: LogState,
      inFlight: readonly string[] = [],
      more: Partial<Contact> = {},
    ) => {
      const answer = await log.beat(contact(process, state, more), inFlight);
      if (typeof answer === 'string') throw new Error(answer);
      return answer;
    };
    const answered = (state: LogState, id: string) => log.settle(state.epoch, { ids: [id], how: 'answered' });
    /** Joins, and says something with what it was answered. */
    const arrive = async (process: string, more: Pick<Partial<Contact>, 'divisor' | 'waitingRank'> = {}) => {
      const state = await log.join(joining(process, more));
      return beat(process, state, [], more);
    };
    /** Arrived, and past what a new log counts as full; the long window still holds those ten. */
    const joined = async (process = 'p'): Promise<LogState> => {
      const state = await arrive(process);
      await under.passTime(510);
      return state;
    };
    const takeAll = async (process: string, state: LogState, rank = 3, onBehalfOf = 'a') => {
      const ids: string[] = [];
      for (;;) {
        const { slot, id } = await take(process, state, rank, onBehalfOf);
        if (slot !== 'granted') return { ids, slot };
        ids.push(id);
      }
    };

    it('that was not there begins with a full shortest window', async () => {
      const state = await log.join(joining('p'));
      expect(state).toMatchObject({
        epoch: 'epoch-of-p',
        part: 1,
        peers: [{ process: 'p', divisor: 0, silentForMs: 301 }],
      });
      expect(state.calls).toHaveLength(10);
      expect((await take('p', state)).slot).toBe('full');
      await under.passTime(510);
      expect((await take('p', state)).slot).toBe('granted');
      expect((await log.join(joining('q'))).calls.length).toBeLessThanOrEqual(10);
    });

    it('grants what each window holds, less a fifth', async () => {
      const state = await joined();
      const granted: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const { ids, slot } = await takeAll('p', state);
        expect(slot).toBe('full');
        granted.push(ids.length);
        for (const id of ids) await answered(state, id);
        await under.passTime(510);
      }
      expect(granted).toEqual([8, 8, 8]);
    });

    it('keeps the fifth for interactive callers with few calls', async () => {
      const state = await joined();
      await takeAll('p', state, 0, 'greedy');
      expect((await take('p', state, 0, 'greedy')).slot).toBe('full');
      expect((await take('p', state, 1, 'modest')).slot).toBe('full');
      expect((await take('p', state, 0, 'modest')).slot).toBe('granted');
      expect((await take('p', state, 0, 'modest')).slot).toBe('full');
      expect((await take('p', state, 0, 'other.with.dots')).slot).toBe('granted');
      expect((await take('p', state, 0, 'other.with.dots')).slot).toBe('full');
    });

    it('counts a call until a window after its headers, and not when it was never sent', async () => {
      const state = await joined();
      const { ids } = await takeAll('p', state);
      await log.settle(state.epoch, { ids: [ids[0]!], how: 'unused' });
      const again = await take('p', state);
      expect(again.slot).toBe('granted');
      await under.passTime(250);
      for (const id of [...ids.slice(1), again.id]) await answered(state, id);
      await under.passTime(270); // 520 ms after the grants
      expect((await take('p', state)).slot).toBe('full');
      const { calls, inFlight } = await beat('p', state);
      expect(inFlight).toEqual([]);
      expect(calls.filter(({ id }) => id.startsWith('p.'))).toHaveLength(8);
    });

    it('takes a call of a silent process as answered when its lease ends', async () => {
      const state = await joined();
      const { ids } = await takeAll('p', state);
      await log.join(joining('q'));
      await under.passTime(200);
      expect((await beat('p', state, [ids[0]!])).inFlight).toHaveLength(8);
      await under.passTime(250);
      const after = await beat('q', state);
      expect(after.inFlight).toEqual([ids[0]]);
      expect(after.calls.filter(({ id }) => id.startsWith('p.'))).toHaveLength(7);
    });

    it('lets lower lanes wait while a higher one waits elsewhere, as long as that process lives', async () => {
      const state = await joined();
      await arrive('q', { waitingRank: 0 });
      expect((await take('p', state, 3)).slot).toBe('yield');
      expect((await take('p', state, 0)).answer).toMatchObject({ slot: 'granted', othersWait: true });
      await beat('q', state, [], { waitingRank: 3 });
      expect((await take('p', state, 3)).answer).toMatchObject({ slot: 'granted', othersWait: true });
      await beat('q', state, [], { waitingRank: 0 });
      await under.passTime(310);
      expect((await take('p', state, 3)).answer).toMatchObject({ slot: 'granted', othersWait: false });
    });

    it('publishes the lane in which others go on waiting, after a grant and after a refusal', async () => {
      const state = await joined();
      await log.join(joining('q'));
      await log.take(contact('q', state), { id: newId('q'), rank: 0, nextRank: 1 });
      expect((await take('p', state, 2)).slot).toBe('yield');
      expect((await take('p', state, 1)).slot).toBe('granted');
      expect((await takeAll('p', state, 1)).slot).toBe('full');
      expect((await take('q', state, 0, 'b')).slot).toBe('granted'); // nobody of q waits any longer
      expect((await take('p', state, 1)).slot).toBe('full');
      expect((await take('q', state, 0, 'b')).slot).toBe('full');
      expect((await take('p', state, 1)).slot).toBe('yield');
    });

    it('keeps the part of a process that fell silent, until it leaves, or is taken as dead', async () => {
      const state = await joined();
      await arrive('q', { divisor: 2 });
      expect((await beat('p', state)).part).toBe(1);
      await under.passTime(310);
      expect((await beat('p', state)).part).toBe(0.5);
      // Each call fills two places of ten, less a fifth: the silent one finds as many.
      const { ids } = await takeAll('p', state, 3, 'x');
      expect(ids).toHaveLength(4);
      const places = (await beat('p', state)).inFlight;
      expect(places).toHaveLength(8);
      expect(places.every((id) => id.endsWith('.x') && ids.includes(callOf(id)))).toBe(true);
      expect(placeIds(ids[0]!, 2).every((id) => places.includes(id))).toBe(true);
      await log.settle(state.epoch, { ids: placeIds(ids[0]!, 2), how: 'unused' });
      expect((await beat('p', state)).inFlight).toHaveLength(6);
      await beat('q', state);
      expect((await beat('p', state)).part).toBe(1);
      await under.passTime(310);
      expect((await beat('p', state)).part).toBe(0.75); // one that tells no divisor is taken to divide by four
      await log.leave('q');
      expect((await beat('p', state)).part).toBe(1);
      await log.join(joining('q', { divisor: 2 }));
      await under.passTime(910);
      expect((await beat('p', state)).peers).toEqual([{ process: 'p', divisor: 0, silentForMs: 0 }]);
    });

    it('keeps the part of one that joins until it says something with what it was answered', async () => {
      const state = await joined();
      await beat('p', state);
      const theirs = await log.join(joining('q', { divisor: 2 }));
      expect(theirs.part).toBe(1);
      expect((await beat('p', state)).part).toBe(0.5);
      await beat('q', theirs, [], { divisor: 2 });
      expect((await beat('p', state)).part).toBe(1);
      await log.join(joining('q', { epoch: theirs.epoch, divisor: 2 })); // it lost the log, and may not get this answer either
      expect((await beat('p', state)).part).toBe(0.5);
      await take('q', theirs, 3, 'a', { divisor: 2 });
      expect((await beat('p', state)).part).toBe(1);
    });

    it('makes all rest', async () => {
      const state = await joined();
      await log.pause(state.epoch, 200);
      await log.pause(state.epoch, 100);
      expect((await take('p', state)).slot).toBe('paused');
      const { pausedMs } = await beat('p', state);
      expect(pausedMs).toBeGreaterThan(120);
      expect(pausedMs).toBeLessThanOrEqual(200);
      await under.passTime(210);
      expect((await take('p', state)).slot).toBe('granted');
    });

    it('that was emptied says so to who knew it, and is whole again by what they know', async () => {
      const state = await joined();
      await log.join(joining('q', { divisor: 2 }));
      await under.empty();
      expect((await take('p', state)).slot).toBe('lost');
      await expect(beat('p', state)).rejects.toThrow('lost');
      expect(await log.settle(state.epoch, { ids: ['p.x.'], how: 'answered' })).toBe('lost');
      expect(await log.pause(state.epoch, 100)).toBe('lost');
      const after = await log.join(
        joining('p', {
          epoch: state.epoch,
          newEpoch: 'second',
          calls: [
            { id: 'q.1.a', ageMs: 100 },
            { id: 'p.1.a', ageMs: 5_000 },
          ],
          callsBefore: [{ id: 'p.0.', ageMs: 1_500 }],
          inFlight: ['p.2.a'],
          peers: [{ process: 'q', divisor: 2, silentForMs: 301 }],
        }),
      );
      expect(after).toMatchObject({ epoch: 'second', part: 0.5, inFlight: ['p.2.a'] });
      expect(
        after.calls
          .map(({ id }) => id)
          .filter((id) => !id.startsWith('lost.'))
          .sort(),
      ).toEqual(['p.0.', 'q.1.a']);
      expect(after.calls.find(({ id }) => id === 'q.1.a')!.ageMs).toBeGreaterThanOrEqual(100);
      await beat('p', after);
      const back = await log.join(
        joining('q', {
          epoch: state.epoch,
          divisor: 2,
          calls: [{ id: 'q.1.a', ageMs: 20 }],
          callsBefore: [{ id: 'q.0.', ageMs: 0 }],
        }),
      );
      expect(back.part).toBe(1);
      expect(back.calls.find(({ id }) => id === 'q.1.a')!.ageMs).toBeLessThan(100); // the later of both
      expect(back.calls.some(({ id }) => id === 'q.0.')).toBe(false); // the log was there
    });

    it('that is joined again keeps the part of those who may call by themselves, as long as they could live', async () => {
      const state = await joined();
      await arrive('q', { divisor: 2 });
      const known = [
        { process: 'q', divisor: 4, silentForMs: 301 },
        { process: 'cut-off', divisor: 4, silentForMs: 500 },
        { process: 'dead', divisor: 4, silentForMs: 901 },
      ];
      const after = await log.join(joining('p', { epoch: state.epoch, peers: known }));
      expect(after.peers.toSorted((a, b) => a.process.localeCompare(b.process))).toEqual([
        { process: 'cut-off', divisor: 4, silentForMs: 500 },
        { process: 'p', divisor: 0, silentForMs: 301 },
        { process: 'q', divisor: 2, silentForMs: 0 },
      ]);
      expect(after.part).toBe(0.75);
      // All were away for long; whoever comes first knows of the others.
      await under.passTime(2_000);
      const later = await log.join(
        joining('p', { epoch: state.epoch, peers: [{ process: 'q', divisor: 2, silentForMs: 301 }] }),
      );
      expect(later.part).toBe(0.5);
      expect(later.peers).toHaveLength(2);
      expect(later.peers).toContainEqual(expect.objectContaining({ process: 'q', divisor: 2 }));
    });

    it('that is joined again leaves alone what others have in flight, and not what is ended', async () => {
      const state = await joined();
      const { id } = await take('p', state);
      const own = await take('p', state);
      const after = await log.join(joining('r', { epoch: state.epoch, calls: [{ id, ageMs: 0 }] }));
      expect(after.inFlight.toSorted()).toEqual([id, own.id].toSorted());
      const again = await log.join(
        joining('p', { epoch: state.epoch, calls: [{ id: own.id, ageMs: 10 }], inFlight: [id] }),
      );
      expect(again.inFlight).toEqual([id]);
      expect(again.calls.some((call) => call.id === own.id)).toBe(true);
    });

    it('takes nothing from a message that comes too late', async () => {
      const state = await joined();
      const now = (await beat('p', state)).nowMs;
      expect((await take('p', state, 0, 'a', { notAfterMs: now - 1 })).slot).toBe('late');
      expect(await log.beat(contact('late', state, { notAfterMs: now - 1 }), [])).toBe('late');
      const { peers, inFlight } = await beat('p', state);
      expect({ peers: peers.length, inFlight }).toEqual({ peers: 1, inFlight: [] });
    });
  });
}
