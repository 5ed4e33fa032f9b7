import { dayNumberSince1970, instantMs } from './days.ts';

/** Days between 1899-12-30, where Excel's count begins for dates after February 1900, and 1970-01-01. */
const excelEpochDays = 25_569;
const dayMs = 86_400_000;

/** `A` for 0, `Z` for 25, `AA` for 26. */
export function columnName(index: number): string {
  let name = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  return name;
}

/** Excel's number of a day such as `2026-11-23`; null for another text, or a day before March 1900. */
export function dayNumber(text: string): number | null {
  const days = dayNumberSince1970(text);
  return days === null ? null : afterFebruary1900(days + excelEpochDays);
}

/** Excel's number of an instant, as UTC; null for a text without a zone or that is no instant. */
export function instantNumber(text: string): number | null {
  const ms = instantMs(text);
  // Whole milliseconds, since a fraction of a day in binary shows them wrong otherwise.
  return ms === null ? null : afterFebruary1900(Math.round((ms / dayMs + excelEpochDays) * 1e10) / 1e10);
}

/** Excel takes 1900 for a leap year, so its numbers below 61 mean other days. */
const afterFebruary1900 = (day: number): number | null => (day >= 61 ? day : null);

/** What a cell takes. Source: "Excel specifications and limits", support.microsoft.com (read 2026-11). */
export const maxCellChars = 32_767;

/** Text as a cell takes it. One that is too long ends by saying so, how long it is, and where it is whole. */
export function shownText(text: string): { readonly shown: string; readonly isCut: boolean } {
  if (text.length <= maxCellChars) return { shown: text, isCut: false };
  const told = `… [cut, ${text.length} characters; whole as CSV, NDJSON, JSON and Parquet]`;
  const kept = text.slice(0, maxCellChars - told.length);
  // Half a character is none.
  return { shown: kept.replace(/[\uD800-\uDBFF]$/, '') + told, isCut: true };
}

/**
 * Text inside XML. What XML cannot hold is written as `_xHHHH_`, which spreadsheets read back (ECMA-376 part 1, 22.9.2.19),
 * and a text that looks like that already has its underscore written so; half a surrogate pair becomes U+FFFD.
 */
export function xmlText(text: string): string {
  if (!special.test(text)) return text;
  return (
    text
      .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
      // the characters that XML 1.0 forbids, and CR, which readers make a line feed
      .replace(
        /[\0-\x08\x0B\x0C\x0D\x0E-\x1F\uFFFE\uFFFF]/g,
        (char) => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
      )
      .toWellFormed()
      .replace(/[&<>]/g, (char) => (char === '&' ? '&amp;' : char === '<' ? '&lt;' : '&gt;'))
  );
}

/** Any character that is written as something else; most text has none. */
const special = /[&<>\0-\x08\x0B-\x1F\uD800-\uDFFF\uFFFE\uFFFF]|_x[0-9A-Fa-f]{4}_/;
