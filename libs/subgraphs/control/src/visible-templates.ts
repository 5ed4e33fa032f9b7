import { hasScope, type Principal } from '@certfolio/core';
import type { Template, TemplateState } from '@certfolio/templates';
import type { TemplateCatalog } from './ports.ts';

type Catalog = Pick<TemplateCatalog, 'registry' | 'all'>;

/** Those who publish see every version; others what they may run, so that one key never learns of another's templates. */
function visible(catalog: Catalog, principal: Principal): readonly Template[] {
  if (hasScope(principal, 'templates:publish')) return catalog.all();
  return hasScope(principal, 'templates:run') ? catalog.registry().list(principal) : [];
}

/** By name, the newest version first. */
export function listVisible(catalog: Catalog, principal: Principal, state: TemplateState | null): Template[] {
  return visible(catalog, principal)
    .filter((template) => state === null || template.state === state)
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.version - a.version));
}

/** What the caller would run under this name or id; for those who publish also versions that do not run. */
export function findVisible(catalog: Catalog, principal: Principal, ref: string): Template | null {
  const seen = listVisible(catalog, principal, null);
  const found = catalog.registry().find(ref, principal);
  if (found.kind === 'found')
    return seen.includes(found.template) || found.template.isBuiltIn === true ? found.template : null;
  return (
    seen.find(
      ({ name, version, ids }) => ref === name || ref === `${name}@${version}` || ids.some(({ id }) => id === ref),
    ) ?? null
  );
}
