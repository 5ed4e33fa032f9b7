import { createHash } from 'node:crypto';
import { parse as parseForUrql, print as printForUrql } from '@0no-co/graphql.web';
import { Kind, parse, print, visit, type DocumentNode } from 'graphql';
import { formatForUrql, sanitizeForUrql } from './urql-document.ts';

/**
 * Ways in which tool-chains write down the same document before they hash it:
 * `raw` the exact bytes · `printed` graphql-js `print`, no final newline · `apollo` Apollo Client's persisted-query
 * link behind its cache · `urql` urql's persisted exchange behind its document cache.
 */
export const documentIdKinds = ['raw', 'printed', 'apollo', 'urql'] as const;
export type DocumentIdKind = (typeof documentIdKinds)[number];

/** One id of a document and the text that a client means by it; the text runs when the id is sent. */
export interface DocumentId {
  readonly kind: DocumentIdKind;
  /** SHA-256 of `text`, 64 lower-case hex digits. */
  readonly id: string;
  readonly text: string;
}

/** SHA-256 of the UTF-8 bytes, 64 lower-case hex digits. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The ids of a document, one per kind in the order of `documentIdKinds`; equal texts give equal ids.
 *
 * @throws GraphQLError when the text does not parse
 */
export function documentIds(text: string): readonly DocumentId[] {
  const document = parse(text, { noLocation: true });
  const texts: Readonly<Record<DocumentIdKind, string>> = {
    raw: text,
    printed: print(document),
    apollo: print(addTypenamesForApollo(document)),
    urql: urqlText(text, document),
  };
  return documentIdKinds.map((kind) => ({ kind, id: sha256(texts[kind]), text: texts[kind] }));
}

/**
 * Apollo Client's cache asks for `__typename` wherever an object is selected, except at the root of an operation, in a
 * selection that has a `__…` field already, and below `@export`. Source: @apollo/client 4.3 `addTypenameToDocument`.
 */
export function addTypenamesForApollo(document: DocumentNode): DocumentNode {
  return visit(document, {
    SelectionSet: {
      enter(node, _key, parent) {
        if (parent === undefined || !('kind' in parent) || parent.kind === Kind.OPERATION_DEFINITION) return undefined;
        if (
          node.selections.some((selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'))
        ) {
          return undefined;
        }
        const isExported =
          parent.kind === Kind.FIELD && parent.directives?.some((directive) => directive.name.value === 'export');
        if (isExported) return undefined;
        const typename = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;
        return { ...node, selections: [...node.selections, typename] };
      },
    },
  });
}

/** urql parses and prints with its own small parser, whose strings differ from graphql-js's in rare cases. */
export function urqlText(text: string, document: DocumentNode): string {
  return sanitizeForUrql(printForUrql(formatForUrql(parseAsUrql(text) ?? document)));
}

/** Null for what urql's parser refuses although it is GraphQL, such as `"\u{1F600}"`. */
function parseAsUrql(text: string): DocumentNode | null {
  try {
    return parseForUrql(text, { noLocation: true }) as DocumentNode;
  } catch {
    return null;
  }
}
