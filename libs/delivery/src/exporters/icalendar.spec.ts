import { describe, expect, it } from '@jest/globals';
import type { Row } from '@certfolio/templates';
import fc from 'fast-check';
import ICAL from 'ical.js';
import { cutOff, factsOfReport } from '../../test/a-report.ts';
import { allOf } from '../../test/all-of.ts';
import { calendarChunks } from './icalendar.ts';

const columns = [
  { title: 'id', type: 'text' },
  { title: 'name', type: 'text' },
  { title: 'day', type: 'date' },
  { title: 'names', type: 'texts' },
] as const;
const layout = { date: 2, summary: 1, key: [0], alarmDays: [30, 1] };
const options = { nowMs: Date.parse('2026-11-23T12:34:56Z'), host: 'reports.test', refreshMinutes: 60 };

const written = async (rows: readonly Row[], facts = factsOfReport()) =>
  (await allOf(calendarChunks(columns, rows, () => facts, layout, options))).join('');
const eventsOf = (text: string) =>
  new ICAL.Component(ICAL.parse(text) as unknown[]).getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));

describe('calendarChunks', () => {
  it('makes an all-day event with alarms of every row', async () => {
    const text = await written([['7', 'a.example', '2026-12-01', ['a.example', 'b.example']]]);
    const [event] = eventsOf(text);
    expect(event!.uid).toBe('expiring-soon/7@reports.test');
    expect(event!.summary).toBe('a.example');
    expect(event!.startDate.isDate).toBe(true);
    expect(event!.startDate.toString()).toBe('2026-12-01');
    expect(event!.description).toBe('id: 7\nname: a.example\nday: 2026-12-01\nnames: a.example, b.example');
    const alarms = event!.component.getAllSubcomponents('valarm');
    expect(alarms.map((alarm) => String(alarm.getFirstPropertyValue('trigger')))).toEqual(['-P30D', '-P1D']);
    expect(text).toContain('DTSTAMP:20261123T123456Z');
    expect(text).toContain('REFRESH-INTERVAL;VALUE=DURATION:PT60M');
  });

  it('takes the day of an instant, and gives rows that nothing tells apart events of their own', async () => {
    const row: Row = ['7', 'a', '2026-12-01T23:00:00Z', null];
    const events = eventsOf(await written([row, row]));
    expect(events.map(({ uid }) => uid)).toEqual(['expiring-soon/7@reports.test', 'expiring-soon/7/2@reports.test']);
    expect(events[0]!.startDate.toString()).toBe('2026-12-01');
  });

  it('says in an event of its own what is not in the calendar', async () => {
    const facts = factsOfReport({ rows: 2, totalRows: 9, reads: cutOff });
    const events = eventsOf(
      await written(
        [
          ['7', 'a', null, null],
          ['8', 'b', '2026-12-01', null],
        ],
        facts,
      ),
    );
    expect(events).toHaveLength(2);
    expect(events[1]!.startDate.toString()).toBe('2026-11-23');
    expect(events[1]!.description).toBe('Cut off: 2 of 9 rows.\n1 rows have no day and are not in the calendar.');
    expect(eventsOf(await written([['8', 'b', '2026-12-01', null]]))).toHaveLength(1);
  });

  it('folds lines at 75 octets and reads back any text', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ';', ',', '\\', '\n', 'é', '😀', ':', '"', 'BEGIN:VEVENT\r\n', '\0', ' '),
    });
    await fc.assert(
      fc.asyncProperty(text, text, async (name, id) => {
        const file = await written([[id, `x${name}`, '2026-12-01', null]]);
        for (const line of file.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        const events = eventsOf(file);
        expect(events).toHaveLength(1);
        expect(events[0]!.summary).toBe(`x${name}`.replaceAll('\r\n', '\n').replaceAll('\0', '\u2400'));
      }),
      { numRuns: 200 },
    );
  });
});
