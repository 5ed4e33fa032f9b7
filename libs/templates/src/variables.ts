import { BadUserInput, type CalendarDate } from '@certfolio/core';
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isScalarType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import { inputTypeOf, isDateType, resolvedDay, valueProblems } from './input-value.ts';
import { shorten } from './requested-id.ts';
import type { Template, TemplateVariable } from './template.ts';

export interface VariableRules {
  readonly schema: GraphQLSchema;
  /** The day that date expressions count from, in the zone of the run. */
  readonly today: CalendarDate;
}

export type VariableValues = Readonly<Record<string, unknown>>;

/**
 * Variables of a run from JSON: every value is held against its type and limits, defaults of the metadata are filled in.
 * Date expressions become days where the type is `Date`; text variables keep them for the graph's filters.
 *
 * @throws BadUserInput naming every variable that is unknown, missing or wrong
 */
export function variablesFromJson(template: Template, given: VariableValues, rules: VariableRules): VariableValues {
  return completed(template, new Map(Object.entries(given)), [], rules);
}

/**
 * Variables of a run from URL parameters. Text is read by the type of the variable: `true`, `false`, `1`, `0` for
 * flags; lists by repetition, by commas, or as JSON; input objects as JSON. The caller removes parameters of its own.
 *
 * @throws BadUserInput naming every variable that is unknown, missing or wrong
 */
export function variablesFromSearch(template: Template, search: URLSearchParams, rules: VariableRules): VariableValues {
  const given = new Map<string, unknown>();
  const problems: string[] = [];
  const byName = new Map(template.variables.map((variable) => [variable.name, variable]));
  for (const name of new Set(search.keys())) {
    const variable = byName.get(name);
    const type = variable === undefined ? null : inputTypeOf(rules.schema, variable.type);
    const texts = search.getAll(name);
    if (type === null) {
      given.set(name, texts);
      continue;
    }
    try {
      given.set(name, readTexts(texts, type));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problems.push(`"${name}" ${error.message}`);
    }
  }
  return completed(template, given, problems, rules);
}

/** A fixed value as the graph takes it, and with its date expression resolved. */
export interface FixedValue {
  readonly raw: unknown;
  readonly ready: unknown;
}

/** Values that a key fixes, read like URL parameters. Problems name variables that are unknown or have a wrong value. */
export function readFixedVariables(
  template: Template,
  fixed: ReadonlyMap<string, readonly string[]>,
  rules: VariableRules,
): { readonly values: ReadonlyMap<string, FixedValue>; readonly problems: readonly string[] } {
  const byName = new Map(template.variables.map((variable) => [variable.name, variable]));
  const values = new Map<string, FixedValue>();
  const problems = unknownProblems(fixed, template.variables);
  for (const [name, texts] of fixed) {
    const variable = byName.get(name);
    if (variable === undefined) continue;
    const type = inputTypeOf(rules.schema, variable.type);
    try {
      const raw = type === null ? texts : readTexts(texts, type);
      if (type !== null)
        problems.push(...valueProblems(raw, type, variable, rules.today).map((what) => `"${name}" ${what}`));
      values.set(name, { raw, ready: ready(raw, variable, type, rules.today) });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problems.push(`"${name}" ${error.message}`);
    }
  }
  return { values, problems };
}

function completed(
  template: Template,
  given: ReadonlyMap<string, unknown>,
  readProblems: readonly string[],
  rules: VariableRules,
): VariableValues {
  const unread = readProblems.map((problem) => /^"([^"]*)"/.exec(problem)?.[1]);
  const problems = [...readProblems, ...unknownProblems(given, template.variables)];
  const values: [string, unknown][] = [];
  for (const variable of template.variables) {
    const value = given.get(variable.name) ?? (given.get(variable.name) === null ? null : variable.default);
    if (value === undefined) {
      if (variable.isRequired && !unread.includes(variable.name))
        problems.push(`"${variable.name}" (${variable.type}) is missing`);
      continue;
    }
    const type = inputTypeOf(rules.schema, variable.type);
    if (type !== null)
      problems.push(...valueProblems(value, type, variable, rules.today).map((what) => `"${variable.name}" ${what}`));
    values.push([variable.name, ready(value, variable, type, rules.today)]);
  }
  problems.push(...oneOfProblems(template, values));
  if (problems.length > 0) {
    throw new BadUserInput(`The variables of "${template.name}" cannot be used: ${problems.join('; ')}.`, { problems });
  }
  return Object.fromEntries(values);
}

/** A variable that is null, or an empty text, is not given. */
function oneOfProblems({ oneOf }: Template, values: readonly (readonly [string, unknown])[]): string[] {
  if (oneOf.length === 0) return [];
  const given = values.filter(([name, value]) => oneOf.includes(name) && value !== null && value !== '');
  const names = oneOf.map((name) => `"${name}"`).join(', ');
  return given.length === 1 ? [] : [`exactly one of ${names} must be given, not ${given.length}`];
}

function unknownProblems(given: ReadonlyMap<string, unknown>, variables: readonly TemplateVariable[]): string[] {
  const known = variables.map(({ name }) => name);
  const unknown = [...given.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return [];
  const names = unknown.slice(0, 10).map((name) => `"${shorten(name)}"`);
  const list = known.length === 0 ? 'it has none' : `it has ${known.map((name) => `"${name}"`).join(', ')}`;
  return [`there is no variable ${names.join(', ')}; ${list}`];
}

function ready(
  value: unknown,
  { isDateExpression }: TemplateVariable,
  type: GraphQLInputType | null,
  today: CalendarDate,
): unknown {
  return isDateExpression && type !== null && isDateType(type) ? resolvedDay(value, today) : value;
}

/** A parameter whose text is no value of its type. The message has no subject. */
class Unreadable extends Error {}

function readTexts(texts: readonly string[], type: GraphQLInputType): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return readList(texts, nullable.ofType);
  if (texts.length > 1) throw new Unreadable(`is given ${texts.length} times but takes one value`);
  return readText(texts[0]!, nullable);
}

function readList(texts: readonly string[], element: GraphQLInputType): unknown {
  const [first] = texts;
  if (texts.length === 1 && first !== undefined) {
    if (first === '') return [];
    if (first.startsWith('[')) return readJson(first);
  }
  const isFlat = isLeaf(getNullableType(element));
  const parts = isFlat ? texts.flatMap((text) => text.split(',')) : texts;
  return parts.map((text) => readText(text, getNullableType(element)));
}

function isLeaf(type: GraphQLInputType): boolean {
  return isScalarType(type) || isEnumType(type);
}

function readText(text: string, type: GraphQLInputType): unknown {
  if (isNonNullType(type) || !isLeaf(type)) return readJson(text);
  switch (getNamedType(type).name) {
    case 'Int':
      if (/^-?\d{1,10}$/.test(text)) return Number(text);
      throw new Unreadable(`must be a whole number, not "${shorten(text)}"`);
    case 'Float':
      if (/^-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?$/.test(text)) return Number(text);
      throw new Unreadable(`must be a number, not "${shorten(text)}"`);
    case 'Boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      throw new Unreadable(`must be true or false, not "${shorten(text)}"`);
    default:
      return text;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Unreadable('must be JSON');
  }
}
