import type { SensitiveGroup } from '@certfolio/core';
import { getNamedType, getNullableType, isLeafType, isListType, Kind, type OperationDefinitionNode } from 'graphql';
import { stringify } from 'yaml';
import type { SelectedField } from './selection-tree.ts';
import { isTemplateName } from './template-name.ts';

/** The two files of a draft. */
export interface DraftFiles {
  readonly name: string;
  readonly version: number;
  /** The id that the client sends for it. */
  readonly id: string;
  readonly graphql: string;
  readonly yaml: string;
}

interface DraftSource {
  readonly id: string;
  readonly text: string;
  readonly operation: OperationDefinitionNode;
  readonly tree: ReadonlyMap<string, SelectedField>;
  /** Groups that the operation selects; they are named for the review that approving takes. */
  readonly sensitive: readonly SensitiveGroup[];
  readonly owner: string;
  readonly versionOf: (name: string) => number;
}

/** Files of a draft with metadata as far as the operation tells it; null when its name makes no name of a template. */
export function draftFiles({ id, text, operation, tree, sensitive, owner, versionOf }: DraftSource): DraftFiles | null {
  const name = kebabCase(operation.name?.value ?? '');
  if (!isTemplateName(name)) return null;
  const version = versionOf(name);
  const words = name.replaceAll('-', ' ');
  const rows = rowsPath(tree);
  const paging = pagingOf(tree, rows);
  const variables = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  const described = variables.filter((variable) => variable !== paging?.first && variable !== paging?.after);
  const yaml = stringify({
    name,
    version,
    state: 'draft',
    title: words.slice(0, 1).toUpperCase() + words.slice(1),
    question: `What does ${operation.name!.value} tell? (imported from a manifest; write the question here)`,
    owner,
    tags: ['imported'],
    ...(described.length === 0 ? {} : { variables: Object.fromEntries(described.map((variable) => [variable, null])) }),
    rows: rows.join('.'),
    ...(paging === null ? {} : { paging: { ...paging, pageInfo: paging.pageInfo.join('.') } }),
    ...(sensitive.length === 0 ? {} : { sensitive }),
  });
  return { name, version, id, graphql: text, yaml };
}

/** `ExpiringSoon` and `expiring_soon` are `expiring-soon`. */
export function kebabCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 64);
}

/** To the first list of objects, the nearest to the root; without any, to the first object: a report of one row. */
function rowsPath(tree: ReadonlyMap<string, SelectedField>): readonly string[] {
  let level = [...tree.values()].map((field) => ({ field, path: [field.key] }));
  const first = level.find(({ field }) => !isLeafType(getNamedType(field.type)))?.path ?? [];
  while (level.length > 0) {
    const list = level.find(({ field }) => isListType(getNullableType(field.type)) && field.children.size > 0);
    if (list !== undefined) return list.path;
    level = level.flatMap(({ field, path }) =>
      [...field.children.values()].map((child) => ({ field: child, path: [...path, child.key] })),
    );
  }
  return first;
}

/** The variables that page through a connection above the rows; null when it has no page information, or none is given. */
function pagingOf(tree: ReadonlyMap<string, SelectedField>, rows: readonly string[]) {
  let fields = tree;
  for (const [index, key] of rows.entries()) {
    const field = fields.get(key);
    if (field === undefined) return null;
    const pageInfo = field.children.get('pageInfo')?.children;
    const [first, after] = ['first', 'after'].map((name) => variableOf(field, name));
    if (first != null && after != null && pageInfo?.has('hasNextPage') && pageInfo.has('endCursor')) {
      return { first, after, pageInfo: [...rows.slice(0, index + 1), 'pageInfo'] };
    }
    fields = field.children;
  }
  return null;
}

function variableOf({ node }: SelectedField, argument: string): string | null {
  const value = node.arguments?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : null;
}
