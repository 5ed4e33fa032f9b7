import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import {
  decidingValues,
  sizeFrom,
  sizeSourcesOf,
  takesSize,
  type CostOptions,
  type SizeSources,
} from './operation-cost.ts';
import { isSelected, selectionTree, type SelectedField } from './selection-tree.ts';

/** A field of an operation that gives objects; scalars are free and have no part in this. */
export interface CostField {
  /** Response keys from the root, joined by dots. */
  readonly path: string;
  readonly key: string;
  /** `Type.field` in the schema. */
  readonly coordinate: string;
  /** Index of the field above; -1 at the root. */
  readonly parent: number;
  readonly isList: boolean;
  /** Response key of the root field that this one is, or stands below. */
  readonly rootKey: string;
  /** Response key of the root field whose rows this list holds; null for lists further down and for objects. */
  readonly rowsOf: string | null;
  readonly sizes: SizeSources;
  readonly selected: SelectedField;
}

interface WalkedField {
  readonly key: string;
  readonly index: number;
  readonly below: readonly WalkedField[];
}

/** The objects that an operation can give, compiled once; every answer of it is counted by this, and every estimate made. */
export interface CostShape {
  readonly operation: OperationDefinitionNode;
  /** Parents before children. */
  readonly fields: readonly CostField[];
  readonly walked: readonly WalkedField[];
  /** Those that `@skip` and `@include` decide on. */
  readonly conditional: readonly CostField[];
}

/** Objects of an answer for each field of the shape, by its index. */
export type CostTally = readonly number[];

/**
 * @param operation of a document that is valid for the schema
 * @throws RangeError as `selectionTree` does
 */
export function costShapeOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CostShape {
  const fields: CostField[] = [];

  function grow(children: ReadonlyMap<string, SelectedField>, above: CostField | null, parent: number): WalkedField[] {
    const walked: WalkedField[] = [];
    for (const selected of children.values()) {
      if (selected.fieldName.startsWith('__') || !isCompositeType(getNamedType(selected.type))) continue;
      const { key } = selected;
      const isList = isListType(getNullableType(selected.type));
      const holdsRows = above === null || (above.parent === -1 && !above.isList && takesSize(above.selected));
      const field: CostField = {
        path: above === null ? key : `${above.path}.${key}`,
        key,
        rootKey: above?.rootKey ?? key,
        coordinate: `${selected.parentType}.${selected.fieldName}`,
        parent,
        isList,
        rowsOf: isList && holdsRows ? (above?.key ?? key) : null,
        sizes: sizeSourcesOf(selected),
        selected,
      };
      const index = fields.push(field) - 1;
      walked.push({ key, index, below: grow(selected.children, field, index) });
    }
    return walked;
  }

  const walked = grow(selectionTree(schema, document, operation), null, -1);
  return { operation, fields, walked, conditional: fields.filter(({ selected }) => selected.condition !== null) };
}

/** Counts the objects of an answer in one pass that looks at no scalar. */
export function tallyOf({ fields, walked }: CostShape, data: Readonly<Record<string, unknown>> | null): CostTally {
  const counts = fields.map(() => 0);

  function visit(value: unknown, field: WalkedField): void {
    if (value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) {
      for (const element of value) visit(element, field);
      return;
    }
    counts[field.index]! += 1;
    // Keys come from the operation and name own members of its answer only; what an answer lacks is undefined here.
    for (const child of field.below) visit((value as Readonly<Record<string, unknown>>)[child.key], child);
  }

  if (data !== null) for (const field of walked) visit(data[field.key], field);
  return counts;
}

/** Fields that `@skip` and `@include` keep out of a run, whatever stands below them included. */
export function leftOut(
  { operation, conditional }: CostShape,
  variables: Readonly<Record<string, unknown>>,
): ReadonlySet<CostField> {
  if (conditional.length === 0) return noFields;
  const values = decidingValues(operation, variables);
  return new Set(conditional.filter(({ selected }) => !isSelected(selected, values)));
}

