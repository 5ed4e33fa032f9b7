import {
  GraphQLError,
  isTypeSubTypeOf,
  parse,
  print,
  typeFromAST,
  parseType,
  type GraphQLSchema,
  type GraphQLType,
} from 'graphql';
import { reference } from './registry.ts';
import { resolveOperation } from './resolve-operation.ts';
import { selectionTree, type SelectedField } from './selection-tree.ts';
import type { Template, TemplateVariable } from './template.ts';

export const changedParts = [
  'state',
  'operation',
  'field',
  'arguments',
  'variable',
  'rows',
  'column',
  'paging',
  'sensitive',
  'freshness',
  'owner',
  'title',
  'cost',
  'calls',
] as const;
export type ChangedPart = (typeof changedParts)[number];

/** One difference between two versions. */
export interface TemplateChange {
  readonly part: ChangedPart;
  /** What of the part: a response path, the name of a variable, the title of a column; empty for the part as a whole. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** As it was and as it is, for people; null on the side where it is not. */
  readonly from: string | null;
  readonly to: string | null;
  /** Callers of the former version can fail, or read something else, without a change of theirs. */
  readonly breaking: boolean;
}

export interface TemplateDiff {
  /** `name@version`; null for a side that is not there. */
  readonly from: string | null;
  readonly to: string | null;
  readonly changes: readonly TemplateChange[];
  readonly breaking: boolean;
}

/** What is known of a template beside itself. */
export interface DiffFacts {
  readonly schema: GraphQLSchema;
  /** Estimated points with the default variables; null when not known. */
  readonly costOf?: (template: Template) => number | null;
  /** Calls that a run with the default variables would make now; null when not known. */
  readonly callsOf?: (template: Template) => number | null;
}

/** Tells two versions apart: what callers see first, and what they may stumble over. */
export function diffTemplates(from: Template, to: Template, facts: DiffFacts): TemplateDiff {
  const changes = [
    ...changed('state', '', from.state, to.state, to.state === 'retired'),
    ...changed('operation', '', from.operationName, to.operationName, from.operationName !== null),
    ...fieldChanges(from, to, facts.schema),
    ...variableChanges(from, to, facts.schema),
    ...changed('rows', '', from.rows.join('.'), to.rows.join('.'), true),
    ...columnChanges(from, to),
    ...changed('paging', '', pagingText(from), pagingText(to), from.paging !== null && !isSamePaging(from, to)),
    ...setChanges('sensitive', from.sensitive, to.sensitive),
    ...changed('freshness', '', secondsText(from.maxAgeSeconds), secondsText(to.maxAgeSeconds), false),
    ...changed('owner', '', from.owner, to.owner, false),
    ...changed('title', '', from.title, to.title, false),
    ...numberChange('cost', facts.costOf?.(from), facts.costOf?.(to)),
    ...numberChange('calls', facts.callsOf?.(from), facts.callsOf?.(to)),
  ];
  return { from: reference(from), to: reference(to), changes, breaking: changes.some(({ breaking }) => breaking) };
}

/**
 * A set of templates against the one in place: each new version against the newest one in place that callers run under its
 * name. Versions that are the same in both are left out.
 */
export function diffTemplateSet(
  inPlace: readonly Template[],
  next: readonly Template[],
  facts: DiffFacts,
): TemplateDiff[] {
  const diffs: TemplateDiff[] = [];
  for (const template of next) {
    const sameVersion = inPlace.find(({ name, version }) => name === template.name && version === template.version);
    const before = sameVersion ?? newestRunning(inPlace, template.name);
    if (before === null) {
      diffs.push({ from: null, to: reference(template), changes: [], breaking: false });
      continue;
    }
    const diff = diffTemplates(before, template, facts);
    if (before !== sameVersion || diff.changes.length > 0 || before.id !== template.id) diffs.push(diff);
  }
  return diffs;
}

/** The newest version that runs under the name alone; null when none does. */
export function newestRunning(templates: readonly Template[], name: string): Template | null {
  const newest = (state: Template['state']) =>
    templates.filter((each) => each.name === name && each.state === state).toSorted((a, b) => b.version - a.version)[0];
  return newest('approved') ?? newest('deprecated') ?? null;
}

