import { expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import type { AuditEntry } from './audit-entry.ts';
import { createAuditWriter } from './audit-writer.ts';
import { beginning } from './chain.ts';
import { entriesIn } from '../test/entries-in.ts';

const entry = (requests: number): AuditEntry => ({
  kind: 'unknown-keys',
  at: `2026-11-23T12:00:0${requests}.000Z`,
  from: null,
  requests,
  withoutKey: 0,
});

/** A store that can be away or slow, with what it was given, batch by batch. */
function rig(options: { maxPending?: number; batchSize?: number } = {}) {
  const clock = new FakeClock();
  const batches: AuditEntry[][] = [];
  const state = { isAway: false, onAppend: (): unknown => undefined, appending: Promise.resolve() };
  const writer = createAuditWriter({
    store: {
      async append(entries) {
        if (state.isAway) throw new Error('the database is away');
        batches.push([...entriesIn(entries)]);
        state.onAppend();
        await state.appending;
        return beginning;
      },
    },
    clock,
    logger: silentLogger,
    ...options,
  });
  return { clock, batches, state, writer };
}

it('writes what came within a second in one batch, in order, and the rest at the end', async () => {
  const { clock, batches, writer } = rig();
  const stop = new AbortController();
  const running = writer.run(stop.signal);
  for (const requests of [1, 2, 3]) writer.note(entry(requests));
  await clock.advance(999);
  expect(batches).toEqual([]);
  await clock.advance(1);
  expect(batches).toEqual([[entry(1), entry(2), entry(3)]]);
  writer.note(entry(4));
  stop.abort();
  await running;
  expect(batches[1]).toEqual([entry(4)]);
});

it('writes a full batch sooner, and what is beyond it when its second is over', async () => {
  const { clock, batches, writer } = rig({ batchSize: 2 });
  const stop = new AbortController();
  const running = writer.run(stop.signal);
  await clock.advance(0);
  for (const requests of [1, 2, 3]) writer.note(entry(requests));
  await clock.advance(999);
  expect(batches).toEqual([[entry(1), entry(2)]]);
  await clock.advance(1);
  expect(batches).toEqual([[entry(1), entry(2)], [entry(3)]]);
  stop.abort();
  await running;
});

it('keeps entries while the database is away, up to its bound, and an entry tells how many were lost', async () => {
  const { batches, state, writer } = rig({ maxPending: 2 });
  state.isAway = true;
  for (const requests of [1, 2, 3, 4, 5]) writer.note(entry(requests));
  expect(await writer.flush()).toBe(false);
  expect([writer.pending(), writer.dropped(), writer.problem()]).toEqual([2, 3, 'the database is away']);
  state.isAway = false;
  expect(await writer.flush()).toBe(true);
  expect(batches).toEqual([
    [entry(1), entry(2)],
    [
      {
        kind: 'dropped',
        at: '2026-11-23T12:00:00.000Z',
        entries: 3,
        firstAt: '2026-11-23T12:00:03.000Z',
        lastAt: '2026-11-23T12:00:05.000Z',
      },
    ],
  ]);
  expect([writer.pending(), writer.dropped(), writer.problem()]).toEqual([0, 3, null]);
  await writer.flush();
  expect(batches).toHaveLength(2);
});

it('lets what comes while a batch is written wait for others, so that load does not make a transaction of every few entries', async () => {
  const { clock, batches, writer, state } = rig({ batchSize: 3 });
  const stop = new AbortController();
  const running = writer.run(stop.signal);
  await clock.advance(0);
  let next = 0;
  const noteOne = () => writer.note(entry(next++));
  // One entry comes with each write, as long as there are any left.
  state.onAppend = () => next < 9 && noteOne();
  for (let count = 0; count < 3; count += 1) noteOne();
  await clock.advance(0);
  expect(batches.map((batch) => batch.length)).toEqual([3]);
  noteOne();
  noteOne();
  await clock.advance(0);
  expect(batches.map((batch) => batch.length)).toEqual([3, 3]);
  await clock.advance(1_000);
  expect(batches.map((batch) => batch.length)).toEqual([3, 3, 1]);
  stop.abort();
  await running;
  expect(batches.flat()).toEqual(Array.from({ length: next }, (_, requests) => entry(requests)));
});

it('has written at the end of a flush what was noted before it, also when another flush was under way', async () => {
  const { batches, writer, state } = rig({ batchSize: 2 });
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  state.appending = taken;
  writer.note(entry(1));
  const first = writer.flush();
  writer.note(entry(2));
  const second = writer.flush();
  writer.note(entry(3));
  take();
  expect(await Promise.all([first, second])).toEqual([true, true]);
  expect(batches).toEqual([[entry(1)], [entry(2), entry(3)]]);
});
