import { nearestOf } from '@certfolio/core';
import type { CatalogRoute } from './legacy-route.ts';
import { routeCatalog } from './route-catalog.ts';

/** `list-orders` for `List orders`; what stands behind a comma or in brackets is no part of the name. */
const kebab = (title: string): string =>
  title
    .split(/[,(]/, 1)[0]!
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** A name that two routes would have is the name of neither. */
const names: ReadonlyMap<string, CatalogRoute> = (() => {
  const byName = new Map<string, CatalogRoute | null>();
  for (const route of routeCatalog) {
    const name = kebab(route.title);
    byName.set(name, byName.has(name) ? null : route);
  }
  return new Map([...byName].flatMap(([name, route]) => (route === null ? [] : [[name, route]])));
})();

/** A short name of the route for people to type; null where its key is the only one. */
export function shortNameOf({ key, title }: CatalogRoute): string | null {
  const name = kebab(title);
  return names.get(name)?.key === key ? name : null;
}

export type FoundRoute =
  | { readonly kind: 'found'; readonly route: CatalogRoute }
  /** @property nearest what was probably meant; null when nothing is near */
  | { readonly kind: 'unknown'; readonly nearest: string | null };

const plain = (key: string) =>
  key
    .replace(/\s+/g, ' ')
    .replace(/\{\w+\}/g, '{}')
    .replace(/ (?:\/services\/v2)?\//, ' /');

/** Finds a route by its key, whatever its parameters are called, or by its short name. */
export function findRoute(text: string): FoundRoute {
  const asked = text.trim();
  const route = names.get(asked.toLowerCase()) ?? routeCatalog.find(({ key }) => plain(key) === plain(asked));
  if (route !== undefined) return { kind: 'found', route };
  const known = asked.includes('/') ? routeCatalog.map(({ key }) => key) : [...names.keys()];
  return { kind: 'unknown', nearest: nearestOf(asked.slice(0, 200), known) };
}
