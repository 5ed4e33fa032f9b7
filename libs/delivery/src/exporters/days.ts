const dayMs = 86_400_000;

/** Days from 1970-01-01 to a day such as `2026-11-23`; null for a text that is none. */
export function dayNumberSince1970(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // Some readers of dates take February 30 for a day in March.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? null : ms / dayMs;
}

/** Milliseconds since 1970 of an instant in ISO 8601 with its zone; null for a text that is none. */
export function instantMs(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
