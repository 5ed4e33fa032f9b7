/** An answer of CertCentral is JSON or CSV but not of the shape that its documentation and our record of it say. */
export class WrongShape extends Error {
  /** Where in the answer, for example `orders[3].certificate.id`. */
  readonly at: string;
  readonly problem: string;

  constructor(at: string, problem: string) {
    super(`unexpected shape: ${at === '' ? 'the body' : at} ${problem}`);
    this.name = 'WrongShape';
    this.at = at;
    this.problem = problem;
  }

  /** The same, seen from one level further out. */
  within(outer: string): WrongShape {
    if (this.at === '') return new WrongShape(outer, this.problem);
    return new WrongShape(this.at.startsWith('[') ? `${outer}${this.at}` : `${outer}.${this.at}`, this.problem);
  }
}

/** Runs `parse` and names `outer` in what it throws; costs nothing when all is well. */
export function within<T>(outer: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WrongShape) throw error.within(outer);
    throw error;
  }
}

/** What a value is, in a few characters: enough to find it, too little to tell a secret. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return value.length === 0 ? 'an empty text' : `a text of ${value.length} characters`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
