import type { Timestamp } from '@certfolio/core';

/**
 * The instant of a wall-clock time `yyyy-MM-ddTHH:mm:ss` in an IANA zone. An hour that summer time skips is read with the
 * offset before the change, one that comes twice as its first.
 */
export function utcOf(local: string, zone: string): Timestamp {
  const asIfUtcMs = Date.parse(`${local}Z`);
  if (zone === 'UTC') return timestampOf(asIfUtcMs);
  // The offset a day earlier and the one at the result bracket every change of the clocks.
  const offsets = [offsetMs(asIfUtcMs - 86_400_000, zone), offsetMs(asIfUtcMs + 86_400_000, zone)];
  for (const offset of offsets)
    if (offsetMs(asIfUtcMs - offset, zone) === offset) return timestampOf(asIfUtcMs - offset);
  return timestampOf(asIfUtcMs - offsets[0]!);
}

/** The wall-clock time `yyyy-MM-ddTHH:mm:ss` in an IANA zone at an instant. */
export function localOf(instantMs: number, zone: string): string {
  return timestampOf(instantMs + offsetMs(instantMs, zone)).slice(0, 19);
}

const timestampOf = (instantMs: number) => `${new Date(instantMs).toISOString().slice(0, 19)}Z` as Timestamp;

const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError for a name that is no time zone */
function offsetMs(instantMs: number, zone: string): number {
  if (zone === 'UTC') return 0;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const name = format.formatToParts(instantMs).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const parts = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name);
  if (parts === null) return 0;
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = parts;
  return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * (sign === '-' ? -1_000 : 1_000);
}
