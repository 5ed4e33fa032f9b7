import { Kind, parse, valueFromASTUntyped } from 'graphql';

/** Defaults that the document itself gives its variables, by name. A template's metadata may give others. */
export function documentDefaults(text: string): ReadonlyMap<string, unknown> {
  const operations = parse(text, { noLocation: true }).definitions.filter(
    (node) => node.kind === Kind.OPERATION_DEFINITION,
  );
  const variables = operations.flatMap(({ variableDefinitions }) => variableDefinitions ?? []);
  return new Map(
    variables.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
    ),
  );
}