const noFields: ReadonlySet<CostField> = new Set();

/** Points of an answer, by the rule of `estimateCost`: every object is 1. */
export const pointsOf = (tally: CostTally): number => tally.reduce((sum, objects) => sum + objects, 0);

/** What a run is likely to come to. */
export interface Estimate {
  readonly points: number;
  /** How many objects some list has was neither counted nor learned from a run. */
  readonly isGuess: boolean;
}

export interface Expectation extends CostOptions {
  /** Objects of a field for each object above it, counted or from earlier runs; null where nothing is known. */
  readonly ratioOf: (field: CostField) => number | null;
  /** The same where nothing is known, for a guess; null where there is not even one. */
  readonly typicalOf?: (field: CostField) => number | null;
  /** Rows that a root field matches, by its response key. */
  readonly rows: ReadonlyMap<string, number>;
  /** Rows that one run may have. */
  readonly rowCap: number;
  /** Set when all pages are meant: response key of the root field that is paged, and the rows of a page. */
  readonly wholeRun: { readonly rootKey: string; readonly pageSize: number } | null;
}

/**
 * What an operation is likely to give, in points: the rows that match, times what a row is known to hold. Where nothing is
 * known a field counts as `estimateCost` counts it. What the variables leave out is nothing.
 */
export function expectedPoints(
  shape: CostShape,
  variables: Readonly<Record<string, unknown>>,
  {
    ratioOf,
    typicalOf = () => null,
    rows,
    rowCap,
    wholeRun,
    assumedListSize = 100,
    listSize = () => null,
  }: Expectation,
): Estimate {
  const { operation, fields } = shape;
  const values = decidingValues(operation, variables);
  const isLeftOut = leftOut(shape, variables);
  const pagedRows = wholeRun === null ? undefined : rows.get(wholeRun.rootKey);
  const runRows = pagedRows === undefined ? null : Math.min(pagedRows, rowCap);
  const pages = wholeRun === null || runRows === null ? 1 : Math.max(1, Math.ceil(runRows / wholeRun.pageSize));
  const expected: number[] = [];
  let isGuess = false;

  for (const field of fields) {
    const above = field.parent < 0 ? null : fields[field.parent]!;
    const objectsAbove = above === null ? pages : expected[field.parent]!;
    const size =
      sizeFrom(field.sizes, values) ?? (above === null || above.isList ? null : sizeFrom(above.sizes, values));
    expected.push(isLeftOut.has(field) ? 0 : objectsOf(field, objectsAbove, size));
  }
  return { points: Math.round(expected.reduce((sum, objects) => sum + objects, 0)), isGuess };

  function objectsOf(field: CostField, above: number, size: number | null): number {
    const { isList, rowsOf, coordinate, selected } = field;
    if (rowsOf !== null && rowsOf === wholeRun?.rootKey && runRows !== null) return runRows;
    const matching = rowsOf === null ? undefined : rows.get(rowsOf);
    if (matching !== undefined) return pages * Math.min(matching, size ?? rowCap);
    const told = ratioOf(field);
    isGuess ||= isList && told === null && above > 0;
    const known = told ?? typicalOf(field);
    if (!isList) return above * (known ?? 1);
    const most = size ?? Number.POSITIVE_INFINITY;
    const assumed =
      size ?? listSize(selected.parentType, coordinate.slice(selected.parentType.length + 1)) ?? assumedListSize;
    return above * Math.min(known ?? assumed, most);
  }
}

/** Root fields that hold rows, each once. */
export function rowFieldsOf({ fields }: CostShape): readonly SelectedField[] {
  const keys = new Set(fields.flatMap(({ rowsOf }) => (rowsOf === null ? [] : [rowsOf])));
  return fields.filter(({ parent, key }) => parent < 0 && keys.has(key)).map(({ selected }) => selected);
}
