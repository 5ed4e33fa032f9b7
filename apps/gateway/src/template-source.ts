import type { GraphQLSchema } from 'graphql';
import type { Logger, SensitiveGroup } from '@certfolio/core';
import {
  createTemplateRegistry,
  type Template,
  type TemplateProblem,
  type TemplateRegistry,
} from '@certfolio/templates';
import { readTemplateFolder, watchTemplateFolder } from '@certfolio/templates/fs';

export interface TemplateSource {
  readonly registry: () => TemplateRegistry;
  /** What is wrong with the folder; while there is anything, the last good set is served. */
  readonly problems: () => readonly TemplateProblem[];
  /** Reads the folder again, all or nothing. */
  reload(): Promise<void>;
  close(): void;
}

/** Serves the templates of a folder and follows its changes. */
export async function openTemplateSource(
  dir: string,
  schema: () => GraphQLSchema,
  sensitiveFields: ReadonlyMap<string, SensitiveGroup>,
  logger: Logger,
): Promise<TemplateSource> {
  let templates: readonly Template[] = [];
  let registry = createTemplateRegistry([]);
  let problems: readonly TemplateProblem[] = [];
  const groupOf = (type: string, field: string) => sensitiveFields.get(`${type}.${field}`) ?? null;

  async function reload(): Promise<void> {
    const read = await readTemplateFolder(dir, { schema: schema(), sensitiveFields: { groupOf } }, templates);
    problems = read.problems;
    if (read.problems.length > 0) {
      for (const { file, where, what, todo } of read.problems)
        logger.error({ file, where }, `Template problem: ${what} ${todo}`);
      logger.error(
        { dir, problems: read.problems.length, serving: templates.length },
        'The templates folder has problems; the last good set is served.',
      );
      return;
    }
    templates = read.templates;
    registry = createTemplateRegistry(templates);
    logger.info({ dir, templates: templates.length }, 'Templates are in place.');
  }

  await reload();
  const watch = watchTemplateFolder(
    dir,
    () =>
      void reload().catch((error: unknown) =>
        logger.error({ err: error, dir }, 'The templates folder cannot be read.'),
      ),
  );
  return {
    registry: () => registry,
    problems: () => problems,
    reload,
    close: () => watch.close(),
  };
}
