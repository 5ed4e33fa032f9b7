import { extname } from 'node:path';
import { UsageError } from '../../cli-error.ts';

export const outputFormats = ['table', 'json', 'csv', 'xlsx', 'ndjson', 'parquet', 'ics', 'html'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export interface RunOptions {
  readonly variables: ReadonlyMap<string, readonly string[]>;
  readonly format: OutputFormat;
  /** Null writes to standard output. */
  readonly file: string | null;
  readonly failOnRows: boolean;
  /** How old the data may be; undefined leaves it to the template. */
  readonly fresh: string | undefined;
}

/** The options of `run` as they were typed. */
export interface RunFlags {
  readonly var?: readonly string[] | undefined;
  readonly output?: OutputFormat | undefined;
  readonly out?: string | undefined;
  readonly failOnRows?: boolean | undefined;
  readonly fresh?: string | undefined;
}

/**
 * What a run is to do. The format is what is said, else what the file's ending says, else JSON with `--json`, else a table.
 *
 * @throws UsageError
 */
export function readRunOptions(
  { var: assignments = [], output, out, failOnRows = false, fresh }: RunFlags,
  json: boolean,
): RunOptions {
  const file = out === undefined || out === '-' ? null : out;
  if (json && file === null && output !== undefined && output !== 'json') {
    throw new UsageError(
      `--json and -o ${output} ask for two different things on standard output; add --out FILE or leave one out.`,
    );
  }
  return {
    variables: readVariables(assignments),
    format: output ?? formatOf(file) ?? (json ? 'json' : 'table'),
    file,
    failOnRows,
    fresh: readFresh(fresh),
  };
}

/** What `run --all` is to do. */
export interface RunAllOptions {
  readonly format: Exclude<OutputFormat, 'table'>;
  /** Where each report is written, under the name of its template; null writes none. */
  readonly folder: string | null;
  readonly failOnRows: boolean;
  readonly fresh: string | undefined;
}

/**
 * Rows are not printed, so a format needs a folder; without one they are JSON, which tells most.
 *
 * @throws UsageError
 */
export function readRunAllOptions(
  template: string | undefined,
  { var: assignments = [], output, out, failOnRows = false, fresh }: RunFlags,
): RunAllOptions {
  if (template !== undefined) throw new UsageError(`--all runs every template; leave out "${template}" or --all.`);
  if (assignments.length > 0) throw new UsageError('--all takes no --var: every template runs with its defaults.');
  const folder = out ?? null;
  if (folder === '-') throw new UsageError('--all writes a file for each template; name a folder with --out DIR.');
  if (output === 'table') throw new UsageError('--all prints a line for each template; a table is for one.');
  if (folder === null && output !== undefined && output !== 'json')
    throw new UsageError(`-o ${output} is for files; name a folder with --out DIR.`);
  return { format: output ?? (folder === null ? 'json' : 'csv'), folder, failOnRows, fresh: readFresh(fresh) };
}

function formatOf(file: string | null): OutputFormat | null {
  const ending = file === null ? '' : extname(file).slice(1).toLowerCase();
  if (file !== null && ending !== '' && !outputFormats.some((format) => format === ending)) {
    throw new UsageError(
      `A file ending in .${ending} does not say which format it is to have; add -o ${outputFormats.join('|')}.`,
    );
  }
  return outputFormats.find((format) => format === ending) ?? null;
}

/** @throws UsageError */
export function readFresh(fresh: string | undefined): string | undefined {
  if (fresh === undefined || fresh === 'live' || fresh === 'mirror' || /^\d{1,8}$/.test(fresh)) return fresh;
  throw new UsageError(`--fresh takes "live", "mirror" or an age in seconds; "${fresh}" is none of these.`);
}

/** `k=v` each; a name given twice is a list. A value may hold `=`. @throws UsageError */
export function readVariables(assignments: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const variables = new Map<string, string[]>();
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    if (at < 1) throw new UsageError(`--var takes name=value, for example --var days=30; "${assignment}" is not that.`);
    const name = assignment.slice(0, at).replace(/^\$/, '');
    variables.set(name, [...(variables.get(name) ?? []), assignment.slice(at + 1)]);
  }
  return variables;
}
