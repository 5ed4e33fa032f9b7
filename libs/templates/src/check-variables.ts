import type { CalendarDate } from '@certfolio/core';
import {
  getNamedType,
  Kind,
  parseType,
  print,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
} from 'graphql';
import { inputTypeOf, isDateType, spanOf, valueProblems } from './input-value.ts';
import type { TemplateMetadata, VariableMetadata } from './template-metadata.ts';
import { at, type TemplateProblem } from './template-problem.ts';
import type { TemplateVariable } from './template.ts';

/** Only its being a day matters here: defaults and bounds are checked again on every run with the day of the run. */
const anyDay = '2026-01-01' as CalendarDate;

/**
 * Holds the variables of the metadata against those of the document. Each must be in both, except the two of paging,
 * which need no description.
 */
export function checkVariables(
  metadata: TemplateMetadata,
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
  file: string,
): { variables: TemplateVariable[]; problems: TemplateProblem[] } {
  const described = new Map(Object.entries(metadata.variables));
  const defined = new Map((operation.variableDefinitions ?? []).map((node) => [node.variable.name.value, node]));
  const paging = new Set(metadata.paging === undefined ? [] : [metadata.paging.first, metadata.paging.after]);
  const problems: TemplateProblem[] = [];
  for (const name of described.keys()) {
    if (defined.has(name)) continue;
    problems.push(
      at(
        file,
        `variables.${name}`,
        `The document has no variable "$${name}".`,
        'Remove it, or add it to the operation.',
      ),
    );
  }
  for (const name of metadata.oneOf ?? []) {
    if (defined.has(name)) continue;
    problems.push(
      at(file, 'oneOf', `The document has no variable "$${name}".`, 'Remove it, or add it to the operation.'),
    );
  }
  const variables = [...defined].map(([name, node]) => {
    const description = described.get(name);
    if (description === undefined && !paging.has(name)) {
      problems.push(
        at(file, 'variables', `The variable "$${name}" of the document is not described.`, `Add "variables.${name}".`),
      );
    }
    return checkVariable(name, node, description ?? {}, schema, file, problems);
  });
  return { variables, problems };
}

function checkVariable(
  name: string,
  node: VariableDefinitionNode,
  said: VariableMetadata,
  schema: GraphQLSchema,
  file: string,
  problems: TemplateProblem[],
): TemplateVariable {
  const where = `variables.${name}`;
  const say = (member: string, what: string, todo: string) => problems.push(at(file, `${where}.${member}`, what, todo));
  const typeText = print(node.type);
  if (said.type !== undefined && normalizedType(said.type) !== typeText) {
    say(
      'type',
      `The type is "${said.type}" here and "${typeText}" in the document.`,
      'Leave it out, or make it the same.',
    );
  }
  if (said.default !== undefined && node.defaultValue !== undefined) {
    say('default', 'The document has a default too.', 'Give the default in one place.');
  }
  const type = inputTypeOf(schema, typeText);
  const hasDefault = said.default !== undefined || node.defaultValue !== undefined;
  const variable: TemplateVariable = {
    name,
    type: typeText,
    description: said.description ?? null,
    isRequired: node.type.kind === Kind.NON_NULL_TYPE && !hasDefault,
    default: said.default,
    min: said.min ?? null,
    max: said.max ?? null,
    values: said.values ?? null,
    isDateExpression: said.dateExpression ?? false,
  };
  if (type === null) return variable; // the schema's validation names it

  if (variable.isDateExpression && !isDateType(type) && !isText(type)) {
    say(
      'dateExpression',
      `A variable of type "${typeText}" takes no date expressions.`,
      'Use a variable of type Date or String.',
    );
  }
  for (const member of ['min', 'max'] as const) {
    if (!isBound(variable[member], type, variable.isDateExpression)) {
      say(
        member,
        `This is no bound for a variable of type "${typeText}".`,
        'Give a number for numbers, a day or date expression for dates.',
      );
    }
  }
  const unlimited = { min: null, max: null, values: null, isDateExpression: variable.isDateExpression };
  const elementType = getNamedType(type) as GraphQLInputType;
  for (const value of variable.values ?? []) {
    for (const what of valueProblems(value, elementType, { ...unlimited, isDateExpression: false }, anyDay)) {
      say('values', `The value ${JSON.stringify(value)} ${what}.`, 'Correct the list of values.');
    }
  }
  if (said.default !== undefined) {
    for (const what of valueProblems(said.default, type, variable, anyDay))
      say('default', `The default ${what}.`, 'Correct the default.');
  }
  return variable;
}

function normalizedType(text: string): string {
  try {
    return print(parseType(text));
  } catch {
    return text;
  }
}

function isBound(bound: number | string | null, type: GraphQLInputType, isDateExpression: boolean): boolean {
  if (bound === null) return true;
  const named = getNamedType(type);
  if (named.name === 'Int' || named.name === 'Float') return typeof bound === 'number';
  return (isDateExpression || isDateType(type)) && typeof bound === 'string' && spanOf(bound, anyDay) !== null;
}

function isText(type: GraphQLInputType): boolean {
  return getNamedType(type).name === 'String';
}
