import { readFile } from 'node:fs/promises';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { CliError } from '../../cli-error.ts';

const file = new URL('../../../../gateway/api-schema.graphql', import.meta.url);

/**
 * The schema that callers see, as it is checked in beside the gateway; needs no server.
 *
 * @throws CliError when this is no checkout of the repository
 */
export async function loadApiSchema(): Promise<GraphQLSchema> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CliError(
      'NO_SCHEMA',
      `Templates are checked against ${file.pathname}, which is missing; "npm run compose" writes it.`,
    );
  });
  return buildSchema(text, { assumeValid: true });
}
