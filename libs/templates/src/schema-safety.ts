import type { CalendarDate } from '@certfolio/core';
import {
  GraphQLError,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedScalarType,
  parse,
  validate,
  type GraphQLInputObjectType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { inputTypeOf, valueProblems } from './input-value.ts';
import { reference } from './registry.ts';
import { resolveOperation } from './resolve-operation.ts';
import { selectionTree } from './selection-tree.ts';
import { sensitiveSelections, type SensitiveFields } from './sensitive-fields.ts';
import { checkColumns, rowFields } from './template-columns.ts';
import type { Template } from './template.ts';

/** A version in service that would not run under another schema. */
export interface BrokenTemplate {
  readonly template: Template;
  /** What would not fit, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Versions in service, approved or deprecated, that a schema would break: their text, the texts of their further ids, the
 * defaults of their variables, where their rows and columns are, and sensitive fields that nobody reviewed.
 */
export function brokenTemplates(
  templates: readonly Template[],
  schema: GraphQLSchema,
  sensitiveFields: SensitiveFields,
): BrokenTemplate[] {
  return templates
    .filter(({ state }) => state === 'approved' || state === 'deprecated')
    .map((template) => ({ template, problems: problemsUnder(template, schema, sensitiveFields) }))
    .filter(({ problems }) => problems.length > 0);
}

/** Only its being a day matters: date expressions are checked again on every run. */
const anyDay = '2026-01-01' as CalendarDate;

function problemsUnder(template: Template, schema: GraphQLSchema, sensitiveFields: SensitiveFields): string[] {
  const problems = documentProblems(template.text, schema);
  if (problems.length === 0) {
    problems.push(...shapeProblems(template, schema, sensitiveFields), ...defaultProblems(template, schema));
    const further = template.ids.filter(({ kind }) => kind === 'imported');
    for (const { id, text } of further) {
      problems.push(...documentProblems(text, schema).map((problem) => `Under the imported id ${id}: ${problem}`));
    }
  }
  return problems;
}

function documentProblems(text: string, schema: GraphQLSchema): string[] {
  try {
    return validate(schema, parse(text, { noLocation: true })).map(({ message }) => message);
  } catch (error) {
    if (error instanceof GraphQLError) return [error.message];
    throw error;
  }
}

function shapeProblems(
  { text, operationName, rows, columns, sensitive }: Template,
  schema: GraphQLSchema,
  sensitiveFields: SensitiveFields,
): string[] {
  const document = parse(text, { noLocation: true });
  const tree = selectionTree(schema, document, resolveOperation(document, operationName));
  const row = rowFields(tree, rows, '');
  const shaped =
    row.fields === null
      ? row.problems
      : checkColumns(
          columns.map((column) => ({ ...column, path: [...column.path] })),
          row.fields,
          '',
        ).problems;
  const unreviewed = sensitiveSelections(tree, sensitiveFields).filter(({ group }) => !sensitive.includes(group));
  return [
    ...shaped.map(({ what }) => what),
    ...unreviewed.map(
      ({ group, path }) => `"${path}" would be a sensitive field of the group "${group}", which was not reviewed.`,
    ),
  ];
}

function defaultProblems({ variables }: Template, schema: GraphQLSchema): string[] {
  return variables.flatMap((variable) => {
    const type = inputTypeOf(schema, variable.type);
    if (type === null || variable.default === undefined) return [];
    return valueProblems(variable.default, type, variable, anyDay).map(
      (what) => `The default of "$${variable.name}" ${what}.`,
    );
  });
}

export const schemaChangeKinds = ['removed', 'type', 'argument', 'required', 'deprecated'] as const;

/** A change of a schema that callers can notice. Additions are none. */
export interface SchemaChange {
  /** `Type.field`, `Input.field`, `Enum.VALUE` or `Type.field(argument:)`; a type alone when it went as a whole. */
  readonly coordinate: string;
  /** The field whose users are concerned, or null where it is none of an answer. */
  readonly field: string | null;
  readonly kind: (typeof schemaChangeKinds)[number];
  readonly from: string | null;
  readonly to: string | null;
  /** Operations that are valid now can become invalid, or get values they did not expect. */
  readonly breaking: boolean;
}

/** What is removed, changed or newly deprecated between two schemas, by coordinate. */
export function schemaChanges(before: GraphQLSchema, after: GraphQLSchema): SchemaChange[] {
  const changes: SchemaChange[] = [];
  for (const type of Object.values(before.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    const now = after.getType(type.name);
    if (isObjectType(type) || isInterfaceType(type)) changes.push(...outputChanges(type, now));
    else if (isInputObjectType(type)) changes.push(...inputChanges(type, now));
    else if (isEnumType(type)) {
      const names = isEnumType(now) ? new Set(now.getValues().map(({ name }) => name)) : new Set();
      for (const { name } of type.getValues())
        if (!names.has(name)) changes.push(gone(`${type.name}.${name}`, null, name));
    } else if (now === undefined) changes.push(gone(type.name, null, type.name));
  }
  return changes.toSorted((a, b) => (a.coordinate < b.coordinate ? -1 : 1));
}

function outputChanges(
  type: GraphQLObjectType | GraphQLInterfaceType,
  now: GraphQLNamedType | undefined,
): SchemaChange[] {
  const fields = isObjectType(now) || isInterfaceType(now) ? now.getFields() : {};
  const changes: SchemaChange[] = [];
  for (const field of Object.values(type.getFields())) {
    const coordinate = `${type.name}.${field.name}`;
    const next = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined;
    if (next === undefined) {
      changes.push(gone(coordinate, coordinate, String(field.type)));
      continue;
    }
    const [from, to] = [String(field.type), String(next.type)];
    if (from !== to) {
      changes.push({ coordinate, field: coordinate, kind: 'type', from, to, breaking: !withoutNonNull(to, from) });
    }
    for (const argument of field.args) {
      const same = next.args.find(({ name }) => name === argument.name);
      const where = `${coordinate}(${argument.name}:)`;
      if (same === undefined) changes.push({ ...gone(where, coordinate, String(argument.type)), kind: 'argument' });
      else if (String(same.type) !== String(argument.type)) {
        const breaking = !withoutNonNull(String(argument.type), String(same.type));
        changes.push({
          coordinate: where,
          field: coordinate,
          kind: 'argument',
          from: String(argument.type),
          to: String(same.type),
          breaking,
        });
      }
    }
    for (const argument of next.args) {
      if (!isRequiredArgument(argument) || field.args.some(({ name }) => name === argument.name)) continue;
      changes.push({
        coordinate: `${coordinate}(${argument.name}:)`,
        field: coordinate,
        kind: 'required',
        from: null,
        to: String(argument.type),
        breaking: true,
      });
    }
    if (field.deprecationReason == null && next.deprecationReason != null) {
      changes.push({
        coordinate,
        field: coordinate,
        kind: 'deprecated',
        from: null,
        to: next.deprecationReason,
        breaking: false,
      });
    }
  }
  return changes;
}

function inputChanges(type: GraphQLInputObjectType, now: GraphQLNamedType | undefined): SchemaChange[] {
  const fields = isInputObjectType(now) ? now.getFields() : {};
  const changes: SchemaChange[] = [];
  for (const field of Object.values(type.getFields())) {
    const coordinate = `${type.name}.${field.name}`;
    const next = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined;
    const [from, to] = [String(field.type), next === undefined ? null : String(next.type)];
    if (to === null) changes.push(gone(coordinate, null, from));
    else if (from !== to)
      changes.push({ coordinate, field: null, kind: 'type', from, to, breaking: !withoutNonNull(from, to) });
  }
  for (const field of Object.values(fields)) {
    if (!isRequiredInputField(field) || Object.hasOwn(type.getFields(), field.name)) continue;
    changes.push({
      coordinate: `${type.name}.${field.name}`,
      field: null,
      kind: 'required',
      from: null,
      to: String(field.type),
      breaking: true,
    });
  }
  return changes;
}

/** Whether the looser type text is the stricter one with some `!` taken away. */
function withoutNonNull(stricter: string, looser: string): boolean {
  let at = 0;
  for (const character of stricter) {
    if (character === looser[at]) at += 1;
    else if (character !== '!') return false;
  }
  return at === looser.length;
}

const gone = (coordinate: string, field: string | null, from: string): SchemaChange => ({
  coordinate,
  field,
  kind: 'removed',
  from,
  to: null,
  breaking: true,
});

/** One line for those who are told that a schema cannot be used. */
export function describeBroken({ template, problems }: BrokenTemplate): string {
  return `${reference(template)} (${template.state}, owner ${template.owner}): ${problems.join(' ')}`;
}
