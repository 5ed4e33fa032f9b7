import type { Principal } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { templateStates, type Template } from '@certfolio/templates';
import { fromEnumName } from '../enum-names.ts';
import { lifecycleView } from '../lifecycle-view.ts';
import type { ControlPorts } from '../ports.ts';
import { templateView } from '../views.ts';
import { findVisible, listVisible } from '../visible-templates.ts';

export function templateResolvers({ templates }: ControlPorts): Resolvers {
  const view = (template: Template, principal: Principal) => ({
    ...templateView(template, templates.costOf(template)),
    ...lifecycleView(template, principal),
  });
  return {
    Query: {
      templates: (_root, { state }: { state?: string | null }, { principal }) => {
        const wanted = state == null ? null : (fromEnumName(templateStates, state) ?? null);
        return listVisible(templates, principal, wanted).map((template) => view(template, principal));
      },
      template: (_root, { ref }: { ref: string }, { principal }) => {
        const found = findVisible(templates, principal, ref);
        return found && view(found, principal);
      },
    },
  };
}
