import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { parseDocument } from 'yaml';
import { CompositionError } from '@certfolio/execution';
import { formatTemplateProblem } from '@certfolio/templates';
import { readTemplateFolder } from '@certfolio/templates/fs';
import { composeStatic } from '../src/compose-static.ts';
import { sensitiveFieldsOf } from '../src/sensitive-fields.ts';

// Writes the composed schemas beside the app; with --check says whether the ones there are up to date. A schema that breaks a
// template of the folder is not written: each template is named with its owner. A folder after --templates is looked at
// instead of the repository's.
const isCheck = process.argv.includes('--check');
const folderAt = process.argv.indexOf('--templates');
const templatesDir =
  folderAt === -1 ? join(import.meta.dirname, '../../../templates') : String(process.argv[folderAt + 1]);

const say = (line: string) => void process.stderr.write(`${line}\n`);
process.exitCode = await main();

async function main(): Promise<number> {
  let composed: ReturnType<typeof composeStatic>;
  try {
    composed = composeStatic();
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error;
    say(error.message);
    return 1;
  }
  const schema = buildSchema(composed.api, { assumeValid: true });
  const folder = await readTemplateFolder(templatesDir, { schema, sensitiveFields: sensitiveFieldsOf });
  const { templates, problems } = folder ?? { templates: [], problems: [] };
  const broken = Map.groupBy(problems, ({ file }) => file.replace(/\.\w+$/, ''));
  for (const [base, own] of broken) {
    say(`The schema breaks the template "${base}" of ${ownerOf(base)}:`);
    for (const problem of own) say(`  ${formatTemplateProblem(problem)}`);
  }
  if (broken.size > 0) {
    say(
      `Templates of ${templatesDir}: ${broken.size} do not fit the schema, ${templates.length} do.${isCheck ? '' : ' Nothing was written.'} Change them with the schema, or keep what they select.`,
    );
    return 1;
  }

  let stale = 0;
  for (const [name, text] of [
    ['supergraph.graphql', composed.supergraph],
    ['api-schema.graphql', composed.api],
  ] as const) {
    const file = new URL(`../${name}`, import.meta.url);
    if (!isCheck) writeFileSync(file, text);
    else if (readFileSync(file, 'utf8') !== text) {
      stale += 1;
      say(
        `apps/gateway/${name} is not what the subgraphs compose to; run "npm run compose" and review the difference.`,
      );
    }
  }
  return stale === 0 ? 0 : 1;
}

/** Read from the metadata by itself: a template with problems is none yet. */
function ownerOf(base: string): string {
  try {
    const owner: unknown = parseDocument(readFileSync(join(templatesDir, `${base}.yaml`), 'utf8')).get('owner');
    return typeof owner === 'string' ? owner : 'nobody named';
  } catch {
    return 'nobody named';
  }
}
