import {
  GraphQLError,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { checkVariables } from './check-variables.ts';
import { documentIds, sha256 } from './document-ids.ts';
import { selectionTree, type SelectedField } from './selection-tree.ts';
import { sensitiveSelections, type SensitiveFields } from './sensitive-fields.ts';
import { checkColumns, rowFields } from './template-columns.ts';
import { checkPresentation } from './template-presentation.ts';
import { parseTemplateMetadata, type TemplateMetadata } from './template-metadata.ts';
import { chartOf } from './template-presentation.ts';
import { parseTemplateReference } from './template-name.ts';
import { at, type TemplateProblem } from './template-problem.ts';
import type { Column, Template, TemplateVariable } from './template.ts';

/** The two files of one version of a template. */
export interface TemplateSource {
  /** File name without its extension: `name` or `name@version`. */
  readonly base: string;
  /** Bytes of the `.graphql` file. */
  readonly graphql: Uint8Array;
  /** Text of the `.yaml` file. */
  readonly yaml: string;
}

/** What templates are held against. The same two objects are the same rules: what fits them is remembered with them. */
export interface TemplateRules {
  readonly schema: GraphQLSchema;
  readonly sensitiveFields: SensitiveFields;
}

export interface CheckedTemplate {
  /** Null when there are problems. */
  readonly template: Template | null;
  readonly problems: readonly TemplateProblem[];
}

/** Longer documents than this many tokens are refused before they are parsed further. */
const maxTokens = 15_000;

/**
 * Checks one version of a template: its metadata, its document against the schema, and the two against each other.
 * Bad content never throws; it is told in `problems`, all of it at once. What had none is remembered as long as the rules.
 */
export function checkTemplate(source: TemplateSource, rules: TemplateRules): CheckedTemplate {
  const files = { graphql: `${source.base}.graphql`, yaml: `${source.base}.yaml` };
  const fit = fitTemplatesOf(rules);
  const key = `${sha256(source.graphql)} ${sha256(source.yaml)}`;
  const known = fit.get(key);
  if (known !== undefined) {
    const problems = fileNameProblems(known, source.base, files.yaml);
    return { template: problems.length === 0 ? known : null, problems };
  }
  const checked = checkContent(source, files, rules);
  if (checked.template !== null) fit.set(key, checked.template);
  return checked;
}

/** Templates without problems by the hashes of both files: a folder is read again, and a store, with most of it unchanged. */
const fitTemplates = new WeakMap<GraphQLSchema, WeakMap<SensitiveFields, LRUCache<string, Template>>>();
const maxFitTemplates = 5_000;

function fitTemplatesOf({ schema, sensitiveFields }: TemplateRules): LRUCache<string, Template> {
  let ofSchema = fitTemplates.get(schema);
  if (ofSchema === undefined) fitTemplates.set(schema, (ofSchema = new WeakMap()));
  let ofRules = ofSchema.get(sensitiveFields);
  if (ofRules === undefined) ofSchema.set(sensitiveFields, (ofRules = new LRUCache({ max: maxFitTemplates })));
  return ofRules;
}

function checkContent(
  source: TemplateSource,
  files: { readonly graphql: string; readonly yaml: string },
  { schema, sensitiveFields }: TemplateRules,
): CheckedTemplate {
  const { metadata, problems: metadataProblems } = parseTemplateMetadata(source.yaml, files.yaml);
  const problems = [...metadataProblems];
  if (metadata !== null) problems.push(...identityProblems(metadata, source, files.yaml));

  const read = readDocument(source.graphql, files.graphql);
  problems.push(...read.problems);
  if (read.document === null) return { template: null, problems };
  const operation = onlyQuery(read.document, files.graphql, problems);
  for (const error of validate(schema, read.document))
    problems.push(ofGraphQL(error, files.graphql, 'Correct the document to fit the schema.'));
  if (metadata === null || operation === null) return { template: null, problems };

  const { variables, problems: variableProblems } = checkVariables(metadata, operation, schema, files.yaml);
  problems.push(...variableProblems);
  const columns = checkSelection(metadata, { schema, sensitiveFields }, read.document, operation, files.yaml, problems);
  if (problems.length > 0) return { template: null, problems };
  return { template: templateOf(metadata, read.text, operation, variables, columns), problems };
}

function fileNameProblems(
  { name, version }: Pick<Template, 'name' | 'version'>,
  base: string,
  file: string,
): TemplateProblem[] {
  const problems: TemplateProblem[] = [];
  const reference = parseTemplateReference(base);
  if (reference === null || reference.name !== name) {
    problems.push(
      at(file, 'name', `The file is called "${base}" and the template "${name}".`, 'Give both the same name.'),
    );
  }
  if (reference?.version != null && reference.version !== version) {
    problems.push(
      at(
        file,
        'version',
        `The file says version ${reference.version} and the metadata ${version}.`,
        'Make them the same.',
      ),
    );
  }
  return problems;
}

function identityProblems(
  metadata: TemplateMetadata,
  { base, graphql }: TemplateSource,
  file: string,
): TemplateProblem[] {
  const problems = fileNameProblems(metadata, base, file);
  const id = sha256(graphql);
  if (metadata.id !== undefined && metadata.id !== id) {
    const what = `The text has the id ${id} and not the recorded ${metadata.id}.`;
    problems.push(at(file, 'id', what, 'Restore the text, or give the changed text a new version.'));
  }
  if (metadata.retiredAt !== undefined && metadata.state !== 'retired') {
    problems.push(
      at(
        file,
        'retiredAt',
        `The state is "${metadata.state}", not "retired".`,
        'Remove "retiredAt", or retire the template.',
      ),
    );
  }
  return problems;
}

function readDocument(
  bytes: Uint8Array,
  file: string,
): { document: DocumentNode | null; text: string; problems: TemplateProblem[] } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { document: null, text: '', problems: [at(file, '', 'The file is not UTF-8.', 'Save it as UTF-8.')] };
  }
  try {
    const document = parse(text, { maxTokens });
    return { document, text, problems: [] };
  } catch (error) {
    if (error instanceof RangeError)
      return { document: null, text, problems: [at(file, '', 'The document nests too deeply.', 'Nest less deeply.')] };
    if (!(error instanceof GraphQLError)) throw error;
    return { document: null, text, problems: [ofGraphQL(error, file, 'Correct the syntax.')] };
  }
}

