import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  Kind,
  OperationTypeNode,
  print,
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
} from 'graphql';
import { scopeKey, type Clock, type ObjectsBelow, type Principal, type ReadAccount } from '@certfolio/core';
import {
  expectedPoints,
  leftOut,
  rowFieldsOf,
  type CostField,
  type CostOptions,
  type CostShape,
  type CostTally,
  type Estimate,
  type SelectedField,
} from '@certfolio/templates';
import type { CostMemory } from './cost-memory.ts';
import { canonical } from './run-key.ts';
import type { ReadyOperation } from './types.ts';

/** Asks only how many rows there are: the root fields that hold rows, and of what they hold nothing but what is counted with them. */
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
  /** `Type.field` of what is counted below rows as long as no run of the same divisions has told how much there is of it. */
  readonly countedBelow: ReadonlySet<string>;
  readonly clock: Clock;
  /** Points that the text alone may come to before rows are counted; a first run of a template is counted in any case. */
  readonly countFromPoints?: number;
  /** A count is taken again for the same operation, variables and scope after this time. */
  readonly countedForMs?: number;
}

/** What is known of an operation before it runs, by the response keys of its root fields. */
export interface CountedRows {
  /** Rows that match. */
  readonly rows: ReadonlyMap<string, number>;
  /** What they hold, by `Type.field`. */
  readonly below: ReadonlyMap<string, ReadonlyMap<string, ObjectsBelow>>;
}

export type CountRows = (counting: CountingOperation) => Promise<CountedRows>;

const nothingCounted: CountedRows = { rows: new Map(), below: new Map() };

const maxCounts = 5_000;

/**
 * Estimates what a run will come to: rows that match, counted in the mirror, times what rows were found to hold. A text that is
 * no template and never ran counts as the most that it can give, so that nobody is let in by a guess.
 */
export class CostEstimator {
  readonly #options: CostEstimatorOptions;
  readonly #countFromPoints: number;
  readonly #countedForMs: number;
  readonly #counts: LRUCache<string, { readonly rows: Promise<CountedRows>; readonly untilMs: number }>;
  readonly #counting = new WeakMap<CostShape, Counting | null>();

  constructor(options: CostEstimatorOptions) {
    this.#options = options;
    this.#countFromPoints = options.countFromPoints ?? 1_000;
    this.#countedForMs = options.countedForMs ?? 5_000;
    this.#counts = new LRUCache({ max: maxCounts });
  }

  /** @param isWholeRun all pages are meant, not the one that the variables ask for */
  async estimate(ready: ReadyOperation, isWholeRun: boolean, count: CountRows): Promise<Estimate> {
    const { template, shape, variables, mostPoints, principal } = ready;
    const { memory, sizes, typicalSize } = this.#options;
    // A key that sees some divisions goes by what such keys met, and until one has, by what others did.
    const [own, account] = [learnedPlace(principal), principal.account];
    const documentId = documentIdOf(ready);
    const ofOwn = memory.ratioOf(documentId, own);
    const ratioOf = ofOwn ?? memory.ratioOf(documentId, account);
    if (ready.operation.operation === OperationTypeNode.MUTATION) return { points: mostPoints, isGuess: false };
    if (template === null && ratioOf === null) return { points: mostPoints, isGuess: true };

    const isCounted = ofOwn === null || isWholeRun || mostPoints > this.#countFromPoints;
    const { rows, below } = isCounted ? await this.#count(ready, ofOwn === null, count) : nothingCounted;
    const paging = isWholeRun ? template?.paging : null;
    const countedOf = ({ rootKey, coordinate }: CostField) => below.get(rootKey)?.get(coordinate) ?? null;
    const wholeRun = paging == null ? null : { rootKey: paging.pageInfo[0]!, pageSize: paging.pageSize };
    return expectedPoints(shape, variables, {
      ...sizes,
      ratioOf: (field) => {
        const known = countedOf(field);
        if (known !== null && !known.isGuess) return known.ratio;
        return ratioOf?.(field) ?? memory.ratioAnywhere(field, own) ?? memory.ratioAnywhere(field, account);
      },
      typicalOf: (field) => countedOf(field)?.ratio ?? typicalSize(field.coordinate),
      rows,
      rowCap: principal.limits.rows,
      wholeRun,
    });
  }

