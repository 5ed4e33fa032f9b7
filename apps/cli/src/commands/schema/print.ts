import { readFile } from 'node:fs/promises';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import type { Session } from '../../session.ts';

/** The options of `schema print` as they were typed. */
export interface PrintSchemaFlags {
  readonly supergraph?: boolean | undefined;
  readonly running?: boolean | undefined;
}

const query = 'query Schema($supergraph: Boolean) { schemaSdl(supergraph: $supergraph) }';

/** Prints the schema as it is checked in, or that of a gateway. */
export async function printSchema(flags: PrintSchemaFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const supergraph = flags.supergraph ?? false;
  const isRunning = flags.running === true || session.isUrlGiven;
  const sdl = isRunning
    ? (await (await session.client()).query<{ schemaSdl: string }>(query, { supergraph }, { signal })).schemaSdl
    : await checkedIn(supergraph ? 'supergraph.graphql' : 'api-schema.graphql');
  terminal.line(json ? JSON.stringify({ supergraph, running: isRunning, sdl }, null, 2) : sdl.trimEnd());
  return exitCodes.ok;
}

async function checkedIn(name: string): Promise<string> {
  const file = new URL(`../../../../gateway/${name}`, import.meta.url);
  return readFile(file, 'utf8').catch(() => {
    throw new CliError(
      'NO_SCHEMA',
      `${file.pathname} is missing; "npm run compose" writes it, and --running asks a gateway.`,
    );
  });
}
