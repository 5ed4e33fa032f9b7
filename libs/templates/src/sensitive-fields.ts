import { rightsOf, type FieldRights, type SensitiveGroup } from '@certfolio/core';
import type { SelectedField } from './selection-tree.ts';

/** Says which fields of the graph need a right; the subgraphs know. */
export interface SensitiveFields {
  /** What a field needs, or null when everyone may read it. */
  groupOf(typeName: string, fieldName: string): FieldRights | null;
}

export interface SensitiveSelection {
  readonly group: SensitiveGroup;
  /** Response keys from the root, joined by dots. */
  readonly path: string;
}

/** Every sensitive field of a selection, whatever its alias. */
export function sensitiveSelections(
  tree: ReadonlyMap<string, SelectedField>,
  fields: SensitiveFields,
  path: readonly string[] = [],
): SensitiveSelection[] {
  return [...tree.values()].flatMap((field) => {
    const here = [...path, field.key];
    const rights = fields.groupOf(field.parentType, field.fieldName);
    const below = sensitiveSelections(field.children, fields, here);
    const own = rights === null ? [] : rightsOf(rights).map((group) => ({ group, path: here.join('.') }));
    return [...own, ...below];
  });
}
