import { Forbidden, mayIntrospect, rightsOf, type FieldRights, type Principal } from '@certfolio/core';
import type { PreparedDocument } from '@certfolio/execution';

/**
 * Looks at fields that are selected, whatever their alias, and at those that are asked by: which rows a filter finds, and
 * how they are sorted, tells of values as well.
 *
 * @param askedByVariables coordinates of inputs beside those that stand in the text
 * @throws Forbidden naming every field and input that the key has no right to
 */
export function assertMaySelect(
  { selected, asked, introspects }: PreparedDocument,
  askedByVariables: () => ReadonlySet<string>,
  principal: Principal,
  sensitiveFields: ReadonlyMap<string, FieldRights>,
): void {
  if (introspects && !mayIntrospect(principal.level))
    throw new Forbidden('This key may not ask for the schema; keys of level "open" and "audit" may.');
  const { fields } = principal;
  if (fields === 'all') return;
  const isRefused = (name: string) => {
    const rights = sensitiveFields.get(name);
    return rights !== undefined && rightsOf(rights).some((group) => !fields.has(group));
  };
  const unread = [...selected].filter(isRefused);
  const unasked = [...new Set([...asked, ...askedByVariables()])].filter(isRefused);
  const refusals = [
    ...(unread.length === 0 ? [] : [`read ${unread.join(', ')}`]),
    ...(unasked.length === 0 ? [] : [`ask by ${unasked.join(', ')}`]),
  ];
  if (refusals.length > 0)
    throw new Forbidden(`This key may not ${refusals.join(', nor ')}.`, { fields: [...unread, ...unasked] });
}
