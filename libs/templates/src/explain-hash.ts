import { createHash } from 'node:crypto';
import { parse as parseForUrql, print as printForUrql } from '@0no-co/graphql.web';
import { editDistance } from '@certfolio/core';
import { printExecutableGraphQLDocument } from '@graphql-tools/documents';
import {
  GraphQLError,
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import {
  formatForRelay,
  fragmentsFirst,
  fragmentsLast,
  inlineFragments,
  printForRelay,
  printOnOneLine,
  printSpacedObjects,
  renameOperation,
  sortTopLevelDefinitions,
  typenamesFirst,
  withoutTypenames,
} from './document-forms.ts';
import { addTypenamesForApollo, urqlText } from './document-ids.ts';

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256';

/** One thing that was done to the bytes of the file before they were hashed. */
export interface HashStep {
  /** Stable word for programs, such as `apollo` or `crlf`. */
  readonly way: string;
  /** For people. */
  readonly what: string;
}

export interface HashInput {
  /** Name for people. */
  readonly name: string;
  /** The file as UTF-8 text, a byte-order mark included. */
  readonly text: string;
}

export interface HashExplanation {
  /** Digits as looked for: lower case, without prefix. */
  readonly digest: string;
  /** Told by the number of digits; null when no digest has so many. */
  readonly algorithm: HashAlgorithm | null;
  /** What is odd about the hash itself, as sentences. */
  readonly remarks: readonly string[];
  /** Null when no way gives the hash; empty when it is that of the file's bytes. */
  readonly steps: readonly HashStep[] | null;
  /** The text whose hash it is. */
  readonly text: string | null;
  /** Different texts that were hashed. */
  readonly tried: number;
  /** The hash of the file under the common ways, by the algorithm of the hash looked for. */
  readonly usual: readonly (HashStep & { readonly hash: string })[];
  /** What it could have been meant to be, when no way of this file gives it; a sentence. */
  readonly nearest: string | null;
}

export interface ExplainHashOptions {
  /** Needed for the texts of Relay's compiler, which depend on which types have an `id`. */
  readonly schema?: GraphQLSchema | undefined;
  /** Files beside it; the hash may be one of theirs. */
  readonly others?: readonly HashInput[];
}

/** A tool-chain or printer: what it makes of a document. */
interface Printer {
  readonly step: HashStep;
  /** @param text a text that parses to the document: the file's own where nothing else was done */
  readonly print: (document: DocumentNode, text: string) => string | null;
}

interface TreeEdit {
  readonly step: HashStep;
  readonly edit: (document: DocumentNode) => DocumentNode | null;
}

interface TextEdit {
  readonly step: HashStep;
  readonly edit: (text: string) => string;
}

/** Steps beyond the printer that are combined. */
const maxEdits = 2;

/**
 * Finds what was done to a document before it was hashed, the fewest steps first. Some 3,000 texts at most are tried, in well
 * under a second for a document of the usual size; the document needs not to parse.
 */
export function explainHash(hash: string, file: HashInput, options: ExplainHashOptions = {}): HashExplanation {
  const asked = readHash(hash);
  const { digest, algorithm, remarks } = asked;
  const candidates = candidatesOf(file, options.schema);
  const usedAlgorithm = algorithm ?? 'sha256';
  const usual = candidates.usual.map(({ step, text }) => ({ ...step, hash: digestOf(usedAlgorithm, text) }));
  const near: { distance: number; sentence: string }[] = [];
  let tried = 0;
  for (const { steps, text } of candidates.all()) {
    tried += 1;
    const found = digestOf(usedAlgorithm, text);
    if (algorithm !== null && found === digest) return { ...asked, steps, text, tried, usual, nearest: null };
    const distance = mistyped(digest, found);
    if (distance !== null) near.push({ distance, sentence: nearMiss(digest, found, steps, file.name) });
  }
  const nearest =
    near.toSorted((a, b) => a.distance - b.distance)[0]?.sentence ?? nearestFile(digest, algorithm, options);
  return { digest, algorithm, remarks, steps: null, text: null, tried, usual, nearest };
}

/** How two hashes of one file differ: the steps that only the first had, and those that only the second had. */
export function hashDifference(
  a: HashExplanation,
  b: HashExplanation,
): { readonly onlyFirst: readonly HashStep[]; readonly onlySecond: readonly HashStep[] } | null {
  if (a.steps === null || b.steps === null) return null;
  const traits = (explanation: HashExplanation) => [
    ...explanation.steps!.flatMap((step) => traitsOf.get(step.way) ?? [step]),
    ...(explanation.algorithm === null
      ? []
      : [{ way: explanation.algorithm, what: `hashed with ${algorithmNames[explanation.algorithm]}` }]),
  ];
  const [ofA, ofB] = [traits(a), traits(b)];
  const without = (from: readonly HashStep[], other: readonly HashStep[]) =>
    from.filter(({ way }) => !other.some((step) => step.way === way));
  return { onlyFirst: without(ofA, ofB), onlySecond: without(ofB, ofA) };
}

export const algorithmNames: Readonly<Record<HashAlgorithm, string>> = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' };
const algorithmOfLength: ReadonlyMap<number, HashAlgorithm> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
]);

