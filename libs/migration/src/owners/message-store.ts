/** One message to one recipient in one week. */
export interface MessageTarget {
  /** When the week's messages are due. */
  readonly slot: Date;
  readonly owner: string;
  readonly destination: string;
  readonly recipient: string;
}

export type MessageEnd =
  | { readonly state: 'delivered'; readonly reference: string }
  /** @property retryAt null: it is not tried again */
  | { readonly state: 'failed'; readonly error: string; readonly retryAt: Date | null };

/** Who was told what, shared by all processes, so that each message goes out once. */
export interface MessageStore {
  /**
   * Takes a message for this process until the lease ends; null when it was sent, is being sent, or is not to be tried now.
   * One whose process died while it sent it is taken again only where a second one does no harm; else it stays unconfirmed.
   *
   * @returns the number of this attempt, from 1
   */
  claim(
    target: MessageTarget,
    facts: { readonly now: Date; readonly leaseUntil: Date; readonly mayResend: boolean },
  ): Promise<number | null>;
  ended(target: MessageTarget, end: MessageEnd, now: Date): Promise<void>;
  forget(before: Date): Promise<void>;
}
