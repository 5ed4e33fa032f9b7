import type { GraphQLSchema } from 'graphql';
import { BadUserInput, type Logger, type SensitiveGroup } from '@certfolio/core';
import type { IdAddition } from '@certfolio/subgraph-control';
import {
  createTemplateRegistry,
  reference,
  type RegisteredId,
  type Template,
  type TemplateProblem,
  type TemplateRegistry,
} from '@certfolio/templates';
import { readTemplateFolder, watchTemplateFolder } from '@certfolio/templates/fs';

export interface TemplateSource {
  readonly registry: () => TemplateRegistry;
  /** What is wrong with the folder; while there is anything, the last good set is served. */
  readonly problems: () => readonly TemplateProblem[];
  /** Adds ids, which run from now on until the process ends. @throws BadUserInput when one belongs to another template */
  addIds(additions: readonly IdAddition[]): void;
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

  /** Further ids by `name@version`. */
  const imported = new Map<string, RegisteredId[]>();
  const withImported = () =>
    templates.map((template) => ({
      ...template,
      ids: [...template.ids, ...(imported.get(reference(template)) ?? [])],
    }));

  function addIds(additions: readonly IdAddition[]): void {
    const taken = new Map(registry.all().flatMap((template) => template.ids.map(({ id }) => [id, template] as const)));
    for (const { name, version, ids } of additions) {
      const other = ids.find(({ id }) => taken.has(id) && taken.get(id)!.name !== name);
      if (other !== undefined)
        throw new BadUserInput(`The id "${other.id}" belongs to ${reference(taken.get(other.id)!)}.`);
      if (!templates.some((each) => each.name === name && each.version === version))
        throw new BadUserInput(`There is no ${name}@${version} any more.`);
    }
    for (const { name, version, ids } of additions) {
      const ref = reference({ name, version });
      imported.set(ref, [...(imported.get(ref) ?? []), ...ids.map((each) => ({ ...each, kind: 'imported' as const }))]);
    }
    registry = createTemplateRegistry(withImported());
  }

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
    registry = createTemplateRegistry(withImported());
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
    addIds,
    reload,
    close: () => watch.close(),
  };
}