function readHash(hash: string): { digest: string; algorithm: HashAlgorithm | null; remarks: string[] } {
  const remarks: string[] = [];
  const trimmed = hash.trim();
  const [, prefix = null, rest = trimmed] = /^(md5|sha1|sha-1|sha256|sha-256):(.*)$/i.exec(trimmed) ?? [];
  const digest = rest.toLowerCase();
  if (!/^[0-9a-f]*$/.test(digest)) remarks.push('It has characters that are no hex digits.');
  else if (digest !== rest) remarks.push('Its digits are upper case; ids are looked up in lower case.');
  const algorithm = /^[0-9a-f]+$/.test(digest) ? (algorithmOfLength.get(digest.length) ?? null) : null;
  if (algorithm === null)
    remarks.push(`It has ${digest.length} characters; MD5 has 32 hex digits, SHA-1 40, SHA-256 64.`);
  const claimed = prefix?.toLowerCase().replace('-', '') ?? null;
  if (claimed !== null && algorithm !== null && claimed !== algorithm) {
    remarks.push(`Its prefix says "${prefix}", but ${digest.length} hex digits are ${algorithmNames[algorithm]}.`);
  }
  return { digest, algorithm, remarks };
}

const way = (name: string, what: string): HashStep => ({ way: name, what });
const printed = way('printed', 'printed by graphql-js');
const typenameLast = way('typename', '__typename added last in every selection below the root');
const sorted = way('sorted-definitions', 'definitions sorted as sortTopLevelDefinitions does');

/** What a tool-chain does, taken apart, so that two of them can be compared. */
const traitsOf: ReadonlyMap<string, readonly HashStep[]> = new Map([
  ['apollo', [printed, typenameLast]],
  ['apollo-manifest', [printed, typenameLast, sorted]],
  ['urql', [way('printed-by-urql', "printed by urql's own printer, comments dropped"), typenameLast]],
  [
    'codegen',
    [
      printed,
      way('sorted-selections', 'selections, variables and definitions sorted by name'),
      way('one-line', 'white space collapsed to one line'),
    ],
  ],
  [
    'relay',
    [
      way('printed-by-relay', "printed by Relay's compiler, with a final line end"),
      way('id', '"id" added where a type has one'),
      way('query-suffix', 'the operation named …Query'),
    ],
  ],
]);

