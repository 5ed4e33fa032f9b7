import {
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** Sizes of an operation that need no schema. Fragments are counted wherever they are spread. */
export interface OperationShape {
  /** Fields on the longest way from the root to a leaf; `{ a { b } }` is 2. */
  readonly depth: number;
  /** Fields selected at the root, repeated ones included. */
  readonly rootFields: number;
}

interface Measured {
  readonly depth: number;
  readonly fields: number;
}

const nothing: Measured = { depth: 0, fields: 0 };

/**
 * Measures an operation in time linear to its text, since each fragment is measured once. A fragment that spreads itself
 * counts once on its way; validation refuses it anyway.
 */
export function operationShape(document: DocumentNode, operation: OperationDefinitionNode): OperationShape {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const measured = new Map<string, Measured>();

  function ofFragment(name: string): Measured {
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const result = fragment === undefined ? nothing : of(fragment.selectionSet);
    measured.set(name, result);
    return result;
  }

  function of({ selections }: SelectionSetNode): Measured {
    let depth = 0;
    let fields = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        depth = Math.max(depth, 1 + (selection.selectionSet === undefined ? 0 : of(selection.selectionSet).depth));
        fields += 1;
        continue;
      }
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT ? of(selection.selectionSet) : ofFragment(selection.name.value);
      depth = Math.max(depth, inner.depth);
      fields += inner.fields;
    }
    return { depth, fields };
  }

  const { depth, fields } = of(operation.selectionSet);
  return { depth, rootFields: fields };
}
