import { describe, expect, it } from '@jest/globals';
import { parseScheduleFile } from './schedule-file.ts';

const good = `schedules:
  - name: expiring-daily
    template: expiring-soon
    cron: 30 7 * * 1-5
    zone: Europe/Berlin
    to: [mail]
`;

describe('parseScheduleFile', () => {
  it('reads a list, by itself or under its name', () => {
    expect(parseScheduleFile(good).map(({ name }) => name)).toEqual(['expiring-daily']);
    expect(parseScheduleFile(good.replace('schedules:\n', '')).map(({ name }) => name)).toEqual(['expiring-daily']);
    expect(parseScheduleFile('schedules: []')).toEqual([]);
  });

  it('names everything that is wrong, with the line of the schedule', () => {
    const bad = `${good}  - name: Bad\n    template: x\n    cron: often\n    to: [mail]\n  - 5\n`;
    expect(() => parseScheduleFile(bad)).toThrow(/3 problems: line 7\.name: .*; line 7\.cron: .*; line 11/);
  });

  it.each([
    ['a: [', /line 1: /],
    ['schedules: 5', /write a list of schedules/],
    ['', /write a list of schedules/],
    [good + good.replace('schedules:\n', ''), /"expiring-daily" stands there more than once/],
    ['- &a [*a]', /line 1/],
  ])('refuses %j', (text, message) => {
    expect(() => parseScheduleFile(text)).toThrow(message);
  });
});
