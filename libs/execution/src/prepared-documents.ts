import { createHash } from 'node:crypto';
import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  TypeInfo,
  getNamedType,
  parse,
  validate,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { AppError } from '@certfolio/core';

/** A document that parses and fits the schema, with what the pipeline asks of it; made once per text. */
export interface PreparedDocument {
  readonly source: string;
  readonly document: DocumentNode;
  /** SHA-256 of the text. */
  readonly hash: string;
  /** `Type.field` of every field selected, whatever its alias. */
  readonly selected: ReadonlySet<string>;
  /** Coordinates of what the text asks by: `Type.field(argument:)`, `Input.field`, `Enum.VALUE`; values of variables are not among them. */
  readonly asked: ReadonlySet<string>;
  /** Fields selected that the schema marks with `@deprecated`. */
  readonly deprecated: readonly DeprecatedField[];
  /** Asks for `__schema` or `__type`. */
  readonly introspects: boolean;
}

export interface DeprecatedField {
  /** `Type.field`. */
  readonly field: string;
  /** What the schema says of it. */
  readonly reason: string;
}

export interface PreparedDocuments {
  /** @throws AppError with GRAPHQL_PARSE_FAILED or GRAPHQL_VALIDATION_FAILED */
  prepare(source: string): PreparedDocument;
  /** Forgets everything: the schema has changed. */
  clear(): void;
}

export interface PreparationLimits {
  /** Tokens of one document. */
  readonly maxTokens: number;
  /** Characters of all documents that are kept. */
  readonly maxKeptChars: number;
}

export const defaultPreparationLimits: PreparationLimits = { maxTokens: 15_000, maxKeptChars: 32_000_000 };

/** Keeps prepared documents by text; a document with errors is not kept, so that nonsense cannot push out what is used. */
export function createPreparedDocuments(
  schema: () => GraphQLSchema,
  limits: PreparationLimits = defaultPreparationLimits,
): PreparedDocuments {
  const kept = new LRUCache<string, PreparedDocument>({
    maxSize: limits.maxKeptChars,
    sizeCalculation: (_document, source) => source.length + 1,
  });
  return {
    prepare(source) {
      const known = kept.get(source);
      if (known !== undefined) return known;
      const prepared = prepareDocument(source, schema(), limits);
      kept.set(source, prepared);
      return prepared;
    },
    clear: () => kept.clear(),
  };
}

function prepareDocument(source: string, schema: GraphQLSchema, { maxTokens }: PreparationLimits): PreparedDocument {
  let document: DocumentNode;
  try {
    document = parse(source, { maxTokens });
  } catch (error) {
    throw new DocumentError('GRAPHQL_PARSE_FAILED', [syntaxError(error, maxTokens)]);
  }
  assertDirectivesOnce(document);
  // A suggestion is a word of the schema, and answers to some keys must not hold one.
  const errors = validate(schema, document, undefined, { hideSuggestions: true });
  if (errors.length > 0) throw new DocumentError('GRAPHQL_VALIDATION_FAILED', errors.map(validationError));

  const selected = new Set<string>();
  const asked = new Set<string>();
  const deprecated = new Map<string, DeprecatedField>();
  let introspects = false;
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const name = node.name.value;
        introspects ||= name === '__schema' || name === '__type';
        const parent = getNamedType(types.getParentType());
        if (!parent) return;
        const coordinate = `${parent.name}.${name}`;
        selected.add(coordinate);
        const reason = types.getFieldDef()?.deprecationReason;
        if (reason != null) deprecated.set(coordinate, { field: coordinate, reason });
      },
      Argument({ name, value }) {
        const [parent, field] = [getNamedType(types.getParentType()), types.getFieldDef()];
        if (parent && field && value.kind !== Kind.NULL) asked.add(`${parent.name}.${field.name}(${name.value}:)`);
      },
      ObjectField({ name, value }) {
        const input = getNamedType(types.getParentInputType());
        if (input && value.kind !== Kind.NULL) asked.add(`${input.name}.${name.value}`);
      },
      EnumValue({ value }) {
        const type = getNamedType(types.getInputType());
        if (type) asked.add(`${type.name}.${value}`);
      },
    }),
  );
  const hash = createHash('sha256').update(source).digest('hex');
  return { source, document, hash, selected, asked, deprecated: [...deprecated.values()], introspects };
}

export const isMutation = ({ operation }: OperationDefinitionNode): boolean => operation === OperationTypeNode.MUTATION;

/** All errors of a document at once, each with its place. */
export class DocumentError extends AppError {
  readonly errors: readonly GraphQLError[];

  constructor(code: 'GRAPHQL_PARSE_FAILED' | 'GRAPHQL_VALIDATION_FAILED', errors: readonly GraphQLError[]) {
    super(code, errors.map(({ message }) => message).join(' '));
    this.errors = errors;
  }
}

/**
 * Looked for before anything else, so that a document with thousands of directives gets one error and not one for each.
 *
 * @throws DocumentError for a directive that stands twice at one place; the schema has none that may
 */
function assertDirectivesOnce(document: DocumentNode): void {
  visit(document, {
    enter(node) {
      if (!('directives' in node) || node.directives === undefined || node.directives.length < 2) return;
      const names = new Set(node.directives.map(({ name }) => name.value));
      if (names.size === node.directives.length) return;
      const message = `${node.directives.length} directives stand at one place, ${names.size} of them different; each is allowed once.`;
      throw new DocumentError('GRAPHQL_VALIDATION_FAILED', [
        new GraphQLError(message, { nodes: node.directives.slice(0, 1) }),
      ]);
    },
  });
}

/** graphql-js stops where checking would take too long, and does not say why. */
function validationError(error: GraphQLError): GraphQLError {
  if (error.message !== 'Validation aborted.') return error;
  return new GraphQLError('The document repeats its fields and fragments too often to be checked; ask for each once.');
}

/** graphql-js words its syntax errors well but for its own limits. */
function syntaxError(error: unknown, maxTokens: number): GraphQLError {
  if (error instanceof GraphQLError && !error.message.includes('Parsing aborted')) return error;
  if (error instanceof GraphQLError)
    return new GraphQLError(`Syntax Error: The document has more than ${maxTokens} tokens.`);
  if (error instanceof RangeError) return new GraphQLError('Syntax Error: The document nests too deeply to be read.');
  throw error;
}
