import type { Clock, Logger } from '@certfolio/core';
import type { ServedTemplates, TemplateProblem, TemplateRules, TemplateStore } from '@certfolio/templates';
import { readTemplateFolder, watchTemplateFolder } from '@certfolio/templates/fs';
import { problemOfConflict } from '@certfolio/templates';

export interface TemplateFolderSource {
  /** What is wrong with the folder; while there is anything, what was taken from it last is served. */
  readonly problems: () => readonly TemplateProblem[];
  /** Reads the folder again, all or nothing. A failure is logged, and tried again later. */
  sync(): Promise<void>;
  close(): void;
}

export interface TemplateFolderOptions {
  readonly dir: string;
  readonly store: Pick<TemplateStore, 'syncFolder'>;
  readonly served: Pick<ServedTemplates, 'stored' | 'refresh'>;
  readonly rules: () => TemplateRules;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** After the database or the disk failed, the folder is read again. */
const retryMs = 5_000;

/** Takes the templates of a folder into the store, now and whenever it changes. */
export async function openTemplateFolder(options: TemplateFolderOptions): Promise<TemplateFolderSource> {
  const { dir, store, served, rules, clock, logger } = options;
  let problems: readonly TemplateProblem[] = [];
  let cancelRetry = () => {};
  let isClosed = false;

  async function take(): Promise<void> {
    await served.refresh();
    const folder = await readTemplateFolder(dir, rules(), served.stored().versions);
    if (folder === null) {
      problems = [];
      logger.info({ dir }, 'There is no templates folder; what is in the registry serves.');
      return;
    }
    const outcome = folder.problems.length > 0 ? null : await store.syncFolder(folder.versions);
    problems =
      outcome?.kind === 'refused'
        ? outcome.conflicts.map((conflict) => problemOfConflict(conflict.name, conflict))
        : folder.problems;
    for (const { file, where, what, todo } of problems)
      logger.error({ file, where }, `Template problem: ${what} ${todo}`);
    if (problems.length > 0)
      logger.error(
        { dir, problems: problems.length },
        'The templates folder has problems; nothing was taken from it, and the last good set is served.',
      );
    if (outcome?.kind === 'done' && outcome.done.changed > 0)
      logger.info({ dir, changed: outcome.done.changed }, 'Templates were taken from the folder.');
    await served.refresh();
  }

  // One after the other: an older look at the folder must not come last.
  let last: Promise<void> = Promise.resolve();
  function sync(): Promise<void> {
    last = last.then(take).catch((error: unknown) => {
      logger.error({ err: error, dir }, 'The templates folder was not taken over; it is tried again.');
      cancelRetry();
      if (!isClosed) cancelRetry = clock.schedule(retryMs, () => void sync());
    });
    return last;
  }

  await sync();
  const watch = watchTemplateFolder(dir, () => void sync());
  return {
    problems: () => problems,
    sync,
    close() {
      isClosed = true;
      cancelRetry();
      watch.close();
    },
  };
}