  /** Takes an answer into the averages. */
  learn(ready: ReadyOperation, tally: CostTally): void {
    const { principal, shape, template, operation, variables } = ready;
    if (operation.operation === OperationTypeNode.MUTATION) return;
    // What the variables leave out is none, which tells nothing of how much there would be.
    const isLeftOut = leftOut(shape, variables);
    const isTold = (field: CostField) => !isLeftOut.has(field);
    this.#options.memory.learn(documentIdOf(ready), learnedPlace(principal), shape, tally, {
      isKept: template !== null,
      isTold,
    });
  }

  #count(ready: ReadyOperation, withBelow: boolean, count: CountRows): Promise<CountedRows> {
    const none = Promise.resolve(nothingCounted);
    // What looks at more than orders and lists of the account is not planned but done; nothing of it is counted.
    if (!ready.isKeyless) return none;
    const operations = this.#countingOf(ready);
    if (operations === null) return none;
    const counting = withBelow ? operations.withBelow : operations.rowsAlone;
    const { principal, variables } = ready;
    const key = JSON.stringify([counting.hash, canonical(variables), principal.account, scopeKey(principal.scope)]);
    const nowMs = this.#options.clock.monotonicMs();
    const known = this.#counts.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known.rows;
    // Without a count the averages decide; whatever is wrong will be met, and said, by the run itself.
    const rows = count(counting).catch(() => nothingCounted);
    this.#counts.set(key, { rows, untilMs: nowMs + this.#countedForMs });
    return rows;
  }

  #countingOf({ shape }: ReadyOperation): Counting | null {
    let counting = this.#counting.get(shape);
    if (counting === undefined) {
      const { countedBelow } = this.#options;
      const isEmpty = rowFieldsOf(shape).length === 0;
      counting = isEmpty
        ? null
        : { rowsAlone: countingOperation(shape, new Set()), withBelow: countingOperation(shape, countedBelow) };
      this.#counting.set(shape, counting);
    }
    return counting;
  }
}

/** The two ways to count one operation. */
interface Counting {
  readonly rowsAlone: CountingOperation;
  readonly withBelow: CountingOperation;
}

/**
 * Rows of root fields, by response key, of a run that only planned, as the resolvers counted them; a list that is there though
 * nobody counted it tells how long it is.
 */
export function countedRows(data: Readonly<Record<string, unknown>> | null, reads: ReadAccount): CountedRows {
  const rows = new Map<string, number>();
  for (const [key, value] of Object.entries(data ?? {}))
    // A list that is not kept is empty here, and says nothing.
    if (Array.isArray(value) && value.length > 0) rows.set(key, value.length);
  const below = new Map<string, ReadonlyMap<string, ObjectsBelow>>();
  for (const { field, rows: counted, below: objects } of reads.expectedRows) {
    if (counted === null) rows.delete(field);
    else rows.set(field, counted);
    below.set(field, new Map(objects.map((one) => [one.coordinate, one])));
  }
  return { rows, below };
}

/** Whose rows something is learned of: the account's, or those of some of its divisions. */
const learnedPlace = ({ account, scope }: Principal): string =>
  scope.containers === 'all' ? account : `${account} ${scopeKey(scope)}`;

/** What is learned of a template holds for all the texts that stand for it. */
const documentIdOf = ({ template, prepared }: ReadyOperation) => template?.id ?? prepared.hash;

function countingOperation(shape: CostShape, countedBelow: ReadonlySet<string>): CountingOperation {
  const operation: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: shape.operation.variableDefinitions ?? [],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: rowFieldsOf(shape).map((field) => countingField(field, countedBelow)),
    },
  };
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation] };
  const source = print(document);
  return { document, source, hash: createHash('sha256').update(source).digest('hex'), operationName: null };
}

/** The field with what is counted below it; of the fields on the way there nothing else. */
function countingField({ node, children }: SelectedField, countedBelow: ReadonlySet<string>): FieldNode {
  const leads = (field: SelectedField): boolean =>
    countedBelow.has(`${field.parentType}.${field.fieldName}`) || [...field.children.values()].some(leads);
  const below = [...children.values()].filter(leads).map((field) => countingField(field, countedBelow));
  const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
  return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections: [typename, ...below] } };
}
