import fc from 'fast-check';
import { documentIds } from './document-ids.ts';
import type { StoredVersion } from './template-store.ts';
import type { Template } from './template.ts';

/** Texts of documents with fragments, variables, defaults, directives, strings of all kinds, comments and odd spacing. */
export function documentTexts(): fc.Arbitrary<string> {
  const name = fc.constantFrom('a', 'b', 'orders', 'nodes', 'commonName', 'x_1', 'id', 'on1', '_private');
  const string = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .map((text) => JSON.stringify(text.replace(/\p{Cs}/gu, '')));
  const block = fc
    .array(fc.constantFrom('word', '  indented', '# text', 'say "hi"', 'é'), { minLength: 1, maxLength: 3 })
    .map((lines) => `"""\n    ${lines.join('\n    ')}\n  """`);
  const value = fc.oneof(
    fc.integer().map(String),
    fc.constantFrom('1.5', '-2e3', 'true', 'null', 'ISSUED', '[1, 2]', '{a: 1, b: [null, "x"]}', '[]', '{}'),
    string,
    block,
  );
  const argument = fc.tuple(name, fc.oneof(value, fc.constant('$v'))).map(([key, text]) => `${key}: ${text}`);
  const args = fc
    .uniqueArray(argument, { maxLength: 5, selector: (text) => text.split(':')[0] })
    .map((list) => (list.length === 0 ? '' : `(${list.join(', ')})`));
  const directive = fc.constantFrom('', '', '', ' @skip(if: $v)', ' @include(if: true) @_local', ' @export(as: "x")');
  const gap = fc.constantFrom(' ', '\n', '\n\n', ' # note\n', ', ', '\r\n', '\t');

  const { selection } = fc.letrec<{ selection: string; field: string }>((tie) => ({
    field: fc
      .tuple(
        fc.option(name),
        name,
        args,
        directive,
        fc.option(tie('selection'), { maxDepth: 3, depthIdentifier: 'selection' }),
      )
      .map(
        ([alias, field, list, at, inner]) => `${alias === null ? '' : `${alias}: `}${field}${list}${at} ${inner ?? ''}`,
      ),
    selection: fc
      .array(
        fc.tuple(
          fc.oneof(
            { maxDepth: 3, depthIdentifier: 'selection' },
            tie('field'),
            fc.constantFrom('__typename', 't: __typename', '...F', '...F @skip(if: true)'),
            tie('selection').map((inner) => `... on T ${inner}`),
            tie('selection').map((inner) => `... @include(if: false) ${inner}`),
          ),
          gap,
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map((parts) => `{ ${parts.flat().join('')} }`),
  }));
  const head = fc.oneof(
    fc.constantFrom('query Q($v: Boolean)', 'query ($v: Boolean! = true, $w: [Int!] = [1])', 'query Q @live'),
    value.filter((text) => !text.startsWith('"""')).map((text) => `query Named($v: String = ${text})`),
  );
  return fc
    .tuple(head, selection, gap, fc.option(selection))
    .map(([start, body, space, inner]) =>
      inner === null ? `${start} ${body}${space}` : `${start} ${body}${space} fragment F on T ${inner}`,
    );
}

/** A template from a document, valid in itself but held against no schema. */
export function buildTemplate(text: string, overrides: Partial<Template> = {}): Template {
  const ids = documentIds(text);
  return {
    name: 'expiring-soon',
    version: 1,
    state: 'approved',
    title: 'Expiring soon',
    question: 'What expires soon?',
    description: null,
    owner: 'pki',
    tags: [],
    id: ids[0]!.id,
    text,
    operationName: null,
    ids,
    variables: [],
    oneOf: [],
    rows: ['orders', 'nodes'],
    paging: null,
    columns: [],
    sensitive: [],
    maxAgeSeconds: null,
    schedule: null,
    picture: null,
    chart: null,
    calendar: null,
    retiredAt: null,
    ...overrides,
  };
}

/** A version as a store would give it; frozen unless it is a draft. */
export function buildStoredVersion(overrides: Partial<StoredVersion> = {}): StoredVersion {
  const state = overrides.state ?? 'approved';
  return {
    name: 'expiring-soon',
    version: 1,
    document: new TextEncoder().encode('{ orders { totalCount } }'),
    metadata: '',
    source: 'folder',
    state,
    fileState: null,
    isFrozen: state !== 'draft',
    isWithdrawn: false,
    revision: 1,
    acts: [],
    importedIds: [],
    ...overrides,
  };
}