function fieldChanges(from: Template, to: Template, schema: GraphQLSchema): TemplateChange[] {
  const [before, after] = [fieldsOf(from, schema), fieldsOf(to, schema)];
  const changes: TemplateChange[] = [];
  for (const [path, field] of before) {
    const now = after.get(path);
    const type = String(field.type);
    if (now === undefined) {
      changes.push({ part: 'field', path, kind: 'removed', from: type, to: null, breaking: true });
      continue;
    }
    const isCompatible = isTypeSubTypeOf(schema, now.type, field.type);
    changes.push(...changed('field', path, type, String(now.type), !isCompatible));
    const sources = [field, now].map(({ parentType, fieldName }) => `${parentType}.${fieldName}`);
    if (String(now.type) === type) changes.push(...changed('field', path, sources[0]!, sources[1]!, true));
    changes.push(...changed('arguments', path, argumentsText(field), argumentsText(now), false));
  }
  for (const [path, field] of after) {
    if (!before.has(path))
      changes.push({ part: 'field', path, kind: 'added', from: null, to: String(field.type), breaking: false });
  }
  return changes;
}

/** Every field by its response path, those of lists included. Empty for a text that does not parse any more. */
function fieldsOf({ text, operationName }: Template, schema: GraphQLSchema): Map<string, SelectedField> {
  const found = new Map<string, SelectedField>();
  const collect = (fields: ReadonlyMap<string, SelectedField>, above: string) => {
    for (const field of fields.values()) {
      const path = above === '' ? field.key : `${above}.${field.key}`;
      found.set(path, field);
      collect(field.children, path);
    }
  };
  try {
    const document = parse(text);
    collect(selectionTree(schema, document, resolveOperation(document, operationName)), '');
  } catch (error) {
    if (!(error instanceof GraphQLError) && !(error instanceof RangeError)) throw error;
  }
  return found;
}

function argumentsText({ node }: SelectedField): string | null {
  const given = (node.arguments ?? []).map((argument) => print(argument)).sort();
  const directives = (node.directives ?? []).map((directive) => print(directive));
  return given.length + directives.length === 0 ? null : [...given, ...directives].join(', ');
}

function variableChanges(from: Template, to: Template, schema: GraphQLSchema): TemplateChange[] {
  const [before, after] = [from, to].map(
    ({ variables }) => new Map(variables.map((variable) => [variable.name, variable])),
  );
  const [defaultsBefore, defaultsAfter] = [documentDefaults(from), documentDefaults(to)];
  const defaultText = ({ name, default: own }: TemplateVariable, defaults: ReadonlyMap<string, string>) =>
    jsonText(own) ?? defaults.get(name) ?? null;
  const changes: TemplateChange[] = [];
  for (const [name, variable] of before!) {
    const now = after!.get(name);
    if (now === undefined) {
      changes.push({ part: 'variable', path: name, kind: 'removed', from: variable.type, to: null, breaking: true });
      continue;
    }
    const takesAsBefore = isSubType(schema, variable.type, now.type);
    changes.push(
      ...changed('variable', name, variable.type, now.type, !takesAsBefore),
      ...changed('variable', `${name}.required`, yesNo(variable.isRequired), yesNo(now.isRequired), now.isRequired),
      ...changed(
        'variable',
        `${name}.default`,
        defaultText(variable, defaultsBefore),
        defaultText(now, defaultsAfter),
        false,
      ),
      ...changed(
        'variable',
        `${name}.min`,
        jsonText(variable.min),
        jsonText(now.min),
        isTighter(variable.min, now.min, 1),
      ),
      ...changed(
        'variable',
        `${name}.max`,
        jsonText(variable.max),
        jsonText(now.max),
        isTighter(variable.max, now.max, -1),
      ),
      ...changed(
        'variable',
        `${name}.values`,
        jsonText(variable.values),
        jsonText(now.values),
        isNarrower(variable.values, now.values),
      ),
    );
  }
  for (const [name, variable] of after!) {
    if (before!.has(name)) continue;
    changes.push({
      part: 'variable',
      path: name,
      kind: 'added',
      from: null,
      to: variable.type,
      breaking: variable.isRequired,
    });
  }
  return changes;
}

/** Defaults that the document itself has, as its text has them. */
function documentDefaults({ text, operationName }: Template): Map<string, string> {
  try {
    const { variableDefinitions = [] } = resolveOperation(parse(text), operationName);
    return new Map(
      variableDefinitions.flatMap(({ variable, defaultValue }) =>
        defaultValue === undefined ? [] : [[variable.name.value, print(defaultValue)]],
      ),
    );
  } catch (error) {
    if (error instanceof GraphQLError) return new Map();
    throw error;
  }
}

