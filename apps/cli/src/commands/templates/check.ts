import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import { checkFolder } from './check-folder.ts';

/** Tells everything that would keep the folder from being published. */
export async function checkTemplates(dir: string | undefined, { terminal, json, config }: Session): Promise<ExitCode> {
  const folder = dir ?? config.templatesDir;
  const [{ formatTemplateProblem }, { templates, problems }] = await Promise.all([
    import('@certfolio/templates'),
    checkFolder(folder),
  ]);
  const isFit = problems.length === 0;
  if (json) {
    const checked = templates.map(({ name, version, state, id }) => ({ name, version, state, id }));
    terminal.line(JSON.stringify({ ok: isFit, dir: folder, templates: checked, problems }, null, 2));
  } else {
    for (const problem of problems) terminal.line(printable(formatTemplateProblem(problem)));
    const fit = `${counted(templates.length, 'template')} in ${folder}`;
    terminal.line(
      isFit ? `${fit}, no problems` : `${counted(problems.length, 'problem')}; nothing of ${folder} would be published`,
    );
  }
  return isFit ? exitCodes.ok : exitCodes.failed;
}
