import { describe, expect, it } from '@jest/globals';
import { dueSlots, nextSlots, type Timetable } from './slots.ts';

const daily: Timetable = { cron: '30 2 * * *', zone: 'Europe/Berlin', from: null, until: null };
const shown = (slots: readonly Date[]) => slots.map((slot) => slot.toISOString().slice(0, 16));

describe('nextSlots', () => {
  it('runs a time that the night of the change does not have at the first minute after the gap', () => {
    expect(shown(nextSlots(daily, new Date('2027-03-26T12:00:00Z'), 4))).toEqual([
      '2027-03-27T01:30',
      '2027-03-28T01:00', // 02:30 is not there; 03:00 CEST
      '2027-03-29T00:30',
      '2027-03-30T00:30',
    ]);
  });

  it('runs a time that the night of the change has twice at the first', () => {
    expect(shown(nextSlots(daily, new Date('2026-10-23T12:00:00Z'), 4))).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30', // 02:30 CEST; 02:30 CET an hour later is no slot
      '2026-10-26T01:30',
      '2026-10-27T01:30',
    ]);
  });

  it('gives the same slots however they are asked for', () => {
    for (const start of ['2027-03-27T12:00:00Z', '2026-10-24T12:00:00Z']) {
      const together = nextSlots(daily, new Date(start), 5);
      let last = new Date(start);
      const apart = together.map(() => (last = nextSlots(daily, last, 1)[0]!));
      expect(apart).toEqual(together);
    }
  });

  it('keeps to its days, which are those of its zone', () => {
    const bounded: Timetable = { cron: '0 0 * * *', zone: 'Pacific/Auckland', from: '2026-12-02', until: '2026-12-03' };
    expect(shown(nextSlots(bounded, new Date('2026-11-01T00:00:00Z'), 5))).toEqual([
      '2026-12-01T11:00',
      '2026-12-02T11:00',
    ]);
    expect(nextSlots(bounded, new Date('2026-12-03T00:00:00Z'), 5)).toEqual([]);
  });
});

describe('dueSlots', () => {
  const hourly: Timetable = { cron: '0 * * * *', zone: 'UTC', from: null, until: null };
  const at = (text: string) => new Date(`2026-11-23T${text}:00Z`);
  const due = (now: string, catchUp: 'run_once' | 'skip', nextSlot = '07:00') =>
    dueSlots(hourly, { nextSlot: at(nextSlot), now: at(now), catchUp, graceMs: 300_000 });

  it('waits for its slot', () => {
    expect(due('06:59', 'run_once')).toEqual({ run: null, isLate: false, skipped: [], next: at('07:00') });
  });

  it('runs a slot once its time has come, also when it looks a little late', () => {
    expect(due('07:00', 'skip')).toEqual({ run: at('07:00'), isLate: false, skipped: [], next: at('08:00') });
    expect(due('07:05', 'skip')).toEqual({ run: at('07:00'), isLate: false, skipped: [], next: at('08:00') });
  });

  it('runs the last of the slots that were missed, or none', () => {
    const missed = [at('07:00'), at('08:00'), at('09:00')];
    expect(due('10:30', 'run_once')).toEqual({ run: at('10:00'), isLate: true, skipped: missed, next: at('11:00') });
    expect(due('10:30', 'skip')).toEqual({
      run: null,
      isLate: true,
      skipped: [...missed, at('10:00')],
      next: at('11:00'),
    });
    expect(due('10:02', 'skip')).toEqual({ run: at('10:00'), isLate: false, skipped: missed, next: at('11:00') });
  });

  it('knows its end', () => {
    const last = dueSlots(
      { ...hourly, until: '2026-11-23' },
      { nextSlot: at('23:00'), now: at('23:00'), catchUp: 'skip', graceMs: 0 },
    );
    expect(last).toEqual({ run: at('23:00'), isLate: false, skipped: [], next: null });
  });

  it('tells of the last hundred when very many were missed', () => {
    const { skipped, run } = dueSlots(hourly, {
      nextSlot: new Date('2026-01-01T00:00:00Z'),
      now: at('10:00'),
      catchUp: 'run_once',
      graceMs: 0,
    });
    expect(skipped).toHaveLength(100);
    expect(run).toEqual(at('10:00'));
    expect(skipped.at(-1)).toEqual(at('09:00'));
  });
});