function printersOf(schema: GraphQLSchema | undefined): readonly Printer[] {
  return [
    { step: printed, print: (document) => print(document) },
    {
      step: way('apollo', "as Apollo Client's persisted-query link sends it: printed, with __typename"),
      print: (document) => print(addTypenamesForApollo(document)),
    },
    {
      step: way(
        'apollo-manifest',
        'as generate-persisted-query-manifest writes it: with __typename, definitions sorted, printed',
      ),
      print: (document) => print(sortTopLevelDefinitions(addTypenamesForApollo(document))),
    },
    {
      step: way('urql', "as urql's persisted exchange sends it: with __typename, by urql's printer"),
      print: (document, text) => urqlText(text, document),
    },
    {
      step: way('codegen', 'as the client preset of graphql-codegen writes it: everything sorted, on one line'),
      print: (document) => printExecutableGraphQLDocument(document),
    },
    {
      step: way('relay', "as Relay's compiler writes it: …Query, with id, by Relay's printer"),
      print: (document) =>
        schema === undefined ? null : printForRelay(formatForRelay(renameOperation(document, withQuerySuffix), schema)),
    },
    {
      step: way('minified', 'minified: comments and all needless white space stripped'),
      print: (document) => stripIgnoredCharacters(print(document)),
    },
    {
      step: way('printed-by-urql', "printed by urql's own printer, nothing added"),
      print: (_document, text) => printedByUrql(text),
    },
    {
      step: way('printed-by-relay', "printed by Relay's printer, nothing added"),
      print: (document) => printForRelay(document),
    },
    {
      step: way('printed-15', 'printed by graphql-js 15: with a final line end'),
      print: (document) => `${print(document)}\n`,
    },
    {
      step: way('printed-14', 'printed by graphql-js 14 or early 15: arguments on one line, a final line end'),
      print: (document) => printOnOneLine(document),
    },
    {
      step: way(
        'printed-17',
        'printed by graphql-js 17: spaces inside the braces of objects, long ones on several lines',
      ),
      print: (document) => printSpacedObjects(document),
    },
  ];
}

function treeEdits(file: HashInput): readonly TreeEdit[] {
  const fromFile = pascalCase(file.name.replace(/^.*[/\\]/, '').replace(/(@\d+)?\.\w+$/, ''));
  const renamed = (rename: (name: string | null) => string | null) => (document: DocumentNode) =>
    renameOperation(document, rename);
  return [
    { step: way('typename-removed', '__typename taken out'), edit: withoutTypenames },
    { step: way('typename', typenameLast.what), edit: addTypenamesForApollo },
    { step: way('typename-first', '__typename added first in every selection below the root'), edit: typenamesFirst },
    { step: sorted, edit: sortTopLevelDefinitions },
    { step: way('fragments-last', 'the operation first, fragments after it by name'), edit: fragmentsLast },
    { step: way('fragments-first', 'fragments moved before the operation'), edit: fragmentsFirst },
    {
      step: way('fragments-inlined', 'fragments written out where they are spread'),
      edit: (document) => inlineFragments(document, 'bare'),
    },
    {
      step: way('fragments-typed', 'fragments written out as "... on Type"'),
      edit: (document) => inlineFragments(document, 'typed'),
    },
    { step: way('name-missing', 'the operation without its name'), edit: renamed(() => null) },
    { step: way('query-suffix', 'the operation named …Query'), edit: renamed(withQuerySuffix) },
    {
      step: way('no-query-suffix', 'the operation without "Query" at the end of its name'),
      edit: renamed((name) => name?.replace(/Query$/, '') || name),
    },
    {
      step: way('name-of-file', `the operation named after the file, "${fromFile}"`),
      edit: renamed((name) => (fromFile === '' ? name : fromFile)),
    },
    {
      step: way('name-lower', 'the name of the operation beginning in lower case'),
      edit: renamed((name) => name && name[0]!.toLowerCase() + name.slice(1)),
    },
    {
      step: way('name-upper', 'the name of the operation beginning in upper case'),
      edit: renamed((name) => name && name[0]!.toUpperCase() + name.slice(1)),
    },
  ];
}

