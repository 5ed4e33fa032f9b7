import {
  AppError,
  BadUserInput,
  Forbidden,
  ServiceUnavailable,
  dayIn,
  nearestOf,
  type CalendarDate,
  type Clock,
  type Principal,
  type RequestContext,
  type SensitiveGroup,
} from '@certfolio/core';
import type { TemplateRules } from './check-template.ts';
import { reference } from './registry.ts';
import { normalizeId, shorten } from './requested-id.ts';
import type { ServedTemplates } from './served-templates.ts';
import {
  checkTemplateFiles,
  maxTemplateFileBytes,
  tooLargeFile,
  tooManyFiles,
  type CheckedFile,
} from './template-folder.ts';
import { parseTemplateReference } from './template-name.ts';
import { at, formatTemplateProblem, type TemplateProblem } from './template-problem.ts';
import { mayBecome } from './template-state.ts';
import type { KeyActor, TemplateStore, Transition, VersionChange } from './template-store.ts';
import type { Template, TemplateState } from './template.ts';
import { problemOfConflict, publicationOf } from './version-conflict.ts';

/** Who may approve: any key with the right to publish, or any but the one that wrote the text. */
export const reviewPolicies = ['same-key-allowed', 'other-key'] as const;
export type ReviewPolicy = (typeof reviewPolicies)[number];

/** Files of one publish; the size of a request bounds them too. */
export const maxPublishedFiles = 400;
const maxNoteChars = 2_000;

/** A file as it stands in a folder of templates. */
export interface PublishedFile {
  readonly name: string;
  readonly content: string;
}

export interface PublishedVersion {
  readonly template: Template;
  readonly change: VersionChange;
  /** Estimated points with the default variables. */
  readonly cost: number;
  /** Calls to CertCentral that a run with the default variables would take now; null when that is not known. */
  readonly upstreamCalls: number | null;
  /** Why it is not known. */
  readonly unknownCalls: string | null;
}

/** What the gateway knows of running an operation. */
export interface OperationAnalyser {
  /**
   * @returns estimated cost with the default variables, in points
   * @throws AppError when it is over a limit, or selects or asks by what the caller has no right to
   */
  examine(template: Template, principal: Principal): number;
  /** Plans a run with the default variables and reads nothing. @throws AppError when that cannot be planned */
  expectedCalls(template: Template, context: RequestContext): Promise<number>;
}

export interface TemplatePublisherOptions {
  readonly store: Pick<TemplateStore, 'publish' | 'transition'>;
  readonly served: Pick<ServedTemplates, 'all' | 'stored' | 'refresh'>;
  readonly rules: () => TemplateRules;
  readonly analyser: OperationAnalyser;
  readonly review: ReviewPolicy;
  readonly clock: Clock;
}

export interface TransitionWish {
  /** `name@version`, an id, or a name of which one version can be moved. */
  readonly ref: string;
  readonly note: string | null;
}

/** Publishing through the API. That the caller has the scope was checked before. Effective here at once, and everywhere soon. */
export interface TemplatePublisher {
  /**
   * Puts the versions of these files in as drafts, all or none of them.
   *
   * @throws ServiceUnavailable as all do while the database is away; BadUserInput with every problem; Forbidden when the only ones are fields that the caller may not select
   */
  publish(
    files: readonly PublishedFile[],
    isDryRun: boolean,
    context: RequestContext,
  ): Promise<readonly PublishedVersion[]>;
  /**
   * @param reviewedSensitive the groups of sensitive fields that the approver has looked at
   * @throws BadUserInput, Forbidden
   */
  approve(
    wish: TransitionWish & { readonly reviewedSensitive: readonly string[] },
    context: RequestContext,
  ): Promise<Template>;
  /** @throws BadUserInput */
  deprecate(
    wish: TransitionWish & { readonly sunset: CalendarDate | null },
    context: RequestContext,
  ): Promise<Template>;
  /** @throws BadUserInput */
  retire(wish: TransitionWish, context: RequestContext): Promise<Template>;
}

