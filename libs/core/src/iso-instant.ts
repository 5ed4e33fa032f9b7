let lastMs = Number.NaN;
let lastText = '';

/**
 * ISO 8601 in UTC with milliseconds, of whole milliseconds since 1970. The last one is kept: under load several requests share
 * each millisecond, and to put one into words costs as much as a row.
 *
 * @throws RangeError for what is no instant
 */
export function isoInstant(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}
