import type { TextValue } from './text-value.ts';

/** A text of a program that may be the address of a call, with what stands around it. */
export interface RawCall {
  /** Where the address, or its path, is written; from 1. */
  readonly line: number;
  /** Where it is called. */
  readonly calledOnLine: number;
  readonly value: TextValue;
  /** In capitals; null when nothing says it. */
  readonly method: string | null;
  /** Query parameters that are given apart from the address. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The function or command that takes it, its last name; null when none does. */
  readonly callee: string | null;
  /** It is a function of the program, or a method of an object that the program made: `client.get` of `client = Client(…)`. */
  readonly isOwnCallee: boolean;
  /** `argument`: of a call, or a value named url, uri or path. `other`: anything else. */
  readonly place: 'argument' | 'other';
  /** It is made again for each row of something. */
  readonly isLoop: boolean;
  /** The function that it stands in. */
  readonly within: string | null;
  /** Names of that function's parameters. */
  readonly parametersOfFunction: readonly string[];
}

/** A file as read for its calls. */
export interface SourceReading {
  readonly calls: readonly RawCall[];
  /** Texts and names that are no comments, for what tells that the file speaks to CertCentral. */
  readonly literals: string;
}

/** Functions that say something to people, or look at a text, and call nothing. */
export const callsNothing =
  /^(print|println|printf|puts|echo|log|debug|info|warn|warning|error|fatal|fatalf|trace|exception|write-(host|output|verbose|error|warning|debug|information)|throw|raise|expect|assert\w*|describe|it|test|errorf|error\w*|\w*(Error|Exception)|startswith|endswith|includes|contains|indexof|match|replace|split|add_argument|compile|regexp|hasprefix|hassuffix|equal|equals|tobe|toequal|tocontain)$/i;

const methods = /^(GET|POST|PUT|DELETE|PATCH|HEAD)$/;

/** A method that is written out: `'POST'`, `Post`. */
export const methodOf = (text: string): string | null => (methods.test(text.toUpperCase()) ? text.toUpperCase() : null);

/** A method in the name of a function: `http.Post`, `getJson`, `Get-Page`, `api_delete`. */
export function methodInName(name: string): string | null {
  const found =
    /^(get|post|put|patch|delete|head)(?=$|[A-Z_-])/i.exec(name)?.[1] ??
    /(?:^|_|[a-z](?=[A-Z]))(get|post|put|patch|delete)$/i.exec(name)?.[1];
  return found === undefined ? null : found.toUpperCase();
}
