import { suggestTemplate, type RouteKey } from '@certfolio/migration';

/**
 * The address that is called in place of a route, with what the names of its parameters tell of the variables; values are
 * the caller's to put in. Null where no template does what the route does.
 */
export function successorOf(publicUrl: string, route: RouteKey, filterNames: readonly string[]): string | null {
  const suggestion = suggestTemplate(route, filterNames);
  if (suggestion === null || suggestion.template === null) return null;
  const search = new URLSearchParams([...suggestion.variables].filter(([, value]) => !value.startsWith('<')));
  const query = search.size === 0 ? '' : `?${search.toString()}`;
  return `${publicUrl}/r/${suggestion.template}.csv${query}`;
}
