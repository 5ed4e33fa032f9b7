/** A template that the key may run, as the gateway offers it by URL. */
export interface ReportOffer {
  readonly name: string;
  readonly title: string;
  /** Variables that must be given. */
  readonly required: readonly string[];
  /** Variables of which exactly one must be given. */
  readonly oneOf: readonly string[];
}

/** Reads the gateway's OpenAPI document, by name; null for what is none. */
export function readReportOffers(document: unknown): readonly ReportOffer[] | null {
  const paths = membersOf(membersOf(document)?.get('paths'));
  if (paths === null) return null;
  const offers = new Map<string, ReportOffer>();
  for (const [path, item] of paths) {
    const name = /^\/r\/([^/]+)\.json$/.exec(path)?.[1];
    const get = membersOf(membersOf(item)?.get('get'));
    if (name === undefined || get === null) continue;
    const parameters = get.get('parameters');
    const required = (Array.isArray(parameters) ? parameters : []).flatMap((parameter: unknown) => {
      const members = membersOf(parameter);
      return members?.get('required') === true ? [String(members.get('name'))] : [];
    });
    offers.set(name, {
      name,
      title: String(get.get('summary') ?? name),
      required,
      oneOf: textsOf(get.get(oneOfMember)),
    });
  }
  return [...offers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** OpenAPI cannot say it by itself. */
export const oneOfMember = 'x-certfolio-one-of';

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function membersOf(value: unknown): ReadonlyMap<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
}
