import type { OfferedVariable } from '@certfolio/client';

/** Values of variables as a URL has them, by name; a variable without any is not there. */
export type VariableValues = Readonly<Record<string, string | readonly string[]>>;

/** Anything may stand in an address: what is no text, number, flag or list of these is left out. */
export function valuesOfSearch(search: Readonly<Record<string, unknown>>): VariableValues {
  return Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => {
      const texts = (Array.isArray(value) ? value : [value]).filter(isPlain).map(String);
      if (texts.length === 0) return [];
      return [[name, Array.isArray(value) ? texts : texts[0]!]];
    }),
  );
}

const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);

/** What is sent: values of variables that the report has, without those that say nothing. */
export function sentValues(
  variables: readonly OfferedVariable[],
  values: VariableValues,
): ReadonlyMap<string, string | readonly string[]> {
  const given = new Map(Object.entries(values));
  return new Map(
    variables.flatMap(({ name }) => {
      const value = given.get(name);
      const isEmpty = value === undefined || value.length === 0;
      return isEmpty ? [] : [[name, value] as const];
    }),
  );
}

/** What keeps the report from being run, by variable; the gateway checks again, and more. */
export function problemsOf(
  variables: readonly OfferedVariable[],
  oneOf: readonly string[],
  values: VariableValues,
): ReadonlyMap<string, string> {
  const sent = sentValues(variables, values);
  const problems = new Map<string, string>();
  for (const variable of variables) {
    const value = sent.get(variable.name);
    const problem = value === undefined ? missing(variable) : problemOf(variable, value);
    if (problem !== null) problems.set(variable.name, problem);
  }
  const given = oneOf.filter((name) => sent.has(name));
  if (oneOf.length > 0 && given.length !== 1)
    for (const name of given.length === 0 ? oneOf : given)
      problems.set(name, `Give exactly one of ${oneOf.join(', ')}.`);
  return problems;
}

const missing = ({ isRequired }: OfferedVariable) => (isRequired ? 'This report needs a value here.' : null);

function problemOf({ type, min, max }: OfferedVariable, value: string | readonly string[]): string | null {
  for (const text of typeof value === 'string' ? [value] : value) {
    if (type !== 'integer' && type !== 'number') continue;
    if (!(type === 'integer' ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/).test(text))
      return type === 'integer' ? 'A whole number.' : 'A number.';
    if (min !== null && Number(text) < min) return `At least ${min}.`;
    if (max !== null && Number(text) > max) return `At most ${max}.`;
  }
  return null;
}