const sensitiveGroups: readonly SensitiveGroup[] = ['csr', 'cost', 'email', 'customFields'];

export function createTemplatePublisher(options: TemplatePublisherOptions): TemplatePublisher {
  const { store, served, rules, analyser, review, clock } = options;

  async function move(
    template: Template,
    transition: Omit<Transition, 'seenRevision'>,
    by: KeyActor,
  ): Promise<Template> {
    const seen = served
      .stored()
      .versions.find(({ name, version }) => name === template.name && version === template.version);
    const whatWasSeen = seen === undefined ? {} : { seenRevision: seen.revision };
    const outcome = await answered(
      store.transition(template.name, template.version, { ...transition, ...whatWasSeen }, by),
    );
    await answered(served.refresh());
    const ref = reference(template);
    if (outcome.kind === 'changed')
      throw new BadUserInput(`${ref} was changed a moment ago; look at it and ask again.`);
    if (outcome.kind === 'unknown') throw noTemplate(ref, served.all());
    if (outcome.kind === 'refused') throw notPossible(ref, outcome.state, transition.to);
    return served.all().find((each) => reference(each) === ref) ?? template;
  }

  return {
    async publish(files, isDryRun, context) {
      const { principal } = context;
      const { given, problems: fileProblems } = readFiles(files);
      await answered(served.refresh());
      const { revision, versions: stored } = served.stored();
      const { checked, problems: checkProblems } = await checkTemplateFiles(given, rules());
      const problems = [...fileProblems, ...checkProblems];
      if (problems.length === 0 && checked.length === 0)
        problems.push(
          at('(all files)', '', 'There is no template among the files.', 'Send pairs of ".graphql" and ".yaml" files.'),
        );

      const before = new Map(stored.map((version) => [`${version.name}@${version.version}`, version]));
      const changes: VersionChange[] = [];
      for (const { base, version } of checked) {
        const decision = publicationOf(version, before.get(`${version.name}@${version.version}`), revision);
        if ('conflict' in decision) problems.push(problemOfConflict(base, decision.conflict));
        else changes.push(decision.change);
      }
      const { costs, limitProblems, rightProblems } = examineAll(checked, principal);
      problems.push(...limitProblems);
      if (problems.length > 0) throw new BadUserInput(...refusalOf([...problems, ...rightProblems]));
      if (rightProblems.length > 0) throw new Forbidden(...refusalOf(rightProblems));

      const planned: Pick<PublishedVersion, 'upstreamCalls' | 'unknownCalls'>[] = [];
      for (const { template } of checked) planned.push(await callsOf(template, context));

      if (!isDryRun) {
        const outcome = await answered(
          store.publish(
            checked.map(({ version }) => version),
            actorOf(principal),
            revision,
          ),
        );
        await answered(served.refresh());
        if (outcome.kind === 'refused') {
          const found = outcome.conflicts.map((conflict) => {
            const file = checked.find(
              ({ version: each }) => each.name === conflict.name && each.version === conflict.version,
            );
            return problemOfConflict(file?.base ?? conflict.name, conflict);
          });
          throw new BadUserInput(...refusalOf(found));
        }
      }
      const inPlace = new Map(served.all().map((template) => [reference(template), template]));
      return checked.map(({ template }, index) => ({
        template: (isDryRun && changes[index] !== 'unchanged' ? null : inPlace.get(reference(template))) ?? {
          ...template,
          state: 'draft',
        },
        change: changes[index]!,
        cost: costs[index]!,
        ...planned[index]!,
      }));
    },

    async approve({ ref, note, reviewedSensitive }, { principal }) {
      const said = readNote(note);
      const reviewed = readGroups(reviewedSensitive);
      await answered(served.refresh());
      const template = findVersion(served.all(), ref, 'approved');
      const name = reference(template);
      if (template.state === 'approved') return template;
      const { lifecycle, sensitive } = template;
      if (lifecycle?.problem != null) throw new BadUserInput(`${name} cannot be approved. ${lifecycle.problem}`);
      const writer = lifecycle?.written?.by;
      if (review === 'other-key' && writer !== undefined && writer !== 'folder' && writer.keyId === principal.keyId)
        throw new Forbidden(
          `The key "${principal.keyName}" wrote ${name}; another key has to approve it ("templates.review" is "other-key").`,
        );
      const mayNotSee = sensitive.filter((group) => principal.fields !== 'all' && !principal.fields.has(group));
      if (mayNotSee.length > 0)
        throw new Forbidden(`${name} selects sensitive fields that this key may not: ${mayNotSee.join(', ')}.`, {
          fields: mayNotSee,
        });
      const unreviewed = sensitive.filter((group) => !reviewed.includes(group));
      if (unreviewed.length > 0)
        throw new BadUserInput(
          `${name} selects sensitive fields: ${unreviewed.join(', ')}. Look at them, and name them as reviewed.`,
          { sensitive },
        );
      analyser.examine(template, principal);
      return move(
        template,
        { to: 'approved', note: said, reviewed: reviewed.filter((group) => sensitive.includes(group)) },
        actorOf(principal),
      );
    },

    async deprecate({ ref, note, sunset }, { principal }) {
      const said = readNote(note);
      const today = dayIn('UTC', clock.nowMs());
      if (sunset !== null && sunset < today) throw new BadUserInput(`The sunset ${sunset} is past; today is ${today}.`);
      await answered(served.refresh());
      const template = findVersion(served.all(), ref, 'deprecated');
      return move(template, { to: 'deprecated', note: said, sunset }, actorOf(principal));
    },

    async retire({ ref, note }, { principal }) {
      const said = readNote(note);
      await answered(served.refresh());
      return move(findVersion(served.all(), ref, 'retired'), { to: 'retired', note: said }, actorOf(principal));
    },
  };

  function examineAll(checked: readonly CheckedFile[], principal: Principal) {
    const costs: number[] = [];
    const limitProblems: TemplateProblem[] = [];
    const rightProblems: TemplateProblem[] = [];
    for (const { base, template } of checked) {
      try {
        costs.push(analyser.examine(template, principal));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        const isRight = error instanceof Forbidden;
        const todo = isRight ? 'Publish it with a key that has the right.' : 'Select or page less.';
        (isRight ? rightProblems : limitProblems).push(at(`${base}.graphql`, '', error.message, todo));
      }
    }
    return { costs, limitProblems, rightProblems };
  }

  async function callsOf(
    template: Template,
    context: RequestContext,
  ): Promise<Pick<PublishedVersion, 'upstreamCalls' | 'unknownCalls'>> {
    const required = template.variables.filter(({ isRequired }) => isRequired).map(({ name }) => name);
    if (required.length > 0)
      return {
        upstreamCalls: null,
        unknownCalls: `The calls depend on ${required.join(', ')}, which have no default.`,
      };
    try {
      return { upstreamCalls: await analyser.expectedCalls(template, context), unknownCalls: null };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { upstreamCalls: null, unknownCalls: `The calls could not be planned: ${error.message}` };
    }
  }
}

