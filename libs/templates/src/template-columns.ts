import { getNamedType, getNullableType, isLeafType, isListType, isScalarType, type GraphQLOutputType } from 'graphql';
import type { SelectedField } from './selection-tree.ts';
import type { TemplateMetadata } from './template-metadata.ts';
import { at, type TemplateProblem } from './template-problem.ts';
import type { Column, ColumnType } from './template.ts';

type Fields = ReadonlyMap<string, SelectedField>;

/**
 * The fields of one row: what the row path leads to. An object that stands in no list is a report of one row, or of none
 * when it is null. Null with a problem when the path leads nowhere.
 */
export function rowFields(
  tree: Fields,
  path: readonly string[],
  file: string,
): { fields: Fields | null; problems: TemplateProblem[] } {
  const refuse = (what: string, todo: string) => ({ fields: null, problems: [at(file, 'rows', what, todo)] });
  let fields = tree;
  let last: SelectedField | null = null;
  for (const key of path) {
    const field = fields.get(key);
    if (field === undefined)
      return refuse(
        `The document does not select "${key}" of "${path.join('.')}".`,
        'Write the response keys of the selection.',
      );
    fields = field.children;
    last = field;
  }
  if (last === null || isLeafType(getNamedType(last.type)))
    return refuse(`"${path.join('.')}" leads to no objects.`, 'Name the field whose objects are the rows.');
  return { fields, problems: [] };
}

/** The columns as the metadata has them, or else every leaf of a row in the order of the answer. */
export function checkColumns(
  said: TemplateMetadata['columns'],
  fields: Fields,
  file: string,
): { columns: Column[]; problems: TemplateProblem[] } {
  if (said === undefined) {
    const columns = allColumns(fields, [], false);
    const todo = 'Select at least one field of a row.';
    return { columns, problems: columns.length > 0 ? [] : [at(file, 'columns', 'A row has no fields.', todo)] };
  }
  const problems: TemplateProblem[] = [];
  const columns = said.map((column, index): Column => {
    const found = findLeaf(fields, column.path);
    if (found === null) {
      const todo = 'Write the response keys of a selected field without fields of its own.';
      problems.push(at(file, `columns.${index}.path`, `A row has no field "${column.path.join('.')}".`, todo));
    }
    const type = column.type ?? (found === null ? 'text' : columnTypeOf(found.field, found.isInList));
    return { path: column.path, title: column.title ?? column.path.join('.'), type };
  });
  for (const title of repeated(columns.map((column) => column.title))) {
    problems.push(at(file, 'columns', `Several columns have the title "${title}".`, 'Give each column its own title.'));
  }
  return { columns, problems };
}

function allColumns(fields: Fields, path: readonly string[], isInList: boolean): Column[] {
  return [...fields.values()].flatMap((field) => {
    if (field.fieldName === '__typename' && field.key === '__typename') return [];
    const here = [...path, field.key];
    if (field.children.size > 0) return allColumns(field.children, here, isInList || isList(field.type));
    return [{ path: here, title: here.join('.'), type: columnTypeOf(field, isInList) }];
  });
}

function findLeaf(fields: Fields, path: readonly string[]): { field: SelectedField; isInList: boolean } | null {
  let level = fields;
  let isInList = false;
  let field: SelectedField | undefined;
  for (const key of path) {
    field = level.get(key);
    if (field === undefined) return null;
    level = field.children;
    if (level.size > 0) isInList ||= isList(field.type);
  }
  return field === undefined || !isLeafType(getNamedType(field.type)) ? null : { field, isInList };
}

/**
 * How a field is written in a table. Ids stay text even when the graph has them as numbers: spreadsheets round long
 * numbers and drop leading zeros.
 */
function columnTypeOf({ type, fieldName }: SelectedField, isInList: boolean): ColumnType {
  if (isInList || isList(type)) return 'texts';
  const named = getNamedType(type);
  if (!isScalarType(named)) return 'text';
  if (named.name === 'Int' && /(?:^id|Id|_id)$/.test(fieldName)) return 'text';
  return typeOfScalar.get(named.name) ?? 'text';
}

const typeOfScalar: ReadonlyMap<string, ColumnType> = new Map([
  ['Int', 'integer'],
  ['Float', 'decimal'],
  ['Money', 'decimal'],
  ['Boolean', 'flag'],
  ['Date', 'date'],
  ['DateTime', 'timestamp'],
]);

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type));
}

function repeated(texts: readonly string[]): Set<string> {
  return new Set(texts.filter((text, index) => texts.indexOf(text) !== index));
}
