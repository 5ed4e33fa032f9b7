import {
  BadUserInput,
  factsOf,
  orderFields,
  readOf,
  type OrderChange,
  type OrderChangeKind,
  type OrderCondition,
  type OrderField,
  type Principal,
  type RequestContext,
} from '@certfolio/core';
import { decodeCursor, encodeCursor, instantRange, type DateBounds } from '@certfolio/graph-kit';
import type { OrderFilterInput } from './filters.ts';
import { historyFields, type HistoryLoader } from './history-loader.ts';

export interface OrderChangesArgs {
  readonly seenAt?: DateBounds | null;
  readonly timeZone?: string | null;
  readonly kinds?: readonly OrderChangeKind[] | null;
  readonly fields?: readonly string[] | null;
  readonly filter?: OrderFilterInput | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

export interface ChangesPage {
  readonly changes: readonly OrderChange[];
  readonly hasNext: boolean;
  readonly isFirst: boolean;
  readonly knownSince: string;
  readonly knownUntil: string;
  /** Of a request that only plans: changes, and those of orders with a division. */
  readonly expected?: { readonly changes: number; readonly withContainer: number };
}

/** The page, with what is selected of the orders below it. */
type ChangesParent = ChangesPage & { readonly fields: ReadonlySet<OrderField> };

/** Null where nothing is known of the past, and the answer says so. A period that begins before anything was known is cut off. */
export async function findOrderChanges(
  args: OrderChangesArgs,
  conditions: readonly OrderCondition[],
  limit: number,
  { history }: HistoryLoader,
  context: RequestContext,
  nowMs: number,
): Promise<ChangesPage | null> {
  const seenAt = instantRange(args.seenAt ?? {}, { nowMs, zone: args.timeZone ?? 'UTC' });
  const fields = args.fields == null ? null : args.fields.map(knownField);
  const after = args.after == null ? null : decodeCursor(args.after, []).id;
  const known = history === null ? null : await history.known();
  if (history === null || known === null) {
    context.ledger.cannotGive(historyFields.orderChanges);
    return null;
  }
  if (seenAt.gte === undefined || seenAt.gte < known.since) context.ledger.cutOff();
  const lookedMs = Date.parse(known.until);
  context.ledger.readFrom('mirror', lookedMs);
  if (nowMs - lookedMs > context.maxAgeMs) context.ledger.isOlderThanAsked();
  const range = { knownSince: known.since, knownUntil: known.until };
  const hiddenFields = fieldsHiddenFrom(context.principal);
  const query = { seenAt, kinds: args.kinds ?? null, fields, hiddenFields, conditions, limit, after };
  if (context.planOnly) {
    context.ledger.planned('changes from the history of the mirror');
    const expected = await history.count(query, readOf(context));
    return { changes: [], hasNext: false, isFirst: true, expected, ...range };
  }
  const page = await history.changes(query, readOf(context));
  return { ...page, isFirst: after === null, ...range };
}

/** @throws BadUserInput for a name that no change has */
function knownField(name: string): OrderField {
  if (orderFields.has(name as OrderField)) return name as OrderField;
  throw new BadUserInput(`"${name.slice(0, 40)}" is no field whose changes are known.`);
}

/** A change of a sensitive field tells its values. */
function fieldsHiddenFrom({ fields }: Principal): readonly OrderField[] {
  if (fields === 'all') return [];
  return [...orderFields.keys()].filter((field) => {
    const { sensitive } = factsOf(field);
    return sensitive !== null && !fields.has(sensitive);
  });
}

const cursorOf = ({ id }: OrderChange) => encodeCursor({ sortValues: [], id }, []);

/** Values of every kind stand in one column, so they are text: lists joined by commas, custom fields as `label: value`. */
function textOf(value: unknown): string | null {
  if (value == null) return null;
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (typeof value !== 'object') return String(value);
  const { label, value: inner } = value as { readonly label?: unknown; readonly value?: unknown };
  return label == null ? String(inner ?? JSON.stringify(value)) : `${String(label)}: ${String(inner)}`;
}

/** Where an order was before is nobody's business who does not see that division. */
function isShown({ field }: OrderChange, { principal }: RequestContext, value: unknown): boolean {
  const { containers } = principal.scope;
  if (containers === 'all') return true;
  if (field === 'containerName') return false;
  return field !== 'containerId' || containers.has(value as never);
}

export const orderChangeResolvers = {
  OrderChangeConnection: {
    nodes: ({ changes, fields }: ChangesParent) => changes.map((change) => ({ ...change, fields })),
    pageInfo: ({ changes, hasNext, isFirst }: ChangesPage) => ({
      hasNextPage: hasNext,
      hasPreviousPage: !isFirst,
      startCursor: changes[0] === undefined ? null : cursorOf(changes[0]),
      endCursor: changes.at(-1) === undefined ? null : cursorOf(changes.at(-1)!),
    }),
  },
  OrderChange: {
    before: (change: OrderChange, _args: unknown, context: RequestContext) =>
      isShown(change, context, change.before) ? textOf(change.before) : null,
    after: (change: OrderChange, _args: unknown, context: RequestContext) =>
      isShown(change, context, change.after) ? textOf(change.after) : null,
    container: ({ containerId, containerName }: OrderChange) =>
      containerId === null ? null : { id: containerId, name: containerName },
  },
};
