import { readFile } from 'node:fs/promises';
import { GraphQLError } from 'graphql';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../cli-error.ts';
import type { Session } from '../session.ts';

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

/** Bytes that are not UTF-8 would hash differently once they were text, so they are refused. */
async function readDocument(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new CliError('FILE', `${file} cannot be read: ${error.message}.`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError('FILE', `${file} is not UTF-8 text.`);
  }
}
