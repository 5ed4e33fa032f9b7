export interface Published {
  readonly change: string;
  readonly upstreamCalls: number | null;
  readonly unknownCalls: string | null;
  readonly template: {
    readonly ref: string;
    readonly state: string;
    readonly cost: number | null;
    readonly sensitive: readonly string[];
  };
}

export interface FileProblem {
  readonly file: string;
  readonly where: string;
  readonly what: string;
  /** What to do about it. */
  readonly todo: string;
}

/** The bytes as text that gives the same bytes again: the id of a template is their SHA-256. @throws Error naming the file */
export async function textOf(file: Pick<File, 'name' | 'arrayBuffer'>): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`${file.name} is not UTF-8; save it as UTF-8.`);
  }
}

/** What a refusal says of the files; none when it is about something else. */
export function problemsOf(problems: unknown): readonly FileProblem[] {
  if (!Array.isArray(problems)) return [];
  return problems.flatMap((problem: unknown) => {
    if (typeof problem !== 'object' || problem === null) return [];
    const members = new Map<string, unknown>(Object.entries(problem));
    const text = (name: string) => String(members.get(name) ?? '');
    return [{ file: text('file'), where: text('where'), what: text('what'), todo: text('todo') }];
  });
}
