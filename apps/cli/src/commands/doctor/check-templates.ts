import { existsSync } from 'node:fs';
import { CliError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { checkFolder } from '../templates/check-folder.ts';
import { fail, ok, skipped, type Check } from './check.ts';

/** The template folder of this machine; a doctor that runs elsewhere has none to look at. */
export async function checkTemplateFolder(dir: string): Promise<Check> {
  if (!existsSync(dir)) return skipped('template folder', `there is no folder ${dir} here`);
  try {
    const { templates, problems } = await checkFolder(dir);
    if (problems.length === 0)
      return ok('template folder', `${counted(templates.length, 'template')} in ${dir}, all fit the schema`);
    return fail(
      'template folder',
      `${counted(problems.length, 'problem')} in ${dir}`,
      `Run "certfolio templates check ${dir}".`,
    );
  } catch (error) {
    if (error instanceof CliError) return skipped('template folder', error.message);
    throw error;
  }
}