function columnChanges(from: Template, to: Template): TemplateChange[] {
  const [before, after] = [from, to].map(({ columns }) => new Map(columns.map((column) => [column.title, column])));
  const changes: TemplateChange[] = [];
  for (const [title, column] of before!) {
    const now = after!.get(title);
    if (now === undefined) {
      changes.push({ part: 'column', path: title, kind: 'removed', from: column.type, to: null, breaking: true });
      continue;
    }
    changes.push(
      ...changed('column', title, column.type, now.type, true),
      ...changed('column', title, column.path.join('.'), now.path.join('.'), true),
    );
  }
  for (const [title, column] of after!) {
    if (!before!.has(title))
      changes.push({ part: 'column', path: title, kind: 'added', from: null, to: column.type, breaking: false });
  }
  // Scripts read CSV by position: what is only appended leaves it.
  const kept = (titles: Iterable<string>, other: ReadonlyMap<string, unknown>) =>
    [...titles].filter((title) => other.has(title));
  const [orderBefore, orderAfter] = [kept(before!.keys(), after!), kept(after!.keys(), before!)];
  const isInserted =
    orderBefore.some((title, index) => [...after!.keys()][index] !== title) && orderBefore.length === before!.size;
  if (orderBefore.join('\n') !== orderAfter.join('\n') || isInserted) {
    changes.push({
      part: 'column',
      path: '',
      kind: 'changed',
      from: [...before!.keys()].join(', '),
      to: [...after!.keys()].join(', '),
      breaking: false,
    });
  }
  return changes;
}

function setChanges(part: ChangedPart, from: readonly string[], to: readonly string[]): TemplateChange[] {
  return [
    ...from
      .filter((each) => !to.includes(each))
      .map((path) => ({ part, path, kind: 'removed', from: path, to: null, breaking: false }) as const),
    // A key without the right to the group is refused from now on.
    ...to
      .filter((each) => !from.includes(each))
      .map((path) => ({ part, path, kind: 'added', from: null, to: path, breaking: true }) as const),
  ];
}

function numberChange(
  part: ChangedPart,
  from: number | null | undefined,
  to: number | null | undefined,
): TemplateChange[] {
  if (from == null || to == null) return [];
  return changed(part, '', String(from), String(to), false);
}

function changed(
  part: ChangedPart,
  path: string,
  from: string | null,
  to: string | null,
  breaking: boolean,
): TemplateChange[] {
  return from === to
    ? []
    : [{ part, path, kind: from === null ? 'added' : to === null ? 'removed' : 'changed', from, to, breaking }];
}

function isSamePaging({ paging: a }: Template, { paging: b }: Template): boolean {
  return (
    a !== null &&
    b !== null &&
    a.first === b.first &&
    a.after === b.after &&
    a.pageInfo.join('.') === b.pageInfo.join('.')
  );
}

function pagingText({ paging }: Template): string | null {
  return paging === null
    ? null
    : `$${paging.first}, $${paging.after}, ${paging.pageInfo.join('.')}, ${paging.pageSize} rows per page`;
}

/** A bound that is new, or further in than it was; what cannot be compared counts as tighter. */
function isTighter(from: number | string | null, to: number | string | null, direction: 1 | -1): boolean {
  if (to === null || from === to) return false;
  return typeof from !== 'number' || typeof to !== 'number' || (to - from) * direction > 0;
}

function isNarrower(from: TemplateVariable['values'], to: TemplateVariable['values']): boolean {
  return to !== null && (from === null || from.some((value) => !to.includes(value)));
}

/** Whether every value of the first input type is one of the second. */
function isSubType(schema: GraphQLSchema, type: string, superType: string): boolean {
  const [a, b] = [typeOf(schema, type), typeOf(schema, superType)];
  return a === null || b === null ? type === superType : isTypeSubTypeOf(schema, a, b);
}

function typeOf(schema: GraphQLSchema, text: string): GraphQLType | null {
  try {
    return typeFromAST(schema, parseType(text) as never) ?? null;
  } catch {
    return null;
  }
}

const yesNo = (flag: boolean): string => (flag ? 'yes' : 'no');
const jsonText = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);
const secondsText = (seconds: number | null): string | null => (seconds === null ? null : `${seconds} s`);
