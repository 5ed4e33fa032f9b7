import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Kind, OperationTypeNode, print, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { scopeKey, type Clock, type Principal, type ReadAccount } from '@certfolio/core';
import { expectedPoints, rowFieldsOf, type CostOptions, type CostShape, type CostTally } from '@certfolio/templates';
import type { CostMemory } from './cost-memory.ts';
import { canonical } from './run-key.ts';
import type { ReadyOperation } from './types.ts';

/** Asks only how many rows there are: the root fields that hold rows, and nothing of what they hold. */
export interface CountingOperation {
  readonly document: DocumentNode;
  readonly source: string;
  readonly hash: string;
  readonly operationName: null;
}

export interface CostEstimatorOptions {
  readonly memory: CostMemory;
  readonly sizes: CostOptions;
  /** Objects of a `Type.field` for each object above it before any run has told; null where nothing is known. */
  readonly typicalSize: (coordinate: string) => number | null;
  readonly clock: Clock;
  /** Points that the text alone may come to before rows are counted; a first run of a template is counted in any case. */
  readonly countFromPoints?: number;
  /** A count is taken again for the same operation, variables and scope after this time. */
  readonly countedForMs?: number;
}

/** Rows that root fields match, by response key. */
export type CountRows = (counting: CountingOperation) => Promise<ReadonlyMap<string, number>>;

const maxCounts = 5_000;

/**
 * Estimates what a run will come to: rows that match, counted in the mirror, times what rows were found to hold. A text that is
 * no template and never ran counts as the most that it can give, so that nobody is let in by a guess.
 */
export class CostEstimator {
  readonly #options: CostEstimatorOptions;
  readonly #countFromPoints: number;
  readonly #countedForMs: number;
  readonly #counts: LRUCache<string, { readonly rows: Promise<ReadonlyMap<string, number>>; readonly untilMs: number }>;
  readonly #counting = new WeakMap<CostShape, CountingOperation | null>();

  constructor(options: CostEstimatorOptions) {
    this.#options = options;
    this.#countFromPoints = options.countFromPoints ?? 1_000;
    this.#countedForMs = options.countedForMs ?? 5_000;
    this.#counts = new LRUCache({ max: maxCounts });
  }

  /** @param isWholeRun all pages are meant, not the one that the variables ask for */
  async estimate(ready: ReadyOperation, isWholeRun: boolean, count: CountRows): Promise<number> {
    const { template, shape, variables, mostPoints, principal } = ready;
    const { memory, sizes, typicalSize } = this.#options;
    // A key that sees some divisions goes by what such keys met, and until one has, by what others did.
    const [own, account] = [learnedPlace(principal), principal.account];
    const documentId = documentIdOf(ready);
    const ratioOf = memory.ratioOf(documentId, own) ?? memory.ratioOf(documentId, account);
    if (ready.operation.operation === OperationTypeNode.MUTATION) return mostPoints;
    if (template === null && ratioOf === null) return mostPoints;

    const isCounted = ratioOf === null || isWholeRun || mostPoints > this.#countFromPoints;
    const paging = isWholeRun ? template?.paging : null;
    const wholeRun = paging == null ? null : { rootKey: paging.pageInfo[0]!, pageSize: paging.pageSize };
    return expectedPoints(shape, variables, {
      ...sizes,
      ratioOf: (field) =>
        ratioOf?.(field) ??
        memory.ratioAnywhere(field, own) ??
        memory.ratioAnywhere(field, account) ??
        typicalSize(field.coordinate),
      rows: isCounted ? await this.#count(ready, count) : new Map(),
      rowCap: principal.limits.rows,
      wholeRun,
    });
  }

  /** Takes an answer into the averages. */
  learn(ready: ReadyOperation, tally: CostTally): void {
    const { principal, shape, template, operation } = ready;
    if (operation.operation === OperationTypeNode.MUTATION) return;
    this.#options.memory.learn(documentIdOf(ready), learnedPlace(principal), shape, tally, template !== null);
  }

  #count(ready: ReadyOperation, count: CountRows): Promise<ReadonlyMap<string, number>> {
    const none = Promise.resolve(new Map<string, number>());
    // What looks at more than orders and lists of the account is not planned but done; nothing of it is counted.
    if (!ready.isKeyless) return none;
    const counting = this.#countingOperation(ready);
    if (counting === null) return none;
    const { principal, variables } = ready;
    const key = JSON.stringify([counting.hash, canonical(variables), principal.account, scopeKey(principal.scope)]);
    const nowMs = this.#options.clock.monotonicMs();
    const known = this.#counts.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known.rows;
    // Without a count the averages decide; whatever is wrong will be met, and said, by the run itself.
    const rows = count(counting).catch(() => new Map<string, number>());
    this.#counts.set(key, { rows, untilMs: nowMs + this.#countedForMs });
    return rows;
  }

  #countingOperation({ shape }: ReadyOperation): CountingOperation | null {
    let counting = this.#counting.get(shape);
    if (counting === undefined) this.#counting.set(shape, (counting = countingOperation(shape)));
    return counting;
  }
}

/**
 * Rows of root fields, by response key, of a run that only planned: lists that are kept whole are there, and of orders there
 * is a sample and the count beside it.
 */
export function expectedRows(
  data: Readonly<Record<string, unknown>> | null,
  reads: ReadAccount,
): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const [key, value] of Object.entries(data ?? {}))
    // A list that is not kept is empty here, and says nothing.
    if (Array.isArray(value) && value.length > 0) rows.set(key, value.length);
  for (const { field, rows: counted } of reads.expectedRows) {
    if (counted === null) rows.delete(field);
    else rows.set(field, counted);
  }
  return rows;
}

/** Whose rows something is learned of: the account's, or those of some of its divisions. */
const learnedPlace = ({ account, scope }: Principal): string =>
  scope.containers === 'all' ? account : `${account} ${scopeKey(scope)}`;

/** What is learned of a template holds for all the texts that stand for it. */
const documentIdOf = ({ template, prepared }: ReadyOperation) => template?.id ?? prepared.hash;

function countingOperation(shape: CostShape): CountingOperation | null {
  const fields = rowFieldsOf(shape);
  if (fields.length === 0) return null;
  const typename = {
    kind: Kind.SELECTION_SET,
    selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }],
  } as const;
  const operation: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: shape.operation.variableDefinitions ?? [],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: fields.map(({ node }) => ({ ...node, selectionSet: typename })),
    },
  };
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation] };
  const source = print(document);
  return { document, source, hash: createHash('sha256').update(source).digest('hex'), operationName: null };
}
