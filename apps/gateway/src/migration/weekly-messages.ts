import { hash } from 'node:crypto';
import type { KeyStore } from '@certfolio/access';
import type { Clock, Logger } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import {
  followMessages,
  ownerMessages,
  routeCatalog,
  scoreboard,
  type MessageTarget,
  type OwnerMessage,
  type RestUsageStore,
  type RouteStateStore,
} from '@certfolio/migration';
import { createMessageStore } from '@certfolio/migration/postgres';
import { nextSlots, type Delivery, type Destination } from '@certfolio/reports';
import type { MessagesConfiguration } from '@certfolio/runtime';

export interface WeeklyMessageNeeds {
  readonly pool: Pool;
  readonly settings: MessagesConfiguration;
  readonly destination: Destination;
  readonly keys: Pick<KeyStore, 'list'>;
  readonly states: Pick<RouteStateStore, 'all'>;
  readonly usage: Pick<RestUsageStore, 'uses'>;
  readonly publicUrl: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const dayMs = 86_400_000;
const toldDays = 7;

/** Tells owners once a week what their keys still call, until the signal aborts. */
export function runWeeklyMessages(needs: WeeklyMessageNeeds, signal: AbortSignal): Promise<void> {
  const { pool, settings, destination, clock, logger } = needs;
  return followMessages(
    {
      store: createMessageStore(pool),
      slotBefore: (nowMs) => lastSlot(settings, nowMs),
      messages: (slot) => messagesOf(slot, needs),
      recipientsOf: (owner) => settings.recipients.get(owner) ?? destination.recipients,
      destination: destination.name,
      mayResend: destination.onUnconfirmed === 'resend',
      send: (message, target, sending) =>
        destination.send(deliveryOf(message, target, settings.zone), {
          recipient: target.recipient,
          idempotencyKey: idOf(target),
          nowMs: clock.nowMs(),
          signal: sending,
        }),
      clock,
      logger,
    },
    signal,
  );
}

/** Of the week that ends with now; null where a change of the clocks left it none. */
function lastSlot({ weekday, hour, minute, zone }: MessagesConfiguration, nowMs: number): Date | null {
  const timetable = { cron: `${minute} ${hour} * * ${weekday}`, zone, from: null, until: null };
  const slots = nextSlots(timetable, new Date(nowMs - 8 * dayMs), 3);
  return slots.findLast((slot) => slot.getTime() <= nowMs) ?? null;
}

async function messagesOf(slot: Date, needs: WeeklyMessageNeeds): Promise<readonly OwnerMessage[]> {
  const since = new Date(slot.getTime() - toldDays * dayMs);
  const [keys, { states }, uses] = await Promise.all([
    needs.keys.list(),
    needs.states.all(),
    needs.usage.uses({ since }),
  ]);
  const facts = { states, uses, days: [], parity: [], nowMs: slot.getTime() };
  const board = scoreboard(
    facts,
    routeCatalog.map(({ key }) => key),
  );
  const named = new Map(keys.map(({ id, name, owner }) => [id, { name, owner }]));
  return ownerMessages(board, named, { days: toldDays, publicUrl: needs.publicUrl() });
}

/** The same for every attempt at this message. */
const idOf = ({ slot, owner, destination, recipient }: MessageTarget): string =>
  `msg_${hash('sha256', JSON.stringify([slot, owner, destination, recipient]), 'hex').slice(0, 24)}`;

const deliveryOf = (
  { owner, title, headline, facts, excerpt }: OwnerMessage,
  target: MessageTarget,
  zone: string,
): Delivery => ({
  kind: 'notice',
  runId: idOf(target),
  schedule: 'migration',
  owner,
  template: { name: 'migration', version: 1, id: '' },
  ...{ title, slot: target.slot, zone, headline, counts: null, changes: null, facts, excerpt, files: [], link: null },
});
