import { getNamedType, GraphQLError, parse, TypeInfo, visit, visitWithTypeInfo, type GraphQLSchema } from 'graphql';
import type { Template } from './template.ts';

const known = new WeakMap<GraphQLSchema, WeakMap<Template, ReadonlySet<string>>>();

/** `Type.field` of every field that a template selects, whatever its alias; found once per template and schema. */
export function coordinatesOf(template: Template, schema: GraphQLSchema): ReadonlySet<string> {
  let ofSchema = known.get(schema);
  if (ofSchema === undefined) known.set(schema, (ofSchema = new WeakMap()));
  let coordinates = ofSchema.get(template);
  if (coordinates === undefined) ofSchema.set(template, (coordinates = selected(template.text, schema)));
  return coordinates;
}

function selected(text: string, schema: GraphQLSchema): Set<string> {
  const found = new Set<string>();
  const types = new TypeInfo(schema);
  try {
    visit(
      parse(text, { noLocation: true }),
      visitWithTypeInfo(types, {
        Field({ name }) {
          const parent = getNamedType(types.getParentType());
          if (parent) found.add(`${parent.name}.${name.value}`);
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
  }
  return found;
}
