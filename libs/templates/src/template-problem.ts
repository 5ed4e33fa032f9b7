/** What is wrong with a template, told to the person who wrote it. */
export interface TemplateProblem {
  readonly file: string;
  /** Line, member or path inside the file; empty for the whole file. */
  readonly where: string;
  /** What is wrong, one sentence. */
  readonly what: string;
  /** What to do about it, one sentence. */
  readonly todo: string;
}

export function at(file: string, where: string, what: string, todo: string): TemplateProblem {
  return { file, where, what, todo };
}

/** One line per problem, for logs and terminals. */
export function formatTemplateProblem({ file, where, what, todo }: TemplateProblem): string {
  return `${file}${where === '' ? '' : ` (${where})`}: ${what} ${todo}`;
}
