import { describe, expect, it } from '@jest/globals';
import { parseSchedule } from './schedule-definition.ts';

const least = { name: 'expiring-daily', template: 'expiring-soon', cron: '30 7 * * 1-5', to: ['mail'] };

describe('parseSchedule', () => {
  it('fills in what is not said', () => {
    expect(parseSchedule(least)).toEqual({
      name: 'expiring-daily',
      template: 'expiring-soon',
      variables: {},
      cron: '30 7 * * 1-5',
      zone: 'UTC',
      from: null,
      until: null,
      formats: ['csv'],
      to: [{ destination: 'mail', recipients: null }],
      onFailure: null,
      condition: { kind: 'always' },
      catchUp: 'run_once',
      jitterSeconds: 0,
      retries: 3,
      pauseAfterFailures: 5,
      retentionDays: 90,
      key: null,
      maxAgeSeconds: null,
    });
  });

  it('takes short and long forms', () => {
    const { condition, to } = parseSchedule({
      ...least,
      condition: { minRows: 5 },
      to: [{ destination: 'mail', recipients: ['a@b.test'] }],
    });
    expect(condition).toEqual({ kind: 'threshold', minRows: 5 });
    expect(to).toEqual([{ destination: 'mail', recipients: ['a@b.test'] }]);
    expect(parseSchedule({ ...least, condition: 'changed' }).condition).toEqual({ kind: 'changed' });
    const again = parseSchedule({ ...least, condition: { minRows: 5 } });
    expect(parseSchedule(again)).toEqual(again);
  });

  it.each([
    [{ name: 'Bad Name' }, /schedule\.name: write small letters/],
    [{ cron: '* * * *' }, /schedule\.cron: write five fields/],
    [{ cron: '* * * * * *' }, /schedule\.cron: write five fields/],
    [{ cron: '0 0 31 2 *' }, /schedule\.cron: write five fields/],
    [{ cron: '61 * * * *' }, /schedule\.cron/],
    [{ zone: 'Mars/Olympus' }, /schedule\.zone: write an IANA time zone/],
    [{ zone: '+01:00' }, /schedule\.zone/],
    [{ from: '2026-12-01', until: '2026-11-01' }, /schedule\.until: is before "from"/],
    [{ until: '2026-02-30' }, /schedule\.until: write a day/],
    [{ formats: ['docx'] }, /schedule\.formats\.0/],
    [{ to: [] }, /schedule\.to/],
    [{ condition: 'sometimes' }, /schedule\.condition: must be always/],
    [{ colour: 'red' }, /colour/],
  ])('names what is wrong with %j', (change, message) => {
    expect(() => parseSchedule({ ...least, ...change })).toThrow(message);
  });

  it('names every problem at once, with its place', () => {
    expect(() => parseSchedule({ ...least, cron: 'x', zone: 'y' }, 'schedules.yaml: 3')).toThrow(
      /2 problems: schedules\.yaml: 3\.cron: .*; schedules\.yaml: 3\.zone: /,
    );
  });
});
