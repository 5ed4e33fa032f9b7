import type { Order, OrderField, OrderNote, OrderRequest } from '@certfolio/core';
import { changedFields, historyOf, type HistoryEntry } from './history-changes.ts';
import { storableJson } from './storable.ts';
import { fingerprintOf, hasCustomHalf, ownFields, reportFields, storedFingerprint } from './store-fields.ts';

/** Rows of one reading that are about to be written. */
export interface OrderWriting {
  readonly source: 'report' | 'list' | 'info';
  /** What the rows carry, without the id; other fields of theirs are passed over. */
  readonly fields: readonly OrderField[];
  /** When the reading began. */
  readonly asOf: Date;
  /** False for a first fill, which tells nothing about changes. */
  readonly recordsHistory: boolean;
  /** Whether orders that the mirror does not know are left out. */
  readonly isForKnownOnly?: boolean;
  /** Requests and notes where order info gave them; null where it was read without. */
  readonly parts?: OrderInfoParts | null;
}

export interface OrderInfoParts {
  readonly requests: readonly OrderRequest[];
  readonly notes: readonly OrderNote[];
}

/** A row as it is, as far as a writing needs it. */
export interface StoredRow {
  readonly order: Order;
  readonly rowHash: Buffer | null;
  readonly changedAt: Date;
  readonly infoAt: Date | null;
  /** Order info was read at some time, maybe before the last change. */
  readonly infoWasRead: boolean;
  readonly duplicatesAt: Date | null;
  readonly reissuesAt: Date | null;
  readonly hasVanished: boolean;
}

/** A row as it shall be. */
export interface MergedRow {
  readonly order: Order;
  readonly rowHash: Buffer | null;
  readonly changedAt: Date;
  readonly infoAt: Date | null;
  readonly duplicatesAt: Date | null;
  readonly reissuesAt: Date | null;
}

export interface Merge {
  readonly row: MergedRow;
  readonly history: readonly HistoryEntry[];
  /** The row differs for readers. */
  readonly isChange: boolean;
  /** CertCentral says that there are no duplicates (any more). */
  readonly dropsDuplicates: boolean;
}

const comparedFields: ReadonlySet<OrderField> = new Set([...reportFields, ...ownFields.custom]);
/** What a writing makes of a row; null when the row stays as it is. `before` is null for an unknown order. */
export function mergeRow(before: StoredRow | null, given: Order, writing: OrderWriting): Merge | null {
  return before === null ? added(given, writing) : merged(before, given, writing);
}

/** Fields that Custom Reports adds to a report are there for every row of the writing or for none. */
export const carriesCustom = ({ fields }: OrderWriting) => fields.includes('contactsEmail');

function added(given: Order, writing: OrderWriting): Merge {
  const { asOf, source, recordsHistory } = writing;
  const order = pick(given, writing.fields);
  return {
    row: {
      order,
      rowHash: source === 'report' ? storedFingerprint(null, fingerprintOf(given, carriesCustom(writing))) : null,
      changedAt: asOf,
      infoAt: source === 'info' ? asOf : null,
      duplicatesAt: null,
      reissuesAt: null,
    },
    history: recordsHistory ? [{ orderId: order.id, change: 'added' }] : [],
    isChange: true,
    dropsDuplicates: false,
  };
}

function merged(before: StoredRow, given: Order, writing: OrderWriting): Merge | null {
  const { asOf, source } = writing;
  // Somebody read the order after this reading had begun and found a change: what was read earlier must not undo it.
  if (before.changedAt > asOf || (source === 'info' && before.infoAt !== null && before.infoAt > asOf)) return null;

  const readable = asStored(given);
  const changed = changedFields(before.order, readable, writing.fields);
  const isChange = changed.length > 0 || before.hasVanished;
  const isCompared = changed.some((field) => comparedFields.has(field));
  const order = { ...before.order, ...pick(readable, changed) };
  const rowHash =
    source === 'report'
      ? storedFingerprint(before.rowHash, fingerprintOf(given, carriesCustom(writing)))
      : isCompared
        ? null
        : before.rowHash;
  const mustReadAgain = before.hasVanished || isCompared;
  const row: MergedRow = {
    order,
    rowHash,
    changedAt: mustReadAgain ? asOf : before.changedAt,
    infoAt: source === 'info' ? asOf : mustReadAgain ? null : before.infoAt,
    duplicatesAt: mustReadAgain ? null : before.duplicatesAt,
    reissuesAt: mustReadAgain || changed.includes('hasReissues') ? null : before.reissuesAt,
  };
  if (!isChange && source !== 'info' && isSameRow(before, row)) return null;
  const recorded = changed.filter((field) => wasRead(before, field));
  return {
    row,
    history: writing.recordsHistory
      ? [
          ...(before.hasVanished ? [{ orderId: order.id, change: 'returned' as const }] : []),
          ...historyOf(before.order, order, recorded),
        ]
      : [],
    isChange,
    dropsDuplicates: order.hasDuplicates === false && before.order.hasDuplicates !== false,
  };
}

/** The first value of a field that was not read before is no change. */
function wasRead(before: StoredRow, field: OrderField): boolean {
  if (ownFields.info.includes(field)) return before.infoWasRead;
  if (ownFields.key.includes(field)) return before.infoWasRead || before.order[field] != null;
  if (ownFields.list.includes(field)) return before.order.hasReissues != null || before.infoWasRead;
  if (before.rowHash === null) return before.infoWasRead || before.order[field] != null;
  return ownFields.custom.includes(field) ? hasCustomHalf(before.rowHash) || before.infoWasRead : true;
}

/** As it will be read back, so that a character the database cannot hold is no change for ever. */
function asStored(order: Order): Order {
  return JSON.parse(storableJson(order)) as Order;
}

function isSameRow(before: StoredRow, row: MergedRow): boolean {
  return before.rowHash === row.rowHash || (before.rowHash !== null && row.rowHash?.equals(before.rowHash) === true);
}

function pick(order: Order, fields: readonly OrderField[]): Order {
  return {
    id: order.id,
    ...Object.fromEntries(fields.flatMap((field) => (order[field] === undefined ? [] : [[field, order[field]]]))),
  } as Order;
}
