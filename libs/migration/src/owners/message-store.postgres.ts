import type { Pool } from '@certfolio/database';
import type { MessageStore, MessageTarget } from './message-store.ts';

const place = ({ slot, owner, destination, recipient }: MessageTarget) => [slot, owner, destination, recipient];

export function createMessageStore(pool: Pool): MessageStore {
  return {
    async claim(target, { now, leaseUntil, mayResend }) {
      if (!mayResend)
        await pool.query(
          `update migration_messages set state = 'unconfirmed', changed_at = $5
           where slot = $1 and owner = $2 and destination = $3 and recipient = $4 and state = 'sending' and lease_until <= $5`,
          [...place(target), now],
        );
      const { rows } = await pool.query<{ attempts: number }>(
        `insert into migration_messages (slot, owner, destination, recipient, state, attempts, lease_until, changed_at)
         values ($1, $2, $3, $4, 'sending', 1, $6, $5)
         on conflict (slot, owner, destination, recipient) do update set
           state = 'sending', attempts = migration_messages.attempts + 1, lease_until = excluded.lease_until,
           changed_at = excluded.changed_at
         where migration_messages.state in ('sending', 'failed') and migration_messages.lease_until <= $5
         returning attempts`,
        [...place(target), now, leaseUntil],
      );
      return rows[0]?.attempts ?? null;
    },

    async ended(target, end, now) {
      await pool.query(
        `update migration_messages set state = $5, reference = $6, error = $7, lease_until = $8::timestamptz, changed_at = $9
         where slot = $1 and owner = $2 and destination = $3 and recipient = $4`,
        [
          ...place(target),
          end.state,
          end.state === 'delivered' ? end.reference : null,
          end.state === 'failed' ? end.error : null,
          end.state === 'failed' ? (end.retryAt ?? 'infinity') : now,
          now,
        ],
      );
    },

    async forget(before) {
      await pool.query('delete from migration_messages where slot < $1', [before]);
    },
  };
}
