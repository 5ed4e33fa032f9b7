import { BadRequest, anyAge } from '@certfolio/core';

const longestSeconds = 31_536_000;

/**
 * How old data may be, as the header field `Certfolio-Fresh` says it: `live` reads CertCentral now, `mirror` takes what is
 * there however old, a number is an age in seconds. Null without the field, which leaves it to the template.
 *
 * @throws BadRequest for anything else
 */
export function askedMaxAgeMs(field: string | readonly string[] | undefined): number | null {
  if (field === undefined) return null;
  if (field === 'live') return 0;
  if (field === 'mirror') return anyAge;
  const seconds = typeof field === 'string' && /^\d{1,9}$/.test(field) ? Number(field) : Number.NaN;
  if (seconds <= longestSeconds) return seconds * 1_000;
  throw new BadRequest(
    `Certfolio-Fresh takes "live", "mirror" or an age in seconds, 0 to ${longestSeconds}; it was sent as something else.`,
  );
}
