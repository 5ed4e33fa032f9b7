import { isCalendarDate, resolveDays, type CalendarDate } from '@certfolio/core';
import {
  coerceInputValue,
  getNamedType,
  getNullableType,
  isInputType,
  isListType,
  parseType,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import type { TemplateVariable } from './template.ts';

type Limits = Pick<TemplateVariable, 'min' | 'max' | 'values' | 'isDateExpression'>;

/** The type of a variable, null when the schema does not have it. */
export function inputTypeOf(schema: GraphQLSchema, typeText: string): GraphQLInputType | null {
  let types = knownTypes.get(schema);
  if (types === undefined) knownTypes.set(schema, (types = new Map()));
  const known = types.get(typeText);
  if (known !== undefined) return known;
  const type = typeFromAST(schema, parseType(typeText));
  const inputType = isInputType(type) ? type : null;
  types.set(typeText, inputType);
  return inputType;
}

/** By the text of the type, which only templates write, so that there are few. */
const knownTypes = new WeakMap<GraphQLSchema, Map<string, GraphQLInputType | null>>();

/**
 * What is wrong with a value of a variable: its type, then its limits; empty when it may be used. Sentences without a
 * subject, such as `must be at most 90`.
 *
 * @param today the day that date expressions count from
 */
export function valueProblems(value: unknown, type: GraphQLInputType, limits: Limits, today: CalendarDate): string[] {
  if (limits.isDateExpression) return dateProblems(value, type, limits, today);
  const problems: string[] = [];
  coerceInputValue(value, type, (path, _invalid, error) => {
    const where = path.length === 0 ? '' : `at ${path.join('.')}: `;
    problems.push(`has a wrong value: ${where}${withoutHint(error.message)}`);
  });
  if (problems.length > 0) return problems;
  return elementsOf(value).flatMap((element) => limitProblems(element, type, limits, today));
}

/** Names in the schema are not told to callers who may not introspect it, so graphql-js's guesses are cut off. */
function withoutHint(message: string): string {
  return message.replace(/ Did you mean .*$/s, '');
}

/** The elements of a list, or the value alone; none for null. */
function elementsOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value.flatMap(elementsOf) : [value];
}

function limitProblems(
  value: unknown,
  type: GraphQLInputType,
  { min, max, values }: Limits,
  today: CalendarDate,
): string[] {
  const problems: string[] = [];
  if (values !== null && !values.some((allowed) => allowed === value)) {
    problems.push(`must be one of ${values.map((allowed) => JSON.stringify(allowed)).join(', ')}`);
  }
  if (typeof value === 'number') {
    if (typeof min === 'number' && value < min) problems.push(`must be at least ${min}, not ${value}`);
    if (typeof max === 'number' && value > max) problems.push(`must be at most ${max}, not ${value}`);
  }
  if (typeof value === 'string' && isDateType(type)) problems.push(...spanProblems(value, { min, max }, today));
  return problems;
}

function dateProblems(value: unknown, type: GraphQLInputType, limits: Limits, today: CalendarDate): string[] {
  if (value === null || value === undefined) return getNullableType(type) === type ? [] : ['must not be null'];
  if (Array.isArray(value) !== isListType(getNullableType(type)))
    return ['must be a date expression or a list of them, as its type says'];
  return elementsOf(value).flatMap((element) => {
    if (typeof element !== 'string') return ['must be a day or a date expression as text'];
    const span = spanOf(element, today);
    if (span === null) return [notADate];
    if (isDateType(type) && span.first !== span.last) return ['must be one day, not a period'];
    const outside = limits.values !== null && !limits.values.includes(element);
    const listed = outside
      ? [`must be one of ${limits.values.map((allowed) => JSON.stringify(allowed)).join(', ')}`]
      : [];
    return [...listed, ...spanProblems(element, limits, today)];
  });
}

const notADate =
  'must be a day such as "2026-11-23" or an expression such as "today+30d", "start_of_month" or "last_quarter"';

function spanProblems(value: string, { min, max }: Pick<Limits, 'min' | 'max'>, today: CalendarDate): string[] {
  const span = spanOf(value, today);
  if (span === null) return [];
  const earliest = typeof min === 'string' ? spanOf(min, today)?.first : undefined;
  const latest = typeof max === 'string' ? spanOf(max, today)?.last : undefined;
  return [
    ...(earliest !== undefined && span.first < earliest ? [`must not be before ${earliest}`] : []),
    ...(latest !== undefined && span.last > latest ? [`must not be after ${latest}`] : []),
  ];
}

/** Null for what is no date expression. */
export function spanOf(expression: string, today: CalendarDate): ReturnType<typeof resolveDays> | null {
  try {
    return resolveDays(expression, today);
  } catch {
    return null;
  }
}

export function isDateType(type: GraphQLInputType): boolean {
  return getNamedType(type).name === 'Date';
}

/** Replaces expressions by the day they mean; anything else stays. */
export function resolvedDay(value: unknown, today: CalendarDate): unknown {
  if (Array.isArray(value)) return value.map((element) => resolvedDay(element, today));
  if (typeof value !== 'string' || isCalendarDate(value)) return value;
  return spanOf(value, today)?.first ?? value;
}
