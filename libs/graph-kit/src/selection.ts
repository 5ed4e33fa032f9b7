import {
  Kind,
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  type FieldNode,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql';

/** Parts of `info` that a walk needs; a compiled query has no more. */
export type SelectionInfo = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'variableValues'>;

/** A field below the resolver's own: its path of names from there, aliases left out. */
export type Visit = (path: readonly string[], node: FieldNode) => void;

/** Walks what is selected below the field, through fragments, leaving out what `@skip` and `@include` leave out. */
export function walkSelection(info: SelectionInfo, visit: Visit): void {
  for (const node of info.fieldNodes) if (node.selectionSet) walk(node.selectionSet, [], info, visit);
}

function walk(selectionSet: SelectionSetNode, path: readonly string[], info: SelectionInfo, visit: Visit): void {
  for (const selection of selectionSet.selections) {
    if (!isIncluded(selection, info)) continue;
    if (selection.kind === Kind.FIELD) {
      const below = [...path, selection.name.value];
      visit(below, selection);
      if (selection.selectionSet) walk(selection.selectionSet, below, info, visit);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      walk(selection.selectionSet, path, info, visit);
    } else {
      const fragment = info.fragments[selection.name.value];
      if (fragment) walk(fragment.selectionSet, path, info, visit);
    }
  }
}

function isIncluded(node: Parameters<typeof getDirectiveValues>[1], info: SelectionInfo): boolean {
  if (!node.directives || node.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, info.variableValues)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, info.variableValues)?.['if'] !== false;
}

/**
 * Remembers a walk's result per field of a document. A document is prepared once and run many times, so its nodes are
 * the best key; a selection with `@skip` or `@include` depends on variables and is walked each time.
 */
export function rememberSelection<T>(walkFresh: (info: SelectionInfo) => T): (info: SelectionInfo) => T {
  const known = new WeakMap<FieldNode, T | 'varies'>();
  return (info) => {
    const node = info.fieldNodes[0];
    if (node === undefined || info.fieldNodes.length > 1) return walkFresh(info);
    let result = known.get(node);
    if (result === undefined) {
      let varies = false;
      walkEverything(info, (field) => (varies ||= (field.directives?.length ?? 0) > 0));
      result = varies ? 'varies' : walkFresh(info);
      known.set(node, result);
    }
    return result === 'varies' ? walkFresh(info) : result;
  };
}

function walkEverything(
  info: SelectionInfo,
  visit: (node: { readonly directives?: readonly unknown[] | undefined }) => void,
): void {
  const visitSet = (selectionSet: SelectionSetNode) => {
    for (const selection of selectionSet.selections) {
      visit(selection);
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = info.fragments[selection.name.value];
        if (fragment) visitSet(fragment.selectionSet);
      } else if (selection.selectionSet) {
        visitSet(selection.selectionSet);
      }
    }
  };
  for (const node of info.fieldNodes) if (node.selectionSet) visitSet(node.selectionSet);
}
