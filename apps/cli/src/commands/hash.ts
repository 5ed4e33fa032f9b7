import { GraphQLError } from 'graphql';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../cli-error.ts';
import type { Session } from '../session.ts';
import { readDocument } from './read-document.ts';

/** Prints every id that clients compute for a document. */
export async function hash(file: string, { terminal, json }: Session): Promise<ExitCode> {
  const { describeHash } = await import('@certfolio/templates');
  const text = await readDocument(file);
  let ids: ReturnType<typeof describeHash>;
  try {
    ids = describeHash(text);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const line = error.locations?.[0]?.line;
    throw new CliError(
      'GRAPHQL_PARSE_FAILED',
      `${file} is not GraphQL: ${error.message}${line === undefined ? '' : ` (line ${line})`}`,
    );
  }
  if (json) terminal.line(JSON.stringify({ file, ids }, null, 2));
  else for (const { kind, id, usedBy } of ids) terminal.line(`${id}  ${kind.padEnd(7)}  ${usedBy}`);
  return exitCodes.ok;
}
