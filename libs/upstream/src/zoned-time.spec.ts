import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { localOf, utcOf } from './zoned-time.ts';

describe('a wall-clock time in a zone', () => {
  it('is the instant it names, in winter and summer', () => {
    expect(utcOf('2026-01-10T12:00:00', 'America/Denver')).toBe('2026-01-10T19:00:00Z');
    expect(utcOf('2026-07-10T12:00:00', 'America/Denver')).toBe('2026-07-10T18:00:00Z');
    expect(utcOf('2026-07-10T12:00:00', 'Asia/Kolkata')).toBe('2026-07-10T06:30:00Z');
  });

  it('is the first of two when it comes twice, and moves on when it is skipped', () => {
    expect(utcOf('2026-11-01T01:30:00', 'America/Denver')).toBe('2026-11-01T07:30:00Z');
    expect(utcOf('2026-03-08T02:30:00', 'America/Denver')).toBe('2026-03-08T09:30:00Z');
  });

  it('comes back from every instant but the repeated hour', () => {
    const instant = fc.integer({
      min: Date.parse('2000-01-01T00:00:00Z') / 1_000,
      max: Date.parse('2040-01-01T00:00:00Z') / 1_000,
    });
    fc.assert(
      fc.property(
        instant,
        fc.constantFrom('UTC', 'America/Denver', 'Australia/Lord_Howe', 'Europe/Berlin'),
        (seconds, zone) => {
          const back = Date.parse(utcOf(localOf(seconds * 1_000, zone), zone)) / 1_000;
          expect([0, 1_800, 3_600]).toContain(seconds - back);
        },
      ),
    );
  });
});
