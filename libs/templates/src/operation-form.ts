import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** A field with everything that decides what it gives: response key, field, arguments, conditions. */
interface FieldForm {
  /** Response key. */
  readonly key: string;
  readonly parentType: string;
  /** Field name alone: no alias, argument or condition. */
  readonly isPlain: boolean;
  readonly children: Map<string, FieldForm>;
}

/**
 * What an operation asks for, whatever tool wrote it down: fragments spread out, selections and arguments without an order,
 * `__typename` and the operation's name left out.
 */
export interface OperationForm {
  readonly name: string | null;
  readonly variables: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldForm>;
  /** Response path of every field: what is cheap to compare first. */
  readonly paths: ReadonlySet<string>;
  /** How often the text has `__typename` by itself. */
  readonly typenames: number;
}

/** More fields than this, with fragments spread out, are not compared. */
const maxFields = 20_000;

/** Null when there is not exactly one operation, or it selects more than 20,000 fields with fragments spread out. */
export function formOf(document: DocumentNode, schema: GraphQLSchema): OperationForm | null {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) return null;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  let visited = 0;
  let typenames = 0;

  function collect(
    into: Map<string, FieldForm>,
    set: SelectionSetNode,
    type: GraphQLCompositeType | null,
    condition: string,
    directives: readonly string[],
    open: readonly string[],
  ): void {
    for (const node of set.selections) {
      visited += 1;
      if (visited > maxFields) throw new RangeError(`The document selects more than ${maxFields} fields.`);
      const own = [...directives, ...directiveTexts(node.directives)];
      if (node.kind === Kind.FIELD) {
        if (node.name.value === '__typename' && node.alias === undefined) typenames += 1;
        else addField(into, node, type, condition, [...own].sort(), open);
        continue;
      }
      const spread = node.kind === Kind.FRAGMENT_SPREAD ? node.name.value : null;
      if (spread !== null && open.includes(spread)) continue;
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      if (fragment === undefined) continue;
      const named = fragment.typeCondition?.name.value;
      const narrowed = named === undefined ? type : asComposite(schema.getType(named));
      const isSame = named === undefined || named === type?.name;
      collect(
        into,
        fragment.selectionSet,
        narrowed,
        isSame ? condition : `${condition}... on ${named} `,
        own,
        spread === null ? open : [...open, spread],
      );
    }
  }

  function addField(
    into: Map<string, FieldForm>,
    node: FieldNode,
    type: GraphQLCompositeType | null,
    condition: string,
    directives: readonly string[],
    open: readonly string[],
  ): void {
    const args = (node.arguments ?? [])
      .map((argument) => `${argument.name.value}: ${valueText(argument.value)}`)
      .sort();
    const alias = node.alias === undefined || node.alias.value === node.name.value ? '' : `${node.alias.value}: `;
    const text = `${condition}${alias}${node.name.value}${args.length === 0 ? '' : `(${args.join(', ')})`}${directives.map((each) => ` ${each}`).join('')}`;
    const form = into.get(text) ?? {
      key: node.alias?.value ?? node.name.value,
      parentType: type?.name ?? '',
      isPlain: text === node.name.value,
      children: new Map(),
    };
    into.set(text, form);
    if (node.selectionSet === undefined) return;
    const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
    const definition = Object.hasOwn(fields, node.name.value) ? fields[node.name.value] : undefined;
    collect(
      form.children,
      node.selectionSet,
      asComposite(definition === undefined ? undefined : getNamedType(definition.type)),
      '',
      [],
      open,
    );
  }

  const fields = new Map<string, FieldForm>();
  try {
    collect(
      fields,
      operation.selectionSet,
      schema.getRootType(operation.operation) ?? null,
      '',
      directiveTexts(operation.directives),
      [],
    );
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  const variables = (operation.variableDefinitions ?? []).map(({ variable, type, defaultValue }) => {
    const given = defaultValue === undefined ? '' : ` = ${valueText(defaultValue)}`;
    return [variable.name.value, `${print(type)}${given}`] as const;
  });
  return {
    name: operation.name?.value ?? null,
    variables: new Map(variables),
    fields,
    paths: pathsOf(fields),
    typenames,
  };
}

function pathsOf(fields: ReadonlyMap<string, FieldForm>, above = '', found = new Set<string>()): Set<string> {
  for (const { key, children } of fields.values()) {
    const path = `${above}${key}`;
    found.add(path);
    pathsOf(children, `${path}.`, found);
  }
  return found;
}

