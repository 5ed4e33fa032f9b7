/** A parsed object of CertCentral. Its names are its own, so it is never asked for a name of a caller. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a document that this product wrote down. Null for one that is no object. */
export function parseDocument(text: unknown): JsonObject | null {
  if (typeof text !== 'string') return null;
  const value: unknown = JSON.parse(text);
  return isObject(value) ? value : null;
}

/** How a fact of the graph and a member of a document are the same: equal as text, number, or without regard to case. */
type Sameness = 'text' | 'number' | 'upper';

/**
 * Puts a fact that may be younger than the document in its place. A member that says the same keeps its spelling; a fact that there is
 * none removes the member, since CertCentral sends no nulls.
 */
export function settle(object: JsonObject, name: string, fact: unknown, sameness: Sameness = 'text'): void {
  const given = object[name];
  if (fact === null || fact === undefined) {
    if (given !== undefined && given !== null && given !== '') delete object[name];
    return;
  }
  if (given !== undefined && isSame(given, fact, sameness)) return;
  object[name] = sameness === 'number' ? Number(fact) : fact;
}

function isSame(given: unknown, fact: unknown, sameness: Sameness): boolean {
  if (typeof fact === 'boolean') return given === fact || given === (fact ? 1 : 0) || given === (fact ? '1' : '0');
  if (sameness === 'number') return given !== '' && Number(given) === Number(fact);
  if (sameness === 'upper') return String(given).toUpperCase() === String(fact).toUpperCase();
  return String(given) === String(fact);
}

const dayMs = 86_400_000;

/** Whole days from the UTC day of an instant to a day, `days_remaining` of CertCentral; negative when it has passed. */
export function daysUntil(day: string, nowMs: number): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Math.floor(nowMs / dayMs) * dayMs) / dayMs);
}
