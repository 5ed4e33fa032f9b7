import { convert } from './convert-filter.ts';
import type { Choice, Replacement, RouteKey } from './legacy-route.ts';
import { catalogRoute } from './route-catalog.ts';

/** What to call instead of a route. */
export interface Suggestion {
  /** Null when no shipped template fits; `field` does. */
  readonly template: string | null;
  /** Typed field of the graph. */
  readonly field: string;
  readonly variables: ReadonlyMap<string, string>;
  /** Where the answers differ, and what was not mapped. */
  readonly notes: readonly string[];
}

/** Parameters that page, sort, or add columns: a report brings all rows in its own order, with all columns. */
const withoutMeaning = /^(limit|offset|sort|include_.*|show_archived|filters\[include_.*\])$/;

/**
 * Suggests what replaces calls to a route, by the names of the query parameters they were made with.
 *
 * @param filterNames as sent: `filters[status]`, `container_id`
 * @param values of these and of the path's parameters, where known; what is not known stands as `<name>` in the suggestion
 * @param isLoop the call is made once for each row of another; `filterNames` are those of the other
 * @returns null when CertCentral alone can do it
 */
export function suggestTemplate(
  route: RouteKey,
  filterNames: readonly string[],
  values: ReadonlyMap<string, string> = new Map(),
  isLoop = false,
): Suggestion | null {
  const known = catalogRoute(route);
  if (known === null) return null;
  const params = isLoop ? [] : [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const names = new Set([...filterNames, ...params]);
  const choice = known.choices.find(({ when }) => names.has(when.filter) && takes(when, values.get(when.filter)));
  const replacement = (isLoop ? known.inLoop : null) ?? choice ?? known.replacement;
  if (replacement === null) return null;
  return filled(replacement, [...names], new Set(params), values);
}

const takes = ({ value, orUnknown }: Choice['when'], given: string | undefined) =>
  value === undefined || (given === undefined ? orUnknown === true : value.test(given));

function filled(
  { template, field, variables: always, filters, notes: general }: Replacement,
  names: readonly string[],
  params: ReadonlySet<string>,
  values: ReadonlyMap<string, string>,
): Suggestion {
  const variables = new Map(always);
  const notes = [...general];
  for (const name of names) {
    const rule = filters.find(({ filter }) => filter === name);
    if (rule === undefined) {
      if (!withoutMeaning.test(name) && !params.has(name)) notes.push(`${name} was not mapped: look at it by hand.`);
      continue;
    }
    if (rule.note !== undefined) notes.push(`${name}: ${rule.note}`);
    if (rule.variable === null) continue;
    const { value, note } = convert(rule.convert ?? 'same', values.get(name), name);
    if (value !== null) variables.set(rule.variable, value);
    if (note !== null) notes.push(`${name}: ${note}`);
  }
  return { template, field, variables, notes };
}
