import { Forbidden, mayIntrospect, type Principal, type SensitiveGroup } from '@certfolio/core';
import type { PreparedDocument } from '@certfolio/execution';

/** @throws Forbidden naming every field that the key has no right to, whatever its alias */
export function assertMaySelect(
  { selected, introspects }: PreparedDocument,
  principal: Principal,
  sensitiveFields: ReadonlyMap<string, SensitiveGroup>,
): void {
  if (introspects && !mayIntrospect(principal.level))
    throw new Forbidden('This key may not ask for the schema; keys of level "open" and "audit" may.');
  const { fields } = principal;
  if (fields === 'all') return;
  const refused = [...selected].filter((name) => {
    const group = sensitiveFields.get(name);
    return group !== undefined && !fields.has(group);
  });
  if (refused.length > 0) throw new Forbidden(`This key may not read ${refused.join(', ')}.`, { fields: refused });
}
