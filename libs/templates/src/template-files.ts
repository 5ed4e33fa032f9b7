import { getNamedType, getNullableType, isCompositeType, isListType, Kind, parse, type GraphQLSchema } from 'graphql';
import { stringify } from 'yaml';
import { AppError } from '@certfolio/core';
import { resolveOperation } from './resolve-operation.ts';
import { selectionTree, type SelectedField } from './selection-tree.ts';
import { sensitiveSelections, type SensitiveFields } from './sensitive-fields.ts';

/** What people say of a template that is made from a text. */
export interface TemplateDescription {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly owner: string;
  readonly description?: string | null;
  readonly tags?: readonly string[];
}

export interface TemplateFile {
  readonly name: string;
  readonly content: string;
}

type Fields = ReadonlyMap<string, SelectedField>;
interface Found {
  readonly path: readonly string[];
  readonly field: SelectedField;
}

/**
 * The two files of a draft template for a query: where the rows are, what pages through them, the columns and the variables
 * are guessed from its selection. To be read by whoever approves it.
 *
 * @param text exactly one query, valid against the schema
 * @throws AppError GRAPHQL_VALIDATION_FAILED when the text can be no template
 */
export function templateFilesOf(
  text: string,
  { name, title, question, owner, description = null, tags = [] }: TemplateDescription,
  { schema, sensitiveFields }: { readonly schema: GraphQLSchema; readonly sensitiveFields: SensitiveFields },
): readonly [graphql: TemplateFile, yaml: TemplateFile] {
  const document = parse(text, { noLocation: true });
  const operation = resolveOperation(document, null);
  if (operation.operation !== 'query')
    throw new AppError(
      'GRAPHQL_VALIDATION_FAILED',
      `The operation is a ${operation.operation}; templates are queries.`,
    );
  const tree = selectionTree(schema, document, operation);
  const rows = rowsIn(tree);
  if (rows === null)
    throw new AppError(
      'GRAPHQL_VALIDATION_FAILED',
      'The query selects no object of this schema, so it has no rows; correct it, or run it as it is.',
    );
  const paging = pagingOf(tree, rows.path);
  const variables = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  const metadata = {
    name,
    version: 1,
    state: 'draft',
    title,
    question,
    ...(description === null ? {} : { description }),
    owner,
    tags: [...tags],
    // Each has to be there; what it means, and what it may be, is for whoever approves it to say.
    variables: Object.fromEntries(variables.map((variable) => [variable, {}])),
    rows: rows.path.join('.'),
    ...(paging === null ? {} : { paging }),
    columns: titled(columnsOf(rows.field.children)),
    sensitive: [...new Set(sensitiveSelections(tree, sensitiveFields).map(({ group }) => group))].sort(),
  };
  return [
    { name: `${name}.graphql`, content: text },
    { name: `${name}.yaml`, content: stringify(metadata, { lineWidth: 130 }) },
  ];
}

/** The nodes of the first connection, else the first list of objects, else the first object. */
function rowsIn(tree: Fields): Found | null {
  const objects = objectsOf(tree, []);
  const isRows = ({ field }: Found) => isListType(getNullableType(field.type));
  return (
    objects.find((found) => found.path.at(-1) === 'nodes' && isRows(found)) ??
    objects.find(({ path, field }) => path.at(-1) === 'edges' && isRows({ path, field })) ??
    objects.find(isRows) ??
    objects[0] ??
    null
  );
}

/** Breadth first, so that a list of the answer comes before the lists of its rows. */
function objectsOf(tree: Fields, path: readonly string[]): Found[] {
  const here = [...tree.values()]
    .filter(({ type, children }) => isCompositeType(getNamedType(type)) && children.size > 0)
    .map((field) => ({ path: [...path, field.key], field }));
  return [...here, ...here.flatMap((found) => objectsOf(found.field.children, found.path))];
}

/** Rows page when the connection takes both its arguments from variables and tells where the next page begins. */
function pagingOf(tree: Fields, rows: readonly string[]) {
  const connection = rows.slice(0, -1);
  let field: SelectedField | undefined;
  let fields = tree;
  for (const key of connection) {
    field = fields.get(key);
    if (field === undefined) return null;
    fields = field.children;
  }
  if (field === undefined) return null;
  const [first, after] = [variableOf(field, 'first'), variableOf(field, 'after')];
  const pageInfo = [...fields.values()].find(
    ({ fieldName, children }) => fieldName === 'pageInfo' && children.has('hasNextPage') && children.has('endCursor'),
  );
  if (first === null || after === null || pageInfo === undefined) return null;
  return { first, after, pageInfo: [...connection, pageInfo.key].join('.'), pageSize: 1_000 };
}

function variableOf({ node }: SelectedField, argument: string): string | null {
  const value = node.arguments?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : null;
}

function columnsOf(fields: Fields, path: readonly string[] = []): (readonly string[])[] {
  return [...fields.values()].flatMap((field) => {
    if (field.fieldName === '__typename') return [];
    const here = [...path, field.key];
    return field.children.size > 0 ? columnsOf(field.children, here) : [here];
  });
}

function titled(paths: readonly (readonly string[])[]): readonly { readonly path: string; readonly title: string }[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const wanted = titleOf(path);
    const title = taken.has(wanted) ? path.join('.') : wanted;
    taken.add(title);
    return { path: path.join('.'), title };
  });
}

/** `certificate.commonName` is `certificate_common_name`: different paths have different titles. */
const titleOf = (path: readonly string[]): string =>
  path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()).join('_');
