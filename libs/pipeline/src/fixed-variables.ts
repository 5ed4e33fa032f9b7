import { isDeepStrictEqual } from 'node:util';
import { AppError, Forbidden, type FixedVariables } from '@certfolio/core';
import { readFixedVariables, type Template, type VariableRules, type VariableValues } from '@certfolio/templates';

/**
 * The variables of a request with those that its key fixes. A caller may leave a fixed one out or send the same value.
 *
 * @throws Forbidden naming every variable that was sent with another value
 * @throws AppError FORBIDDEN when the template has no such variable, or not of such a value, any more
 */
export function withFixedVariables(
  template: Template | null,
  given: VariableValues,
  fixed: FixedVariables,
  rules: VariableRules,
): VariableValues {
  if (template === null) throw new Forbidden('This key runs its template only, and fixes variables of it.');
  const { values, problems } = readFixedVariables(template, fixed, rules);
  if (problems.length > 0)
    throw new AppError(
      'FORBIDDEN',
      `The key fixes variables that "${template.name}" version ${template.version} does not take: ${problems.join('; ')}. Change the key.`,
      { details: { variables: [...fixed.keys()] } },
    );
  const sent = new Map(Object.entries(given));
  const others = [...values].flatMap(([name, { raw, ready }]) => {
    const value = sent.get(name);
    return value === undefined || isDeepStrictEqual(value, raw) || isDeepStrictEqual(value, ready) ? [] : [name];
  });
  if (others.length > 0)
    throw new Forbidden(
      `This key fixes ${others.map((name) => `"${name}"`).join(', ')}; leave ${others.length === 1 ? 'it' : 'them'} out.`,
      { variables: others },
    );
  for (const [name, { raw }] of values) sent.set(name, raw);
  return Object.fromEntries(sent);
}