/** Whether a comparison could find no difference: the same variables, and nothing elsewhere but an `id`. */
export function couldBe(template: OperationForm, operation: OperationForm): boolean {
  if (template.variables.size !== operation.variables.size || template.paths.size > operation.paths.size) return false;
  for (const path of template.paths) if (!operation.paths.has(path)) return false;
  for (const path of operation.paths) if (!template.paths.has(path) && !/(?:^|\.)id$/.test(path)) return false;
  return true;
}

/** Fields that both have at the same place in the answer. */
export function commonPaths({ paths: a }: OperationForm, { paths: b }: OperationForm): number {
  const [fewer, more] = a.size < b.size ? [a, b] : [b, a];
  let common = 0;
  for (const path of fewer) if (more.has(path)) common += 1;
  return common;
}

export interface FormComparison {
  /** What the operation asks for otherwise than the template, a few words each; empty when it is the template. */
  readonly differences: readonly string[];
  /** What tools added or changed without another meaning. */
  readonly changed: readonly string[];
}

/**
 * Holds an operation against a template. `id` beside what the template selects is no difference where everyone may read it:
 * Relay's compiler adds it wherever a type has one.
 */
export function comparisonOf(
  template: OperationForm,
  operation: OperationForm,
  isFreeId: (typeName: string) => boolean,
): FormComparison {
  const differences: string[] = [];
  const addedIds: string[] = [];

  for (const [name, type] of template.variables) {
    const own = operation.variables.get(name);
    if (own === undefined) differences.push(`lacks the variable $${name}`);
    else if (own !== type) differences.push(`has $${name}: ${own}, where the template has ${type}`);
  }
  for (const name of operation.variables.keys())
    if (!template.variables.has(name)) differences.push(`has the variable $${name}`);

  function compare(own: ReadonlyMap<string, FieldForm>, other: ReadonlyMap<string, FieldForm>, path: string): void {
    const extra = new Map([...other].filter(([text]) => !own.has(text)));
    const byKey = new Map([...extra].map(([text, form]) => [form.key, text]));
    for (const [text, field] of own) {
      const same = other.get(text);
      // The same place in the answer with other arguments, or another field: what is below is still worth comparing.
      const alikeText = same === undefined ? (byKey.get(field.key) ?? '') : '';
      const alike = extra.get(alikeText);
      if (same !== undefined) compare(field.children, same.children, `${path}${field.key}.`);
      else if (alike === undefined) differences.push(`does not select ${path}${text}`);
      else {
        extra.delete(alikeText);
        differences.push(`selects ${path}${alikeText}, where the template has ${text}`);
        compare(field.children, alike.children, `${path}${field.key}.`);
      }
    }
    for (const [text, { isPlain, children, parentType }] of extra) {
      if (text === 'id' && isPlain && children.size === 0 && isFreeId(parentType)) addedIds.push(`${path}id`);
      else differences.push(`selects ${path}${text}`);
    }
  }
  compare(template.fields, operation.fields, '');

  const changed = [
    ...(template.name === operation.name ? [] : [`operation name ${operation.name ?? '(none)'}`]),
    ...(operation.typenames > template.typenames ? ['__typename added'] : []),
    ...(addedIds.length === 0 ? [] : [`id added at ${addedIds.join(', ')}`]),
  ];
  return { differences, changed: changed.length === 0 ? ['order or fragments'] : changed };
}

function directiveTexts(nodes: readonly DirectiveNode[] | undefined): string[] {
  return (nodes ?? []).map(({ name, arguments: args = [] }) => {
    const given = args.map((argument) => `${argument.name.value}: ${valueText(argument.value)}`).sort();
    return `@${name.value}${given.length === 0 ? '' : `(${given.join(', ')})`}`;
  });
}

/** Members of input objects without an order. */
function valueText(value: ValueNode): string {
  return print(
    visit(value, {
      ObjectValue: {
        leave: (node) => ({ ...node, fields: node.fields.toSorted((a, b) => (a.name.value < b.name.value ? -1 : 1)) }),
      },
      StringValue: { leave: (node) => ({ ...node, block: false }) },
    }),
  );
}

function asComposite(type: unknown): GraphQLCompositeType | null {
  return isCompositeType(type) ? type : null;
}
