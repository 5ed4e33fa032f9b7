import type { Clock, Logger } from '@certfolio/core';
import { GraphQLError, parse, validate, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { checkTemplate, type CheckedTemplate, type TemplateRules, type TemplateSource } from './check-template.ts';
import { sha256 } from './document-ids.ts';
import { createTemplateRegistry, notePrint, reference, type TemplateRegistry } from './registry.ts';
import { storedTemplate, unfitTemplate, withSuccessors } from './stored-template.ts';
import { at, type TemplateProblem } from './template-problem.ts';
import type { StoredTemplates, StoredVersion, TemplateStore } from './template-store.ts';
import type { Template } from './template.ts';

export interface ServedTemplatesOptions {
  readonly store: Pick<TemplateStore, 'revision' | 'load'>;
  /** With the schema in place. */
  readonly rules: () => TemplateRules;
  /** Does what a text needs before its first run. */
  readonly prepare: (text: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From one look at the revision to the next; one small query. */
  readonly pollMs?: number;
  /** Templates of the product's own, in no store; version 1, approved. */
  readonly builtIn?: readonly TemplateSource[];
}

/** The templates in service: what the store holds and the schema fits, kept in memory. */
export interface ServedTemplates {
  readonly registry: () => TemplateRegistry;
  /** Every version but withdrawn ones, by name and then version; those that do not fit the schema say so. */
  readonly all: () => readonly Template[];
  /** What was loaded last. */
  readonly stored: () => StoredTemplates;
  /** What keeps stored versions that could run out of service. */
  readonly problems: () => readonly TemplateProblem[];
  /** Why changes of others are not seen now; null when they are. */
  readonly blindness: () => string | null;
  /** Looks for changes now. @throws what the store throws; the set in service stays */
  refresh(): Promise<void>;
  /** Holds everything against the schema in place once more. */
  reassess(): Promise<void>;
  /** Looks for changes until the signal aborts. A failure is logged and the set in service stays. */
  follow(signal: AbortSignal): Promise<void>;
}

const defaultPollMs = 1_000;
/** Of one document, as for any other. */
const maxTokens = 15_000;
/** Texts of imported ids of which it is remembered whether they fit. */
const maxKnownTexts = 50_000;

/** @throws what the store throws when the first look fails */
export async function openServedTemplates(options: ServedTemplatesOptions): Promise<ServedTemplates> {
  const { store, rules, prepare, clock, logger, pollMs = defaultPollMs, builtIn = [] } = options;
  let stored: StoredTemplates = { revision: -1, versions: [] };
  let all: readonly Template[] = [];
  let registry = createTemplateRegistry([]);
  let problems: readonly TemplateProblem[] = [];
  let blindness: string | null = null;
  let texts = createKnownTexts(rules().schema);

  /** Puts a set in service, whole; nothing is seen of it before. */
  async function serve(next: StoredTemplates): Promise<void> {
    const current = rules();
    if (texts.schema !== current.schema) texts = createKnownTexts(current.schema);
    const fit: Template[] = [];
    const unfit: Template[] = [];
    const found: TemplateProblem[] = [];
    for (const version of next.versions) {
      if (version.isWithdrawn) continue;
      await turn();
      const { template, problem, idProblems } = assembled(version, current, texts);
      if (problem === null) fit.push(template);
      else unfit.push(template);
      if (template.state === 'retired') continue;
      if (problem !== null)
        found.push(at(reference(template), 'schema', problem, 'Publish a version that fits, or retire this one.'));
      found.push(...idProblems);
    }
    const serving = withSuccessors(fit);
    for (const template of serving) {
      for (const id of template.ids) {
        notePrint(id);
        if (isRunnable(template)) await prepared(id.text);
      }
      await turn();
    }
    const own = await fitBuiltIns(current);
    const nextRegistry = createTemplateRegistry(serving, { builtIn: own });

    const told = new Set(problems.map(({ file, what }) => `${file} ${what}`));
    for (const { file, what, todo } of found)
      if (!told.has(`${file} ${what}`)) logger.error({ template: file }, `Template out of service: ${what} ${todo}`);
    registry = nextRegistry;
    all = [...serving, ...withSuccessors(unfit)].toSorted((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version,
    );
    problems = found;
    stored = next;
    logger.info(
      { revision: next.revision, templates: serving.length, outOfService: unfit.length },
      'Templates are in place.',
    );
  }

  /** One that does not fit, as beside a schema of other teams that hides a field, is out of service and said to be. */
  async function fitBuiltIns(current: TemplateRules): Promise<readonly Template[]> {
    const fit: Template[] = [];
    for (const source of builtIn) {
      const { template, problems: found } = checkTemplate(source, current);
      if (template === null)
        logger.error({ template: source.base, what: found[0]?.what }, 'A built-in template does not fit the schema.');
      else {
        fit.push({ ...template, isBuiltIn: true });
        await prepared(template.text);
      }
    }
    return fit;
  }

  async function prepared(text: string): Promise<void> {
    try {
      prepare(text);
    } catch (error) {
      logger.warn(
        { err: error, documentHash: sha256(text) },
        'A template could not be prepared; its first run does it.',
      );
    }
    await turn();
  }

  // One after the other: a set that was loaded earlier must not replace a later one.
  let last: Promise<void> = Promise.resolve();
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }

  const refresh = () =>
    inTurn(async () => {
      if ((await store.revision()) === stored.revision) return;
      await serve(await store.load());
    });

  await refresh();
  return {
    registry: () => registry,
    all: () => all,
    stored: () => stored,
    problems: () => problems,
    blindness: () => blindness,
    refresh,
    reassess: () => inTurn(() => serve(stored)),
    async follow(signal) {
      while (!signal.aborted) {
        try {
          await clock.sleep(pollMs, signal);
          await untilAborted(refresh(), signal);
          if (blindness !== null) logger.info({}, 'Changes of templates are seen again.');
          blindness = null;
        } catch (error) {
          if (signal.aborted) return;
          if (blindness === null)
            logger.warn({ err: error }, 'Changes of templates are not seen; the last set serves.');
          blindness = 'Changes are not seen since the registry cannot be read; the last set serves.';
        }
      }
    },
  };
}

interface Assembled {
  readonly template: Template;
  readonly problem: string | null;
  readonly idProblems: readonly TemplateProblem[];
}

function assembled(version: StoredVersion, rules: TemplateRules, texts: KnownTexts): Assembled {
  const { template, problems } = checkStored(version, rules);
  if (template === null) {
    const [first] = problems;
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    // A retired one need not fit, and those who ask for it are still told that it is.
    if (version.state === 'retired') return { template: unfitTemplate(version, null), problem: null, idProblems: [] };
    const problem = `It does not fit the schema: ${first?.what ?? 'It cannot be read.'}${more}`;
    return { template: unfitTemplate(version, problem), problem, idProblems: [] };
  }
  const ids = version.importedIds.filter(({ text }) => texts.fits(text));
  const idProblems = version.importedIds
    .filter((id) => !ids.includes(id))
    .map(({ id }) =>
      at(reference(version), 'ids', `The text of the imported id "${id}" does not fit the schema.`, 'Import it anew.'),
    );
  return { template: storedTemplate(version, template, ids), problem: null, idProblems };
}

function checkStored(version: StoredVersion, rules: TemplateRules): CheckedTemplate {
  return checkTemplate({ base: reference(version), graphql: version.document, yaml: version.metadata }, rules);
}

/** Whether texts fit one schema, each looked at once. */
interface KnownTexts {
  readonly schema: GraphQLSchema;
  fits(text: string): boolean;
}

function createKnownTexts(schema: GraphQLSchema): KnownTexts {
  const known = new LRUCache<string, boolean>({ max: maxKnownTexts });
  return {
    schema,
    fits(text) {
      const key = sha256(text);
      const before = known.get(key);
      if (before !== undefined) return before;
      const fits = isValid(text, schema);
      known.set(key, fits);
      return fits;
    },
  };
}

function isValid(text: string, schema: GraphQLSchema): boolean {
  try {
    return validate(schema, parse(text, { maxTokens })).length === 0;
  } catch (error) {
    if (error instanceof GraphQLError || error instanceof RangeError) return false;
    throw error;
  }
}

function isRunnable({ state }: Template): boolean {
  return state === 'approved' || state === 'deprecated';
}

/** Lets requests be answered between two pieces of work. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A stop does not wait for a database that gives no answer. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