const textEdits: readonly TextEdit[] = [
  { step: way('crlf', 'line ends made CRLF (Windows)'), edit: (text) => text.replace(/\r\n|\r|\n/g, '\r\n') },
  { step: way('lf', 'line ends made LF (Unix)'), edit: (text) => text.replace(/\r\n|\r/g, '\n') },
  {
    step: way('bom-added', 'with a byte-order mark at the beginning'),
    edit: (text) => (text.startsWith('\ufeff') ? text : `\ufeff${text}`),
  },
  {
    step: way('bom-removed', 'without the byte-order mark at the beginning'),
    edit: (text) => text.replace(/^\ufeff/, ''),
  },
  { step: way('final-newline-added', 'with a line end added at the end'), edit: (text) => `${text}\n` },
  { step: way('final-newline-removed', 'without the line end at the end'), edit: (text) => text.replace(/\r?\n$/, '') },
  { step: way('trimmed', 'without white space at beginning and end'), edit: (text) => text.trim() },
  {
    step: way('comments-stripped', 'without comments'),
    edit: (text) =>
      text.replace(/("""[^]*?"""|"(?:\\.|[^"\\\n])*")|[ \t]*#[^\r\n]*/g, (_whole, string?: string) => string ?? ''),
  },
  {
    step: way('comment-lines-stripped', 'without lines that are comments'),
    edit: (text) => text.replace(/^[ \t]*#.*(?:\r?\n|$)/gm, ''),
  },
  { step: way('empty-lines-stripped', 'without empty lines'), edit: (text) => text.replace(/^[ \t]*\r?\n/gm, '') },
  {
    step: way('line-ends-trimmed', 'without white space at the ends of lines'),
    edit: (text) => text.replace(/[ \t]+(?=\r?\n|$)/g, ''),
  },
  { step: way('one-line', 'white space collapsed to one line'), edit: (text) => text.replace(/\s+/g, ' ').trim() },
  { step: way('white-space-stripped', 'without any white space'), edit: (text) => text.replace(/\s+/g, '') },
  {
    step: way('tabs', 'indented by tabs instead of two spaces'),
    edit: (text) => text.replace(/^(?: {2})+/gm, (indent) => '\t'.repeat(indent.length / 2)),
  },
  {
    step: way('four-spaces', 'indented by four spaces instead of two'),
    edit: (text) => text.replace(/^(?: {2})+/gm, (indent) => indent + indent),
  },
  { step: way('commas', 'lists with commas dropped'), edit: (text) => text.replace(/,(?=\s)/g, '') },
];

interface Candidate {
  readonly steps: readonly HashStep[];
  readonly text: string;
}

function candidatesOf(
  file: HashInput,
  schema: GraphQLSchema | undefined,
): { usual: readonly { step: HashStep; text: string }[]; all(): Generator<Candidate> } {
  const document = parseOrNull(file.text);
  const printers = document === null ? [] : printersOf(schema);
  const edits = document === null ? [] : treeEdits(file);
  const pairs = combinations(edits.length + textEdits.length, maxEdits);
  const usual = [
    { step: way('bytes', 'the exact bytes of the file'), text: file.text },
    ...printers.slice(0, 7).flatMap(({ step, print: write }) => {
      const text = write(document!, file.text);
      return text === null ? [] : [{ step, text }];
    }),
  ];

  function* all(): Generator<Candidate> {
    const seen = new Set<string>();
    const trees = new Map<string, DocumentNode | null>([['', document]]);
    const treeAfter = (indexes: readonly number[]): DocumentNode | null => {
      const key = indexes.join();
      let tree = trees.get(key);
      if (tree === undefined) {
        const before = treeAfter(indexes.slice(0, -1));
        trees.set(key, (tree = before === null ? null : edits[indexes.at(-1)!]!.edit(before)));
      }
      return tree;
    };
    const texts = new Map<string, string | null>();
    const printedAfter = (indexes: readonly number[], at: number): string | null => {
      const key = `${indexes.join()}/${at}`;
      let text = texts.get(key);
      if (text === undefined) {
        const tree = treeAfter(indexes);
        texts.set(
          key,
          (text = tree === null ? null : printers[at]!.print(tree, indexes.length === 0 ? file.text : print(tree))),
        );
      }
      return text;
    };
    // Fewer steps first: a simple cause is told before a far-fetched one. A tree has to be printed; bytes need not be.
    for (let steps = 0; steps <= maxEdits + 1; steps += 1) {
      for (const chosen of pairs) {
        const onTree = chosen.filter((index) => index < edits.length);
        const onText = chosen.filter((index) => index >= edits.length).map((index) => textEdits[index - edits.length]!);
        const bases =
          chosen.length === steps && onTree.length === 0 ? [-1] : chosen.length === steps - 1 ? printers.keys() : [];
        for (const at of bases) {
          const base = at === -1 ? file.text : printedAfter(onTree, at);
          if (base === null) continue;
          const text = onText.reduce((sofar, { edit }) => edit(sofar), base);
          if (seen.has(text)) continue;
          seen.add(text);
          yield {
            steps: [
              ...onTree.map((index) => edits[index]!.step),
              ...(at === -1 ? [] : [printers[at]!.step]),
              ...onText.map(({ step }) => step),
            ],
            text,
          };
        }
      }
    }
  }

  return { usual, all };
}

/** Index sets of up to `most` members, the smaller ones first. */
function combinations(count: number, most: number): readonly (readonly number[])[] {
  const sets: number[][] = [[]];
  for (const set of sets) {
    if (set.length === most) break;
    for (let next = (set.at(-1) ?? -1) + 1; next < count; next += 1) sets.push([...set, next]);
  }
  return sets;
}

/** Mistakes of a hand that copied or typed: some digits wrong, or not all of them copied. */
const maxWrongDigits = 3;
const minCopiedDigits = 7;

function mistyped(digest: string, found: string): number | null {
  if (digest.length < minCopiedDigits) return null;
  if (found.startsWith(digest) || found.endsWith(digest)) return 0;
  if (Math.abs(digest.length - found.length) > maxWrongDigits || digest.slice(0, 4) !== found.slice(0, 4)) return null;
  const distance = editDistance(digest, found, maxWrongDigits);
  return distance > maxWrongDigits ? null : distance;
}

function nearMiss(digest: string, found: string, steps: readonly HashStep[], name: string): string {
  const how = steps.length === 0 ? 'its exact bytes' : steps.map(({ what }) => what).join('; ');
  const what =
    digest.length < found.length && (found.startsWith(digest) || found.endsWith(digest))
      ? 'It is a part of'
      : 'It is a few digits away from';
  return `${what} ${found}, the hash of ${name}: ${how}.`;
}

function nearestFile(
  digest: string,
  algorithm: HashAlgorithm | null,
  { others = [], schema }: ExplainHashOptions,
): string | null {
  if (algorithm === null) return null;
  for (const other of others) {
    for (const { step, text } of candidatesOf(other, schema).usual) {
      if (digestOf(algorithm, text) === digest) return `It is the hash of ${other.name}: ${step.what}.`;
    }
  }
  return null;
}

function digestOf(algorithm: HashAlgorithm, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

/** Longer documents than this many tokens are no templates, and only their bytes are looked at. */
const maxTokens = 15_000;

function parseOrNull(text: string): DocumentNode | null {
  try {
    const document = parse(text, { noLocation: true, maxTokens });
    return document.definitions.some(
      (node) => node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION,
    )
      ? document
      : null;
  } catch (error) {
    if (error instanceof GraphQLError || error instanceof RangeError) return null;
    throw error;
  }
}

function printedByUrql(text: string): string | null {
  try {
    return printForUrql(parseForUrql(text, { noLocation: true }));
  } catch {
    return null;
  }
}

const withQuerySuffix = (name: string | null): string | null =>
  name === null || name.endsWith('Query') ? name : `${name}Query`;

function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
    .replace(/^\d+/, '');
}
