import { createHash } from 'node:crypto';
import { BadUserInput } from '@certfolio/core';
import { GraphQLError, Kind, parse, print, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import { z } from 'zod';
import { checkTemplate } from './check-template.ts';
import { commonPaths, comparisonOf, couldBe, formOf, type OperationForm } from './operation-form.ts';
import { draftFiles, type DraftFiles } from './import-draft.ts';
import { reference } from './registry.ts';
import { normalizeId, shorten } from './requested-id.ts';
import { selectionTree } from './selection-tree.ts';
import { sensitiveSelections, type SensitiveFields } from './sensitive-fields.ts';
import { formatTemplateProblem } from './template-problem.ts';
import type { Template } from './template.ts';

/** `apollo`: `generate-persisted-query-manifest`; `map`: `{id: text}`, of graphql-codegen and Relay; `pairs`: Relay's list of pairs. */
export const manifestFormats = ['apollo', 'map', 'pairs'] as const;
export type ManifestFormat = (typeof manifestFormats)[number];

export interface ManifestOperation {
  /** As the client sends it. */
  readonly id: string;
  /** What the client means by it. */
  readonly text: string;
}

export interface Manifest {
  readonly format: ManifestFormat;
  readonly operations: readonly ManifestOperation[];
}

/** How the text of an operation is that of a template: the same bytes, the same once printed, or but for what tool-chains change. */
export const matchKinds = ['bytes', 'print', 'tools'] as const;
export type MatchKind = (typeof matchKinds)[number];

export interface MatchedOperation extends ManifestOperation {
  readonly operationName: string | null;
  readonly template: Template;
  readonly how: MatchKind;
  /** What the tool-chain changed, a few words each. */
  readonly changed: readonly string[];
}

export interface UnmatchedOperation extends ManifestOperation {
  readonly operationName: string | null;
  /** The template that it differs least from; null when none has anything in common with it. */
  readonly nearest: Template | null;
  /** What differs from it, or why the operation can be no template. */
  readonly differences: readonly string[];
}

export const importProblemCodes = [
  'ID_OF_ANOTHER_TEMPLATE',
  'ID_HAS_ANOTHER_TEXT',
  'ID_TWICE',
  'ID_DOES_NOT_FIT',
  'ID_IS_A_NAME',
  'ID_UNUSABLE',
  'DRAFT',
] as const;

/** Why nothing is imported. */
export interface ImportProblem {
  readonly code: (typeof importProblemCodes)[number];
  readonly id: string;
  /** A sentence. */
  readonly message: string;
}

export interface ImportPlan {
  /** Ids that are new. */
  readonly added: readonly MatchedOperation[];
  /** Ids that belong to the template already, with this text. */
  readonly known: readonly MatchedOperation[];
  readonly unmatched: readonly UnmatchedOperation[];
  /** Made of what matches nothing, where an owner for them is given. */
  readonly drafts: readonly DraftFiles[];
  /** With any, nothing is to be done. */
  readonly problems: readonly ImportProblem[];
}

export interface ImportRules {
  readonly schema: GraphQLSchema;
  readonly sensitiveFields: SensitiveFields;
  /** Owner of drafts of what matches nothing; null makes none. */
  readonly draftOwner: string | null;
}

/** Of one manifest; larger ones are given in parts. */
export const manifestLimits = { chars: 1_000_000, operations: 2_000 } as const;

const apolloManifest = z.looseObject({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.looseObject({ id: z.string(), body: z.string() })),
});
const pairsManifest = z.array(z.tuple([z.string(), z.string()]));
const mapManifest = z.record(z.string(), z.string());

/**
 * Reads what a tool-chain wrote, whichever of them it was.
 *
 * @throws BadUserInput for what is none of the known formats, or more than `manifestLimits`
 */
export function parseManifest(json: string): Manifest {
  if (json.length > manifestLimits.chars)
    throw new BadUserInput(`The manifest has ${json.length} characters; ${manifestLimits.chars} are allowed.`);
  const manifest = readManifest(readJson(json));
  const { length } = manifest.operations;
  if (length > manifestLimits.operations)
    throw new BadUserInput(`The manifest has ${length} operations; ${manifestLimits.operations} are allowed.`);
  return manifest;
}

