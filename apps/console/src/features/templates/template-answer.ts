export interface TemplateAnswer {
  /** name@version */
  readonly ref: string;
  readonly state: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly document: string;
  readonly ids: readonly { readonly kind: string; readonly id: string }[];
  readonly columns: readonly { readonly title: string; readonly path: string; readonly type: string }[];
  readonly schedule: string | null;
  readonly cost: number | null;
  readonly lastUsedAt: string | null;
  readonly usedBy: readonly {
    readonly keyId: string;
    readonly keyName: string | null;
    readonly keyOwner: string | null;
    readonly runs: number;
    readonly lastUsedAt: string;
  }[];
}

export const templateText = `query Template($ref: String!) {
  template(ref: $ref) {
    ref state owner tags document schedule cost lastUsedAt
    ids { kind id }
    columns { title path type }
    usedBy { keyId keyName keyOwner runs lastUsedAt }
  }
}`;

const kinds = new Map([
  ['raw', "the file's bytes"],
  ['printed', 'the text as graphql-js prints it'],
  ['apollo', 'the text as Apollo Client prints it'],
  ['urql', 'the text as urql prints it'],
  ['imported', "a client's manifest"],
]);

/** What a tool-chain hashed to come to an id. */
export const kindInWords = (kind: string): string => kinds.get(kind) ?? kind;
