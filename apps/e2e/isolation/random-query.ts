import {
  astFromValue,
  getNamedType,
  isLeafType,
  isNonNullType,
  isObjectType,
  parseType,
  print,
  typeFromAST,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

/** Whole numbers from 0 up to, and without, `below`. */
export type Draw = (below: number) => number;

/** The same numbers for the same seed (mulberry32). */
export function drawFrom(seed: number): Draw {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const pickFrom =
  (draw: Draw) =>
  <T>(values: readonly T[]): T =>
    values[draw(values.length)]!;

export interface RandomQuery {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** An argument as GraphQL type and JSON value. */
export type Given = readonly [type: string, value: unknown];

/** Arguments of a root field, drawn anew each time. */
export type RootArguments = ReadonlyMap<string, () => Readonly<Record<string, Given>>>;

/** What tells whose row an object is; selected under the alias `Type_` wherever the type stands. */
export const markers: ReadonlyMap<string, string> = new Map([
  ['Order', 'id'],
  ['OrderDetails', 'id'],
  ['Certificate', 'serialNumber'],
  ['Organization', 'id'],
  ['Domain', 'id'],
  ['Container', 'id'],
  ['User', 'id'],
  ['ApprovalRequest', 'id'],
  ['BalanceEntry', 'id'],
]);

/** Read with calls of CertCentral for each row, which are counted by the minute; and what changes as time goes by. */
const left = new Set([
  ...['duplicates', 'reissues', 'notes', 'validation', 'dateIssued', 'organizationContact', 'verifiedContacts'],
  ...[
    'contacts',
    'bundles',
    'ageDays',
    'ageHours',
    'daysLeft',
    'dcvDaysLeft',
    'Order.requests',
    'isRenewal',
    'renewalOfOrderId',
    'currency',
  ],
]);
const sensitive =
  /^(csr|cost.*|currency|.*[eE]mails?|username|userAssignments|customFields|custom_fields|.*_email|credit|debit|balanceAfter)$/;

/**
 * A valid query of one to three root fields: aliases, fragments in place and by name, directives, arguments as literals and as
 * variables. Every object that a division owns carries what tells so, under an alias that nothing else has.
 */
export function randomQuery(schema: GraphQLSchema, roots: RootArguments, draw: Draw): RandomQuery {
  const chance = (percent: number) => draw(100) < percent;
  const pick = pickFrom(draw);
  const fragments: string[] = [];
  const variables = new Map<string, Given>();
  // Keys without a right are refused as a whole, so most queries do without sensitive fields.
  const maySelectSensitive = chance(25);
  let names = 0;

  const variable = (given: Given) => {
    const name = `v${variables.size}`;
    variables.set(name, given);
    return `$${name}`;
  };
  const literal = ([type, value]: Given) =>
    print(astFromValue(value, typeFromAST(schema, parseType(type) as never) as GraphQLInputType)!);
  const argumentsText = (given: Readonly<Record<string, Given>>) => {
    const written = Object.entries(given).map(([name, one]) => `${name}: ${chance(40) ? variable(one) : literal(one)}`);
    return written.length === 0 ? '' : `(${written.join(', ')})`;
  };
  const condition = () => {
    if (chance(92)) return '';
    const flag = chance(50);
    return ` @${pick(['skip', 'include'])}(if: ${chance(50) ? String(flag) : variable(['Boolean!', flag])})`;
  };

  const isSelectable = (parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number) =>
    !left.has(field.name) &&
    !left.has(`${parent.name}.${field.name}`) &&
    (maySelectSensitive || !sensitive.test(field.name)) &&
    !field.args.some(({ type }) => isNonNullType(type)) &&
    (isLeafType(getNamedType(field.type)) || (depth > 0 && isObjectType(getNamedType(field.type))));

  const selection = (type: GraphQLObjectType, depth: number): string => {
    const fields = Object.values(type.getFields()).filter((field) => isSelectable(type, field, depth));
    const marker = markers.get(type.name);
    const parts = marker === undefined ? ['__typename'] : [`${type.name}_: ${marker}`];
    for (let count = 1 + draw(5); count > 0 && fields.length > 0; count -= 1)
      parts.push(fieldText(pick(fields), depth));
    if (chance(10)) parts.push(pick(parts));
    if (chance(10)) parts.push(`... on ${type.name}${condition()} ${selection(type, depth - 1)}`);
    if (chance(8)) parts.push(`...${condition()} ${selection(type, depth - 1)}`);
    if (chance(8)) {
      const name = `part${(names += 1)}`;
      fragments.push(`fragment ${name} on ${type.name} ${selection(type, depth - 1)}`);
      parts.push(`...${name}${condition()}`);
    }
    return `{ ${parts.join(' ')} }`;
  };
  const fieldText = ({ name, type }: GraphQLField<unknown, unknown>, depth: number, given = ''): string => {
    const named = getNamedType(type);
    const when = condition();
    // Fields of one name that differ below do not merge, so objects get a name of their own.
    const alias = isObjectType(named) || when !== '' || chance(20) ? `a${(names += 1)}: ` : '';
    return `${alias}${name}${given}${when}${isObjectType(named) ? ` ${selection(named, depth - 1)}` : ''}`;
  };

  const root = schema.getQueryType()!.getFields();
  const asked = Array.from({ length: 1 + draw(3) }, () => {
    const name = pick([...roots.keys()]);
    return fieldText(root[name]!, 4, argumentsText(roots.get(name)!()));
  });
  const definitions = [...variables].map(([name, [type]]) => `$${name}: ${type}`);
  return {
    text: [
      `query R${definitions.length === 0 ? '' : `(${definitions.join(', ')})`} { ${asked.join(' ')} }`,
      ...fragments,
    ].join('\n'),
    variables: Object.fromEntries([...variables].map(([name, [, value]]) => [name, value])),
  };
}