function readManifest(value: unknown): Manifest {
  const apollo = apolloManifest.safeParse(value);
  if (apollo.success)
    return { format: 'apollo', operations: apollo.data.operations.map(({ id, body }) => ({ id, text: body })) };
  if (typeof value === 'object' && value !== null && 'format' in value && 'operations' in value) {
    const { path, message } = apollo.error.issues[0]!;
    throw new BadUserInput(`The Apollo manifest is not of version 1: ${path.join('.')}: ${message}.`);
  }
  const pairs = pairsManifest.safeParse(value);
  if (pairs.success) return { format: 'pairs', operations: pairs.data.map(([id, text]) => ({ id, text })) };
  if (!Array.isArray(value)) {
    const map = mapManifest.safeParse(value);
    if (map.success) return { format: 'map', operations: Object.entries(map.data).map(([id, text]) => ({ id, text })) };
  }
  throw new BadUserInput(
    'This is no manifest that is known: neither {"format": "apollo-persisted-query-manifest", …} nor {"<id>": "<text>"} nor [["<id>", "<text>"]].',
  );
}

function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new BadUserInput(`The manifest is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Longer texts than this many tokens match nothing. */
const maxTokens = 15_000;
/** Longer ids are none that a client sends. */
const maxIdLength = 256;

interface Known {
  readonly template: Template;
  readonly texts: ReadonlySet<string>;
  readonly prints: ReadonlySet<string>;
  readonly form: OperationForm;
}

/**
 * What an import would do: which operation is which template, what is new, what matches nothing, and what forbids it. Nothing
 * is changed. Drafts are matched too, retired versions are not; of several the one that runs under its name is taken.
 */
export function planImport(
  operations: readonly ManifestOperation[],
  templates: readonly Template[],
  rules: ImportRules,
): ImportPlan {
  const steps = planImportInSteps(operations, templates, rules);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, an operation a step: a large manifest takes seconds, and a server lets others have their turn in between. */
export function* planImportInSteps(
  operations: readonly ManifestOperation[],
  templates: readonly Template[],
  rules: ImportRules,
): Generator<void, ImportPlan> {
  const known = candidatesOf(templates, rules.schema);
  const plan = {
    added: [] as MatchedOperation[],
    known: [] as MatchedOperation[],
    unmatched: [] as UnmatchedOperation[],
  };
  const problems: ImportProblem[] = [];
  const owners = ownersOfIds(templates);
  const names = new Set(templates.flatMap((template) => [template.name, reference(template)]));
  const seen = new Map<string, string>();
  for (const operation of operations) {
    yield;
    const id = normalizeId(operation.id);
    const before = seen.get(id);
    seen.set(id, operation.text);
    if (before === operation.text) continue;
    const problem =
      before === undefined
        ? idProblem(operation, id, names)
        : say('ID_TWICE', id, `The manifest has two texts for the id "${shorten(id)}".`);
    if (problem !== null) {
      problems.push(problem);
      continue;
    }
    const result = matchOperation({ ...operation, id }, known, rules);
    const owned = owners.get(id) ?? [];
    if (!('how' in result)) {
      plan.unmatched.push(result);
      if (owned[0] !== undefined)
        problems.push(
          say(
            'ID_OF_ANOTHER_TEMPLATE',
            id,
            `The id "${shorten(id)}" belongs to ${reference(owned[0].template)}, and its text here is that of no template in service.`,
          ),
        );
      continue;
    }
    const other = owned.find(({ template }) => template.name !== result.template.name);
    const own = owned.find(({ template }) => template.name === result.template.name);
    if (other !== undefined)
      problems.push(
        say(
          'ID_OF_ANOTHER_TEMPLATE',
          id,
          `The id "${shorten(id)}" belongs to ${reference(other.template)}; its text here is that of ${reference(result.template)}.`,
        ),
      );
    else if (own !== undefined && own.text !== operation.text)
      problems.push(
        say(
          'ID_HAS_ANOTHER_TEXT',
          id,
          `The id "${shorten(id)}" belongs to ${reference(own.template)} with another text.`,
        ),
      );
    else if (own === undefined) plan.added.push(result);
    else plan.known.push(result);
  }
  const made =
    rules.draftOwner === null
      ? { drafts: [], problems: [] }
      : draftsOf(plan.unmatched, templates, rules, rules.draftOwner);
  return { ...plan, drafts: made.drafts, problems: [...problems, ...made.problems] };
}

const say = (code: ImportProblem['code'], id: string, message: string): ImportProblem => ({ code, id, message });

function idProblem(
  { id: sent, text }: ManifestOperation,
  id: string,
  names: ReadonlySet<string>,
): ImportProblem | null {
  if (id === '' || id.length > maxIdLength || /[\s\u0000-\u001f\u007f]/.test(id)) {
    return say(
      'ID_UNUSABLE',
      shorten(id),
      `"${shorten(id)}" cannot be an id: it has 1 to ${maxIdLength} characters without white space.`,
    );
  }
  if (names.has(id))
    return say('ID_IS_A_NAME', id, `"${shorten(id)}" is the name of a template and cannot be an id too.`);
  // 64 digits are taken for a SHA-256 wherever an id and a text come together, with a prefix or without.
  const isClaim = sent.startsWith('sha256:') || /^[0-9a-f]{64}$/.test(id);
  const actual = createHash('sha256').update(text).digest('hex');
  if (isClaim && id !== actual) {
    return say(
      'ID_DOES_NOT_FIT',
      id,
      `The id "${shorten(sent)}" claims to be the SHA-256 of its text, which is ${actual}; "certfolio explain-hash" can say why.`,
    );
  }
  return null;
}

function ownersOfIds(
  templates: readonly Template[],
): Map<string, { readonly template: Template; readonly text: string }[]> {
  const owners = new Map<string, { template: Template; text: string }[]>();
  for (const template of templates) {
    for (const { id, text } of template.ids) {
      const same = owners.get(id) ?? [];
      same.push({ template, text });
      owners.set(id, same);
    }
  }
  return owners;
}

function candidatesOf(templates: readonly Template[], schema: GraphQLSchema): Known[] {
  const rank = { approved: 0, deprecated: 1, draft: 2, retired: 3 };
  return templates
    .filter(({ state }) => state !== 'retired')
    .toSorted((a, b) => rank[a.state] - rank[b.state] || b.version - a.version)
    .flatMap((template) => {
      const form = formOf(parse(template.text, { noLocation: true }), schema);
      if (form === null) return [];
      const texts = new Set(template.ids.map(({ text }) => text));
      return [
        { template, texts, prints: new Set([...texts].map((text) => print(parse(text, { noLocation: true })))), form },
      ];
    });
}

function matchOperation(
  operation: ManifestOperation,
  known: readonly Known[],
  rules: ImportRules,
): MatchedOperation | UnmatchedOperation {
  const read = readOperation(operation.text, rules.schema);
  if ('problem' in read) return { ...operation, operationName: read.name, nearest: null, differences: [read.problem] };
  const { document, form } = read;
  const found = (template: Template, how: MatchKind, changed: readonly string[]) => ({
    ...operation,
    operationName: form.name,
    template,
    how,
    changed,
  });

  const sameBytes = known.find(({ texts }) => texts.has(operation.text));
  if (sameBytes !== undefined) return found(sameBytes.template, 'bytes', []);
  const printed = print(document);
  const samePrint = known.find(({ prints }) => prints.has(printed));
  if (samePrint !== undefined) return found(samePrint.template, 'print', []);

  const isFreeId = (type: string) => rules.sensitiveFields.groupOf(type, 'id') === null;
  for (const { template, form: own } of known) {
    if (!couldBe(own, form)) continue;
    const { differences, changed } = comparisonOf(own, form, isFreeId);
    if (differences.length === 0) return found(template, 'tools', changed);
  }
  const { nearest, differences } = nearestOf(form, known, isFreeId);
  return { ...operation, operationName: form.name, nearest, differences: differences.slice(0, shownDifferences) };
}

/** Templates that share most of the answer; only they are compared field by field. */
const comparedTemplates = 3;

function nearestOf(
  form: OperationForm,
  known: readonly Known[],
  isFreeId: (type: string) => boolean,
): Pick<UnmatchedOperation, 'nearest' | 'differences'> {
  const shared = known
    .map((each) => ({ ...each, common: commonPaths(each.form, form) }))
    .filter(({ common }) => common > 0);
  const compared = shared
    .toSorted((a, b) => b.common - a.common)
    .slice(0, comparedTemplates)
    .map(({ template, form: own }) => ({
      nearest: template,
      differences: comparisonOf(own, form, isFreeId).differences,
    }));
  return (
    compared.toSorted((a, b) => a.differences.length - b.differences.length)[0] ?? { nearest: null, differences: [] }
  );
}

/** More of them tell nothing more. */
const shownDifferences = 20;

function readOperation(
  text: string,
  schema: GraphQLSchema,
):
  | { readonly document: DocumentNode; readonly form: OperationForm }
  | { readonly problem: string; readonly name: string | null } {
  let document: DocumentNode;
  try {
    document = parse(text, { noLocation: true, maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return { problem: `It does not parse: ${error.message}`, name: null };
    if (error instanceof RangeError) return { problem: 'It nests too deeply to be read.', name: null };
    throw error;
  }
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const name = operations[0]?.name?.value ?? null;
  if (operations.length !== 1) return { problem: `It has ${operations.length} operations; a template has one.`, name };
  if (operations[0]!.operation !== 'query')
    return { problem: `It is a ${operations[0]!.operation}; templates are queries.`, name };
  const [error] = validate(schema, document);
  if (error !== undefined) return { problem: `It does not fit the schema: ${error.message}`, name };
  const form = formOf(document, schema);
  return form === null ? { problem: 'It selects too many fields.', name } : { document, form };
}

function draftsOf(
  unmatched: readonly UnmatchedOperation[],
  templates: readonly Template[],
  rules: ImportRules,
  owner: string,
): { drafts: DraftFiles[]; problems: ImportProblem[] } {
  const drafts: DraftFiles[] = [];
  const problems: ImportProblem[] = [];
  const versions = new Map<string, number>();
  for (const { name, version } of templates) versions.set(name, Math.max(version, versions.get(name) ?? 0));
  for (const { id, text, operationName } of unmatched) {
    const read = readOperation(text, rules.schema);
    if ('problem' in read) {
      problems.push(
        say('DRAFT', id, `The operation ${operationName ?? `"${shorten(id)}"`} can be no template: ${read.problem}`),
      );
      continue;
    }
    const operation = read.document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION)!;
    const tree = selectionTree(rules.schema, read.document, operation);
    const sensitive = [...new Set(sensitiveSelections(tree, rules.sensitiveFields).map(({ group }) => group))];
    const draft = draftFiles({
      id,
      text,
      operation,
      tree,
      sensitive,
      owner,
      versionOf: (name) => (versions.get(name) ?? 0) + 1,
    });
    if (draft === null) {
      problems.push(
        say(
          'DRAFT',
          id,
          `The name of the operation ${operationName ?? '(none)'} makes no name of a template; name the operation in the client.`,
        ),
      );
      continue;
    }
    versions.set(draft.name, draft.version);
    const base = `${draft.name}@${draft.version}`;
    const { problems: found } = checkTemplate(
      { base, graphql: new TextEncoder().encode(draft.graphql), yaml: draft.yaml },
      rules,
    );
    if (found.length > 0)
      problems.push(
        say(
          'DRAFT',
          id,
          `A draft of ${operationName} would have problems: ${found.map(formatTemplateProblem).join(' ')}`,
        ),
      );
    else drafts.push(draft);
  }
  return { drafts, problems };
}