function readFiles(files: readonly PublishedFile[]) {
  const problems: TemplateProblem[] = [];
  if (files.length > maxPublishedFiles) return { given: [], problems: [tooManyFiles(files.length, maxPublishedFiles)] };
  const names = new Set<string>();
  const given: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  for (const { name, content } of files) {
    const shown = shorten(name);
    const bytes = new TextEncoder().encode(content);
    if (names.has(name)) problems.push(at(shown, '', 'The file is given twice.', 'Send it once.'));
    else if (!content.isWellFormed())
      problems.push(at(shown, '', 'The content is no Unicode text.', 'Send the text of a UTF-8 file.'));
    else if (bytes.length > maxTemplateFileBytes) problems.push(tooLargeFile(shown));
    else if (!/^[^/\\]+\.(graphql|yaml)$/.test(name))
      problems.push(
        at(
          shown,
          '',
          'This is no file of a template.',
          'Send files named as in a folder, such as "expiring-soon.graphql".',
        ),
      );
    else given.push({ name, bytes });
    names.add(name);
  }
  return { given, problems };
}

/** A message that can stand alone, and the whole list. */
function refusalOf(
  problems: readonly TemplateProblem[],
): [message: string, details: { problems: readonly TemplateProblem[] }] {
  const shown = problems.slice(0, 3).map(formatTemplateProblem).join(' · ');
  const count = problems.length === 1 ? 'there is a problem' : `there are ${problems.length} problems`;
  return [
    `Nothing was published; ${count}: ${shown}${problems.length > 3 ? ' · …' : ''}`,
    { problems: problems.slice(0, 1_000) },
  ];
}

