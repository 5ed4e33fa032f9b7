import { hasScope, mayRunTemplate, type Principal } from '@certfolio/core';
import type { TemplateCatalog, TemplateRecord, TemplateState } from './ports.ts';

/** What can be run; the other states are seen only by those who publish. */
const runnableStates: ReadonlySet<TemplateState> = new Set<TemplateState>(['approved', 'deprecated']);

/** One key never learns of another's templates, so this is asked before anything of a template is told. */
export function maySee(principal: Principal, template: TemplateRecord): boolean {
  if (hasScope(principal, 'templates:publish')) return true;
  return (
    hasScope(principal, 'templates:run') &&
    runnableStates.has(template.state) &&
    mayRunTemplate(principal.templates, template)
  );
}

/** By name, the newest version first. */
export function visibleTemplates(
  catalog: TemplateCatalog,
  principal: Principal,
  state: TemplateState | null,
): TemplateRecord[] {
  return catalog
    .list()
    .filter((template) => (state === null || template.state === state) && maySee(principal, template))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.version - a.version));
}
