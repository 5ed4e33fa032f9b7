import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type EnumValueNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * Fragments before operations, each by name: what `generate-persisted-query-manifest` does before it hashes, and a client
 * that hashes at run time beside it. Source: @apollo/persisted-query-lists 1.1 `sortTopLevelDefinitions`.
 */
export function sortTopLevelDefinitions(document: DocumentNode): DocumentNode {
  const nameOf = (node: DefinitionNode) => ('name' in node ? (node.name?.value ?? '') : '');
  const definitions = document.definitions.toSorted((a, b) => {
    if (a.kind !== b.kind) return a.kind > b.kind ? -1 : 1;
    return nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0;
  });
  return { ...document, definitions };
}

/** The operation first, then its fragments by name, as Relay and older code generators write them. */
export function fragmentsLast(document: DocumentNode): DocumentNode {
  const isFragment = (node: DefinitionNode): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION;
  const fragments = document.definitions.filter(isFragment);
  const sorted = fragments.toSorted((a, b) => (a.name.value < b.name.value ? -1 : 1));
  return { ...document, definitions: [...document.definitions.filter((node) => !isFragment(node)), ...sorted] };
}

export function fragmentsFirst(document: DocumentNode): DocumentNode {
  const isFragment = (node: DefinitionNode) => node.kind === Kind.FRAGMENT_DEFINITION;
  return {
    ...document,
    definitions: [
      ...document.definitions.filter(isFragment),
      ...document.definitions.filter((node) => !isFragment(node)),
    ],
  };
}

/** Every operation under another name; null makes it nameless. */
export function renameOperation(document: DocumentNode, rename: (name: string | null) => string | null): DocumentNode {
  return visit(document, {
    OperationDefinition(node) {
      const name = rename(node.name?.value ?? null);
      const { name: _former, ...rest } = node;
      return name === null ? rest : { ...rest, name: { kind: Kind.NAME, value: name } };
    },
    SelectionSet: () => false,
  });
}

/** `__typename` without an alias taken out of every selection that has something else. */
export function withoutTypenames(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet(node) {
      const selections = node.selections.filter((selection) => !isPlain(selection, '__typename'));
      return selections.length === 0 || selections.length === node.selections.length
        ? undefined
        : { ...node, selections };
    },
  });
}

/** `__typename` first in every selection but the root of an operation, as code generators' document transforms add it. */
export function typenamesFirst(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet(node, _key, parent) {
      if (parent === undefined || !('kind' in parent) || parent.kind === Kind.OPERATION_DEFINITION) return undefined;
      if (node.selections.some((selection) => isPlain(selection, '__typename'))) return undefined;
      return { ...node, selections: [plain('__typename'), ...node.selections] };
    },
  });
}

/** More fields than this, with fragments spread out, are not written out. */
const maxInlined = 20_000;

/**
 * Every fragment where it is spread; the document has no fragments of its own then. What is spread twice stands there twice.
 *
 * @param wrap how a fragment's selections stand in its place: bare, or as `... on Type { }`
 * @returns null when that would be more than 20,000 fields, or fragments spread each other in a ring
 */
export function inlineFragments(document: DocumentNode, wrap: 'bare' | 'typed'): DocumentNode | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  let count = 0;

  function inline(set: SelectionSetNode, open: readonly string[]): SelectionSetNode {
    const selections = set.selections.flatMap((node): readonly SelectionNode[] => {
      if (++count > maxInlined) throw new RangeError('too many');
      if (node.kind !== Kind.FRAGMENT_SPREAD) {
        return [
          node.selectionSet === undefined
            ? node
            : ({ ...node, selectionSet: inline(node.selectionSet, open) } as SelectionNode),
        ];
      }
      const fragment = fragments.get(node.name.value);
      if (fragment === undefined) return [node];
      if (open.includes(node.name.value)) throw new RangeError('ring');
      const selectionSet = inline(fragment.selectionSet, [...open, node.name.value]);
      if (wrap === 'bare' && (node.directives ?? []).length === 0) return selectionSet.selections;
      return [
        {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: fragment.typeCondition,
          directives: node.directives ?? [],
          selectionSet,
        },
      ];
    });
    return { ...set, selections };
  }

  try {
    const definitions = document.definitions
      .filter((node) => node.kind !== Kind.FRAGMENT_DEFINITION)
      .map((node) =>
        node.kind === Kind.OPERATION_DEFINITION ? { ...node, selectionSet: inline(node.selectionSet, []) } : node,
      );
    return { ...document, definitions };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/**
 * What Relay's compiler makes of a document: `id` where a type has one, conditions of inline fragments of the same type
 * moved to their fields, fragments after the operation. Source: output of relay-compiler 21.0, in `test/manifests`.
 */
export function formatForRelay(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const types = new TypeInfo(schema);
  const formed = visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet: {
        leave(node, _key, parent) {
          const type = getNamedType(types.getParentType());
          const selections = node.selections.flatMap((selection): readonly SelectionNode[] => {
            const isSameType =
              selection.kind === Kind.INLINE_FRAGMENT && selection.typeCondition?.name.value === type?.name;
            return isSameType ? hoisted(selection.selectionSet.selections, selection.directives ?? []) : [selection];
          });
          const isField = parent !== undefined && 'kind' in parent && parent.kind === Kind.FIELD;
          const hasId = (isObjectType(type) || isInterfaceType(type)) && Object.hasOwn(type.getFields(), 'id');
          const isMissing = isField && hasId && !selections.some((selection) => isPlain(selection, 'id'));
          return { ...node, selections: isMissing ? [...selections, plain('id')] : selections };
        },
      },
    }),
  );
  return fragmentsLast(formed);
}

