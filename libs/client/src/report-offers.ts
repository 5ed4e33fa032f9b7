/** A template that the key may run, as the gateway offers it by URL. */
export interface ReportOffer {
  readonly name: string;
  readonly title: string;
  /** The question that its rows answer. */
  readonly question: string;
  /** What its rows mean, and what they cannot know; empty without. */
  readonly description: string;
  readonly isDeprecated: boolean;
  readonly variables: readonly OfferedVariable[];
  /** Variables that must be given. */
  readonly required: readonly string[];
  /** Variables of which exactly one must be given. */
  readonly oneOf: readonly string[];
  /** Variables that cut the rows into pages; without a value for these all rows come. */
  readonly paging: readonly string[];
  /** File endings under which it is offered: csv, json, … */
  readonly formats: readonly string[];
}

/** A variable as a URL takes it. */
export interface OfferedVariable {
  readonly name: string;
  readonly type: 'integer' | 'number' | 'boolean' | 'string';
  /** Takes any number of values. */
  readonly isList: boolean;
  readonly isRequired: boolean;
  readonly description: string;
  /** What it is without a value, as JSON has it; undefined without a default. */
  readonly default: unknown;
  /** The only values that it takes; null when any of its type will do. */
  readonly values: readonly string[] | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** Reads the gateway's OpenAPI document, by name; null for what is none. */
export function readReportOffers(document: unknown): readonly ReportOffer[] | null {
  const paths = membersOf(membersOf(document)?.get('paths'));
  if (paths === null) return null;
  const formats = new Map<string, string[]>();
  const offers = new Map<string, Omit<ReportOffer, 'formats'>>();
  for (const [path, item] of paths) {
    const [, name, format] = /^\/r\/([^/]+)\.([a-z]+)$/.exec(path) ?? [];
    const get = membersOf(membersOf(item)?.get('get'));
    if (name === undefined || format === undefined || get === null) continue;
    formats.set(name, [...(formats.get(name) ?? []), format]);
    if (!offers.has(name)) offers.set(name, offerOf(name, get));
  }
  return [...offers.values()]
    .map((offer) => ({ ...offer, formats: formats.get(offer.name) ?? [] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** OpenAPI cannot say these by itself. */
const oneOfMember = 'x-certfolio-one-of';
const pagingMember = 'x-certfolio-paging';

function offerOf(name: string, get: Members): Omit<ReportOffer, 'formats'> {
  const parameters = get.get('parameters');
  const variables = (Array.isArray(parameters) ? parameters : []).flatMap(variableOf);
  const [question = '', ...description] = textOf(get.get('description')).split('\n\n');
  return {
    name,
    title: textOf(get.get('summary')) || name,
    question,
    description: description.join('\n\n').trim(),
    isDeprecated: get.get('deprecated') === true,
    variables,
    required: variables.flatMap((variable) => (variable.isRequired ? [variable.name] : [])),
    oneOf: textsOf(get.get(oneOfMember)),
    paging: textsOf(get.get(pagingMember)),
  };
}

function variableOf(parameter: unknown): readonly OfferedVariable[] {
  const members = membersOf(parameter);
  const name = members?.get('name');
  if (members === null || typeof name !== 'string') return [];
  const schema = membersOf(members.get('schema')) ?? new Map<string, unknown>();
  const items = membersOf(schema.get('items'));
  const single = items ?? schema;
  const values = single.get('enum');
  return [
    {
      name,
      type: typeOf(single.get('type')),
      isList: items !== null,
      isRequired: members.get('required') === true,
      description: textOf(members.get('description')),
      default: schema.get('default'),
      values: Array.isArray(values) ? values.map(String) : null,
      min: numberOf(schema.get('minimum')),
      max: numberOf(schema.get('maximum')),
    },
  ];
}

type Members = ReadonlyMap<string, unknown>;

const typeOf = (value: unknown): OfferedVariable['type'] =>
  value === 'integer' || value === 'number' || value === 'boolean' ? value : 'string';
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function membersOf(value: unknown): Members | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
}