function readNote(note: string | null): string | null {
  const text = note?.trim() ?? '';
  if (text.length > maxNoteChars)
    throw new BadUserInput(`The note has ${text.length} characters; ${maxNoteChars} are allowed.`);
  if (text.includes('\0') || !text.isWellFormed()) throw new BadUserInput('The note has characters that are no text.');
  return text === '' ? null : text;
}

function readGroups(names: readonly string[]): readonly SensitiveGroup[] {
  const unknown = names.filter((name) => !(sensitiveGroups as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new BadUserInput(
      `There is no group of sensitive fields "${shorten(unknown[0]!)}"; there are ${sensitiveGroups.join(', ')}.`,
    );
  return sensitiveGroups.filter((group) => names.includes(group));
}

/**
 * The version that is meant. A bare name, or an id that several versions have, means the one that can be moved to this
 * state.
 *
 * @throws BadUserInput when none is meant, or several could be
 */
function findVersion(all: readonly Template[], given: string, to: TemplateState): Template {
  const ref = normalizeId(given);
  const wanted = parseTemplateReference(ref);
  const meant = all.filter(
    ({ name, version, ids }) =>
      ids.some(({ id }) => id === ref) ||
      (wanted !== null && name === wanted.name && (wanted.version === null || version === wanted.version)),
  );
  if (meant.length === 0) throw noTemplate(given, all);
  if (meant.length === 1) return meant[0]!;
  const movable = meant.filter(({ state }) => mayBecome(state, to) && state !== to);
  if (movable.length === 1) return movable[0]!;
  const inState = meant.filter(({ state }) => state === to);
  if (movable.length === 0 && inState.length > 0) return inState.at(-1)!;
  const list = (movable.length === 0 ? meant : movable).map((each) => `${reference(each)} (${each.state})`).join(', ');
  throw new BadUserInput(`"${shorten(given)}" could mean ${list}; say which version.`);
}

function noTemplate(given: string, all: readonly Template[]): BadUserInput {
  const nearest = given.length > 80 ? null : nearestOf(given.split('@', 1)[0]!, new Set(all.map(({ name }) => name)));
  return new BadUserInput(
    `There is no template "${shorten(given)}"${nearest === null ? '' : `; the nearest is "${nearest}"`}.`,
  );
}

function notPossible(ref: string, from: TemplateState, to: TemplateState): BadUserInput {
  const todo = from === 'draft' ? 'Approve it first.' : 'States go forward only; publish a new version.';
  return new BadUserInput(`${ref} is ${from} and cannot become ${to}. ${todo}`);
}

/** @throws ServiceUnavailable for what the database throws */
async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new ServiceUnavailable('The template registry does not answer; look at the template before you ask again.', {
      cause,
    });
  }
}

function actorOf({ keyId, keyName, owner }: Principal): KeyActor {
  return { keyId, keyName, owner };
}