function hoisted(selections: readonly SelectionNode[], directives: readonly DirectiveNode[]): readonly SelectionNode[] {
  if (directives.length === 0) return selections;
  return selections.map((node) => ({ ...node, directives: [...(node.directives ?? []), ...directives] }));
}

/** Relay's printer: a variable a line, arguments of a field on one, a final line end. */
export function printForRelay(document: DocumentNode): string {
  const blocks = document.definitions.map((node) => {
    if (node.kind === Kind.FRAGMENT_DEFINITION)
      return `fragment ${node.name.value} on ${node.typeCondition.name.value} ${relaySet(node.selectionSet, '')}`;
    if (node.kind !== Kind.OPERATION_DEFINITION) return print(node);
    const variables = (node.variableDefinitions ?? []).map((variable) => `  ${print(variable)}\n`).join('');
    const head = `${node.operation} ${node.name?.value ?? ''}${variables === '' ? '' : `(\n${variables})`}`;
    return `${head}${relayDirectives(node.directives)} ${relaySet(node.selectionSet, '')}`;
  });
  return `${blocks.join('\n\n')}\n`;
}

function relaySet({ selections }: SelectionSetNode, indent: string): string {
  const inner = `${indent}  `;
  const lines = selections.map((node) => {
    const at = relayDirectives(node.directives);
    if (node.kind === Kind.FRAGMENT_SPREAD) return `${inner}...${node.name.value}${at}\n`;
    const head =
      node.kind === Kind.FIELD
        ? `${node.alias === undefined ? '' : `${node.alias.value}: `}${node.name.value}${relayArguments(node.arguments)}`
        : `...${node.typeCondition === undefined ? '' : ` on ${node.typeCondition.name.value}`}`;
    return `${inner}${head}${at}${node.selectionSet === undefined ? '' : ` ${relaySet(node.selectionSet, inner)}`}\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}

const relayArguments = (nodes: DirectiveNode['arguments']): string =>
  nodes === undefined || nodes.length === 0
    ? ''
    : `(${nodes.map((node) => `${node.name.value}: ${print(node.value)}`).join(', ')})`;
const relayDirectives = (nodes: readonly DirectiveNode[] | undefined): string =>
  (nodes ?? []).map((node) => ` @${node.name.value}${relayArguments(node.arguments)}`).join('');

/** graphql-js 14 and early 15: all arguments of a field on one line, and a final line end. */
export function printOnOneLine(document: DocumentNode): string {
  const text = print(document).replace(
    /\(\n\s+([^()]*?)\n\s*\)/g,
    (_whole, inner: string) => `(${inner.split(/\n\s*/).join(', ')})`,
  );
  return `${text}\n`;
}

/** Longer objects and lists than this are broken into lines. Source: graphql-js 17 `printer.ts`. */
const maxLineLength = 80;

/** graphql-js from version 17: objects with spaces inside their braces, long objects and lists on lines of their own. */
export function printSpacedObjects(document: DocumentNode): string {
  const onLines = (open: string, parts: readonly string[], close: string) =>
    `${open}\n  ${parts.join('\n').replaceAll('\n', '\n  ')}\n${close}`;
  const written = visit(document, {
    ObjectValue: {
      leave({ fields }) {
        const parts = fields.map(({ name, value }) => `${name.value}: ${print(value)}`);
        const line = parts.length === 0 ? '{  }' : `{ ${parts.join(', ')} }`;
        return asWritten(line.length > maxLineLength ? onLines('{', parts, '}') : line);
      },
    },
    ListValue: {
      leave({ values }) {
        const parts = values.map((value) => print(value));
        const line = `[${parts.join(', ')}]`;
        return asWritten(line.length > maxLineLength ? onLines('[', parts, ']') : line);
      },
    },
  });
  return print(written);
}

/** `print` writes the name of an enum value as it is. */
const asWritten = (value: string): EnumValueNode => ({ kind: Kind.ENUM, value });

function isPlain(node: SelectionNode, name: string): boolean {
  return (
    node.kind === Kind.FIELD &&
    node.name.value === name &&
    node.alias === undefined &&
    (node.directives ?? []).length === 0
  );
}

function plain(value: string): SelectionNode {
  return { kind: Kind.FIELD, name: { kind: Kind.NAME, value } };
}
