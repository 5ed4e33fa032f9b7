import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ICAL from 'ical.js';
import { sync as nodeIcal } from 'node-ical';

export interface ReadEvent {
  readonly uid: string;
  readonly summary: string;
  /** `2026-11-23`. */
  readonly day: string;
  /** Triggers, `-P30D`. */
  readonly alarms: readonly string[];
}

export function eventsByIcalJs(text: string): readonly ReadEvent[] {
  return new ICAL.Component(ICAL.parse(text) as unknown[]).getAllSubcomponents('vevent').map((component) => {
    const { uid, summary, startDate } = new ICAL.Event(component);
    const alarms = component
      .getAllSubcomponents('valarm')
      .map((alarm) => String(alarm.getFirstPropertyValue('trigger')));
    return { uid, summary, day: startDate.toString(), alarms };
  });
}

export function eventsByNodeIcal(text: string): readonly ReadEvent[] {
  return Object.values(nodeIcal.parseICS(text)).flatMap((each) => {
    if (each?.type !== 'VEVENT') return [];
    const { uid, summary, start, alarms = [] } = each;
    // A day without a time is midnight of the zone of this process.
    const two = (value: number) => String(value).padStart(2, '0');
    const day = `${start.getFullYear()}-${two(start.getMonth() + 1)}-${two(start.getDate())}`;
    return [{ uid, summary: String(summary), day, alarms: alarms.map(({ trigger }) => String(trigger)) }];
  });
}

export const hasPythonIcalendar = () => spawnSync('/usr/bin/python3', ['-c', 'import icalendar']).status === 0;

const script = `
import icalendar, json, sys
def text(trigger):
    days = trigger.dt.days
    return '-P%dD' % -days
calendar = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())
json.dump([{
    'uid': str(event['UID']), 'summary': str(event['SUMMARY']), 'day': event['DTSTART'].dt.isoformat(),
    'alarms': [text(alarm['TRIGGER']) for alarm in event.walk('VALARM')],
} for event in calendar.walk('VEVENT')], sys.stdout)
`;

export async function eventsByPython(text: string, folder: string): Promise<readonly ReadEvent[]> {
  const path = join(folder, 'calendar.ics');
  await writeFile(path, text);
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', script, path], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as ReadEvent[];
}
