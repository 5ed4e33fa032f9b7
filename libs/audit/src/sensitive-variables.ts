import { Kind, parse, type ConstValueNode, type ValueNode, visit } from 'graphql';
import { isSensitiveName } from './mask.ts';

/**
 * Variables of a document whose values go into a sensitive place, whatever they are called:
 * `orders(filter: { email: { eq: $x } })` makes `x` one.
 */
export function sensitiveVariables(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  visit(parse(text, { noLocation: true }), {
    Argument: ({ name, value }) => collect(value, isSensitiveName(name.value), found),
  });
  return found;
}

function collect(value: ValueNode | ConstValueNode, isSensitive: boolean, found: Set<string>): void {
  if (value.kind === Kind.VARIABLE && isSensitive) found.add(value.name.value);
  if (value.kind === Kind.LIST) for (const item of value.values) collect(item, isSensitive, found);
  if (value.kind === Kind.OBJECT)
    for (const field of value.fields) collect(field.value, isSensitive || isSensitiveName(field.name.value), found);
}
