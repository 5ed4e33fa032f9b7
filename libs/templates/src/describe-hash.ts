import { documentIds, type DocumentIdKind } from './document-ids.ts';

/** One line of `certfolio hash`. */
export interface DescribedId {
  readonly kind: DocumentIdKind;
  readonly id: string;
  /** Who computes this id, for people. */
  readonly usedBy: string;
}

const usedBy: Readonly<Record<DocumentIdKind, string>> = {
  raw: 'the exact bytes of the file, as sha256sum prints it; the primary id',
  printed: 'graphql-js print: graphql-codegen, generated manifests',
  apollo: 'Apollo Client: printed with __typename',
  urql: "urql: printed with __typename by urql's own printer",
};

/**
 * All ids of a document with the tool-chains that compute them.
 *
 * @throws GraphQLError when the text does not parse
 */
export function describeHash(text: string): readonly DescribedId[] {
  return documentIds(text).map(({ kind, id }) => ({ kind, id, usedBy: usedBy[kind] }));
}
