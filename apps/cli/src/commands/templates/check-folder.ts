import { stat } from 'node:fs/promises';
import type { FieldRights } from '@certfolio/core';
import type { TemplateFolder } from '@certfolio/templates';
import { CliError } from '../../cli-error.ts';
import { loadApiSchema } from './load-api-schema.ts';

/**
 * Checks a folder of templates as the gateway does when it reads it; needs no server.
 *
 * @throws CliError when there is no such folder or no schema to check against
 */
export async function checkFolder(dir: string): Promise<TemplateFolder> {
  const found = await stat(dir).catch(() => null);
  if (found === null || !found.isDirectory()) throw noFolder(dir);
  const [{ readTemplateFolder }, orders, organizations, account, schema] = await Promise.all([
    import('@certfolio/templates/fs'),
    import('@certfolio/subgraph-orders'),
    import('@certfolio/subgraph-organizations'),
    import('@certfolio/subgraph-account'),
    loadApiSchema(),
  ]);
  const known = new Map<string, FieldRights>([
    ...orders.sensitiveOrderFields,
    ...organizations.sensitiveOrganizationFields,
    ...account.sensitiveAccountFields,
  ]);
  const sensitiveFields = { groupOf: (type: string, field: string) => known.get(`${type}.${field}`) ?? null };
  const folder = await readTemplateFolder(dir, { schema, sensitiveFields });
  if (folder === null) throw noFolder(dir);
  return folder;
}

const noFolder = (dir: string) => new CliError('FILE', `There is no folder ${dir}.`);
