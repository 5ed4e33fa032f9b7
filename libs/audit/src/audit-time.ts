import { BadUserInput, addDays, dayIn, resolveDays } from '@certfolio/core';

/**
 * A bound of the log: an instant, or a day or date expression such as `today-7d` in UTC. The day of a lower bound begins it,
 * the day of an upper bound is part of it.
 *
 * @returns ISO 8601 in UTC, as entries have it
 * @throws BadUserInput naming the bound
 */
export function auditTime(text: string, bound: 'since' | 'until', nowMs: number): string {
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (isInstant && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  try {
    const span = resolveDays(text, dayIn('UTC', nowMs));
    return `${bound === 'since' ? span.first : addDays(span.last, 1)}T00:00:00.000Z`;
  } catch {
    throw new BadUserInput(
      `"${bound}" is neither an instant such as 2026-11-23T12:00:00Z nor a day or date expression such as today-7d.`,
    );
  }
}