function onlyQuery(document: DocumentNode, file: string, problems: TemplateProblem[]): OperationDefinitionNode | null {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const operation = operations[0];
  if (operation === undefined || operations.length > 1) {
    problems.push(
      at(file, '', `The document has ${operations.length} operations.`, 'Write exactly one query per file.'),
    );
    return null;
  }
  if (operation.operation === 'query') return operation;
  problems.push(at(file, '', `The operation is a ${operation.operation}.`, 'Templates are queries.'));
  return null;
}

function checkSelection(
  metadata: TemplateMetadata,
  { schema, sensitiveFields }: TemplateRules,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  file: string,
  problems: TemplateProblem[],
): Column[] {
  const tree = treeOrNull(schema, document, operation);
  if (tree === null) {
    problems.push(at(file, '', 'The document selects too many fields.', 'Spread fewer fragments.'));
    return [];
  }
  problems.push(
    ...sensitiveProblems(tree, sensitiveFields, metadata, file),
    ...pagingProblems(tree, operation, metadata, file),
  );
  const row = rowFields(tree, metadata.rows, file);
  problems.push(...row.problems);
  if (row.fields === null) return [];
  const { columns, problems: columnProblems } = checkColumns(metadata.columns, row.fields, file);
  problems.push(...columnProblems, ...checkPresentation(metadata, columns, file));
  return columns;
}

function treeOrNull(...args: Parameters<typeof selectionTree>): ReturnType<typeof selectionTree> | null {
  try {
    return selectionTree(...args);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function sensitiveProblems(
  tree: ReadonlyMap<string, SelectedField>,
  fields: SensitiveFields,
  { sensitive }: TemplateMetadata,
  file: string,
): TemplateProblem[] {
  const reviewed = new Set(sensitive);
  return sensitiveSelections(tree, fields)
    .filter(({ group }) => !reviewed.has(group))
    .map(({ group, path }) =>
      at(
        file,
        'sensitive',
        `"${path}" is a sensitive field of the group "${group}".`,
        `Leave it out, or add "${group}" after a review.`,
      ),
    );
}

function pagingProblems(
  tree: ReadonlyMap<string, SelectedField>,
  operation: OperationDefinitionNode,
  { paging }: TemplateMetadata,
  file: string,
): TemplateProblem[] {
  if (paging === undefined) return [];
  const problems: TemplateProblem[] = [];
  const defined = new Set((operation.variableDefinitions ?? []).map((node) => node.variable.name.value));
  for (const member of ['first', 'after'] as const) {
    if (defined.has(paging[member])) continue;
    const what = `The document has no variable "$${paging[member]}".`;
    problems.push(at(file, `paging.${member}`, what, 'Name the variable that pages, or leave "paging" out.'));
  }
  let fields: ReadonlyMap<string, SelectedField> | undefined = tree;
  for (const key of paging.pageInfo) fields = fields?.get(key)?.children;
  for (const key of ['hasNextPage', 'endCursor']) {
    if (fields?.has(key)) continue;
    const what = `The document does not select "${[...paging.pageInfo, key].join('.')}".`;
    problems.push(at(file, 'paging.pageInfo', what, 'Select "hasNextPage" and "endCursor" there.'));
  }
  return problems;
}

function templateOf(
  metadata: TemplateMetadata,
  text: string,
  operation: OperationDefinitionNode,
  variables: readonly TemplateVariable[],
  columns: readonly Column[],
): Template {
  const ids = documentIds(text);
  return {
    name: metadata.name,
    version: metadata.version,
    state: metadata.state,
    title: metadata.title,
    question: metadata.question,
    description: metadata.description ?? null,
    owner: metadata.owner,
    tags: metadata.tags,
    id: ids[0]!.id,
    text,
    operationName: operation.name?.value ?? null,
    ids,
    variables,
    oneOf: metadata.oneOf ?? [],
    rows: metadata.rows,
    paging: metadata.paging ?? null,
    columns,
    sensitive: metadata.sensitive,
    maxAgeSeconds: metadata.freshness?.maxAge ?? null,
    schedule: metadata.schedule ?? null,
    picture: metadata.picture ?? null,
    chart: chartOf(metadata),
    calendar: metadata.calendar ?? null,
    retiredAt: metadata.retiredAt ?? null,
    ...(metadata.deprecation === undefined
      ? {}
      : { deprecation: { note: metadata.deprecation.note ?? null, sunset: metadata.deprecation.sunset ?? null } }),
  };
}

function ofGraphQL(error: GraphQLError, file: string, todo: string): TemplateProblem {
  const place = error.locations?.[0];
  return at(file, place === undefined ? '' : `line ${place.line}`, error.message, todo);
}
