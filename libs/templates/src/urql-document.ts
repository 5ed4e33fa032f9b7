import { Kind, type DirectiveNode, type DocumentNode, type SelectionNode, type SelectionSetNode } from 'graphql';

/**
 * What urql's caches make of a document before it is sent: `__typename` last in every selection but the root of an
 * operation and those that have it without an alias, and directives named `_…` left out. Source: @urql/core 6.0
 * `formatDocument`.
 */
export function formatForUrql(document: DocumentNode): DocumentNode {
  const definitions = document.definitions.map((definition) => {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      return { ...withoutPrivateDirectives(definition), selectionSet: format(definition.selectionSet, true) };
    }
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      return { ...withoutPrivateDirectives(definition), selectionSet: format(definition.selectionSet, false) };
    }
    return definition;
  });
  return { ...document, definitions };
}

function format(selectionSet: SelectionSetNode, isRoot: boolean): SelectionSetNode {
  const selections = selectionSet.selections.map((selection): SelectionNode => {
    const node = withoutPrivateDirectives(selection);
    if (node.kind === Kind.FRAGMENT_SPREAD || node.selectionSet === undefined) return node;
    return { ...node, selectionSet: format(node.selectionSet, false) } as SelectionNode;
  });
  if (isRoot || selectionSet.selections.some(isPlainTypename)) return { ...selectionSet, selections };
  const typename: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
  return { ...selectionSet, selections: [...selections, typename] };
}

function isPlainTypename(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && selection.name.value === '__typename' && selection.alias === undefined;
}

function withoutPrivateDirectives<T extends { readonly directives?: readonly DirectiveNode[] | undefined }>(
  node: T,
): T {
  if (node.directives === undefined || node.directives.length === 0) return node;
  return { ...node, directives: node.directives.filter((directive) => !directive.name.value.startsWith('_')) };
}

/** A string or block string. The block pattern is greedy in urql too: text between two block strings stays as it is. */
const strings = /("{3}[\s\S]*"{3}|"(?:\\.|[^"])*")/g;
const commentsAndLineEnds = /(?:#[^\n\r]+)?(?:[\r\n]+|$)/g;

/** Drops comments and empty lines outside strings. Source: @urql/core 6.0 `sanitizeDocument`. */
export function sanitizeForUrql(text: string): string {
  return text
    .split(strings)
    .map((part, index) => (index % 2 === 0 ? part.replace(commentsAndLineEnds, '\n') : part))
    .join('')
    .trim();
}
