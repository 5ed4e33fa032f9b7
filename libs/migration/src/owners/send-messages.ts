import type { Clock, Logger } from '@certfolio/core';
import type { MessageEnd, MessageStore, MessageTarget } from './message-store.ts';
import type { OwnerMessage } from './owner-message.ts';

export interface MessagePorts {
  readonly store: MessageStore;
  /** The last time at or before now that messages were due. */
  readonly slotBefore: (nowMs: number) => Date | null;
  readonly messages: (slot: Date) => Promise<readonly OwnerMessage[]>;
  readonly recipientsOf: (owner: string) => readonly string[];
  readonly destination: string;
  /** A second copy replaces the first. */
  readonly mayResend: boolean;
  /** @throws when it was not taken; `isTransient` says whether trying again may help */
  readonly send: (
    message: OwnerMessage,
    target: MessageTarget,
    signal: AbortSignal,
  ) => Promise<{ readonly reference: string }>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Messages that nobody could send in time are not sent days later. */
export const graceMs = 24 * 3_600_000;
const tickMs = 30_000;
const leaseMs = 120_000;
const firstRetryMs = 60_000;
const maxAttempts = 6;
const keepMs = 180 * 86_400_000;

/** Sends what is due and was not sent, each once, whichever process looks. */
export async function sendDueMessages(ports: MessagePorts, signal: AbortSignal): Promise<void> {
  const { store, slotBefore, clock } = ports;
  const slot = slotBefore(clock.nowMs());
  if (slot === null || clock.nowMs() - slot.getTime() > graceMs) return;
  for (const message of await ports.messages(slot)) {
    for (const recipient of ports.recipientsOf(message.owner)) {
      if (signal.aborted) return;
      await sendOne(message, { slot, owner: message.owner, destination: ports.destination, recipient }, ports, signal);
    }
  }
  await store.forget(new Date(clock.nowMs() - keepMs));
}

async function sendOne(message: OwnerMessage, target: MessageTarget, ports: MessagePorts, signal: AbortSignal) {
  const { store, mayResend, send, clock, logger } = ports;
  const now = () => new Date(clock.nowMs());
  const attempt = await store.claim(target, {
    now: now(),
    leaseUntil: new Date(clock.nowMs() + leaseMs),
    mayResend,
  });
  if (attempt === null) return;
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(leaseMs / 2)]);
  const end = await send(message, target, inTime).then(
    ({ reference }): MessageEnd => ({ state: 'delivered', reference }),
    (error: unknown): MessageEnd => failed(error, attempt, clock.nowMs()),
  );
  if (end.state === 'failed')
    logger.warn({ ...target, error: end.error, retryAt: end.retryAt }, 'A message to an owner was not delivered.');
  await store.ended(target, end, now());
}

function failed(error: unknown, attempt: number, nowMs: number): MessageEnd {
  const isFinal = attempt >= maxAttempts || (error as { isTransient?: boolean } | null)?.isTransient === false;
  const text = error instanceof Error ? error.message : String(error);
  return {
    state: 'failed',
    error: text.slice(0, 500),
    retryAt: isFinal ? null : new Date(nowMs + firstRetryMs * 2 ** (attempt - 1)),
  };
}

/** Looks every half minute until the signal aborts. */
export async function followMessages(ports: MessagePorts, signal: AbortSignal): Promise<void> {
  const { clock, logger } = ports;
  while (!signal.aborted) {
    await sendDueMessages(ports, signal).catch((error: unknown) =>
      logger.warn({ reason: String(error) }, 'Messages to owners were not looked at; it is tried again.'),
    );
    await clock.sleep(tickMs, signal).catch(() => undefined);
  }
}
