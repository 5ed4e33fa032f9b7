import { hasScope, type Principal } from '@certfolio/core';
import { deprecationOf, type Template, type TemplateAct } from '@certfolio/templates';
import { toEnumName } from './enum-names.ts';

/** What became of a template. Who did it is told to those who may do it themselves. */
export function lifecycleView(template: Template, principal: Principal) {
  const { lifecycle, sensitive, retiredAt } = template;
  const notice = deprecationOf(template);
  const mayPublish = hasScope(principal, 'templates:publish');
  const told = (act: TemplateAct | null | undefined) => (mayPublish && act != null ? actView(act) : null);
  return {
    source: lifecycle === undefined ? null : toEnumName(lifecycle.source),
    sensitive,
    created: told(lifecycle?.created),
    written: told(lifecycle?.written),
    approved: told(lifecycle?.approved),
    deprecated: told(lifecycle?.deprecated),
    retired: told(lifecycle?.retired),
    deprecationNote: notice?.note ?? null,
    sunset: notice?.sunset ?? null,
    successor: lifecycle?.successor ?? null,
    retiredAt,
    problem: lifecycle?.problem ?? null,
  };
}

function actView({ at, by, note, reviewed }: TemplateAct) {
  return by === 'folder'
    ? { at, by, keyId: null, owner: null, note, reviewed }
    : { at, by: by.keyName, keyId: by.keyId, owner: by.owner, note, reviewed };
}
