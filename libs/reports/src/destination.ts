import type { SnapshotFacts } from './run-store.ts';

/** A file of a run as it lies in the snapshot; may be opened again for every recipient. */
export interface DeliveryFile {
  /** For people and file systems: `expiring-soon-2026-11-23T0700Z.xlsx`. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  open(): AsyncIterable<Uint8Array>;
}

/** What is told of a run, the same by every channel. */
export interface Delivery {
  /** `notice`: of no run, such as what keys of an owner still call by REST. */
  readonly kind: 'report' | 'failure' | 'test' | 'notice';
  readonly runId: string;
  readonly schedule: string;
  readonly owner: string;
  readonly template: { readonly name: string; readonly version: number; readonly id: string };
  readonly title: string;
  /** The slot that the run belongs to; its relative dates are of this instant. */
  readonly slot: Date;
  /** IANA name of the schedule's zone, in which people are told times. */
  readonly zone: string;
  /** One sentence: `1,000 of 25,000 rows`, or why there are none. */
  readonly headline: string;
  /** The headline as numbers, and the age of the rows, for machines; null where there are no rows. */
  readonly counts: Pick<SnapshotFacts, 'rows' | 'totalRows' | 'truncated' | 'dataAsOf'> | null;
  /** Facts worth reading before the file is opened, the most important first. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** The first of what was added, removed and changed since the last run; null where nothing was, or nothing is known of it. */
  readonly changes: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
    /** Of all changes, also those that are not among `rows`. */
    readonly total: number;
  } | null;
  /** The first rows; short. */
  readonly excerpt: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } | null;
  readonly files: readonly DeliveryFile[];
  /** Where the run can be seen and its files fetched; null where no address is known. */
  readonly link: string | null;
}

/** Proof that a recipient's side took the delivery. */
export interface Receipt {
  /** What the other side calls it: a message id, an object key, a path, a status. */
  readonly reference: string;
  readonly bytes: number;
}

export interface SendOptions {
  /** One of `recipients`. */
  readonly recipient: string;
  /** The same for every attempt of this run and recipient, different for any other. */
  readonly idempotencyKey: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** One way out of the house. */
export interface Destination {
  /** As the configuration names it. */
  readonly name: string;
  readonly kind: string;
  /**
   * What happens when the process dies while a delivery is under way, so that nobody knows whether it arrived: `resend` where
   * a second time does no harm, since it replaces the first; `tell` where it would be a second message.
   */
  readonly onUnconfirmed: 'resend' | 'tell';
  /** Who gets it when the schedule does not say; each has a receipt of its own. */
  readonly recipients: readonly string[];
  /** Null when a schedule may name this recipient, else why not. */
  refusalOf(recipient: string): string | null;
  /**
   * @throws DeliveryFailed, told whether trying again may help
   */
  send(delivery: Delivery, options: SendOptions): Promise<Receipt>;
}
