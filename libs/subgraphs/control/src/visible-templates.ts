import { hasScope, type Principal } from '@certfolio/core';
import type { Template, TemplateRegistry, TemplateState } from '@certfolio/templates';

type Registry = Pick<TemplateRegistry, 'all' | 'list' | 'find'>;

/** Those who publish see every version; others what they may run, so that one key never learns of another's templates. */
function visible(registry: Registry, principal: Principal): readonly Template[] {
  if (hasScope(principal, 'templates:publish')) return registry.all();
  return hasScope(principal, 'templates:run') ? registry.list(principal) : [];
}

/** By name, the newest version first. */
export function listVisible(registry: Registry, principal: Principal, state: TemplateState | null): Template[] {
  return visible(registry, principal)
    .filter((template) => state === null || template.state === state)
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.version - a.version));
}

/** What the caller would run under this name or id; for those who publish also versions that do not run. */
export function findVisible(registry: Registry, principal: Principal, ref: string): Template | null {
  const seen = listVisible(registry, principal, null);
  const found = registry.find(ref, principal);
  if (found.kind === 'found') return seen.includes(found.template) ? found.template : null;
  return (
    seen.find(
      ({ name, version, ids }) => ref === name || ref === `${name}@${version}` || ids.some(({ id }) => id === ref),
    ) ?? null
  );
}
