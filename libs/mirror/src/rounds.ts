import type { PoolClient } from 'pg';
import type { Clock, FieldGroup, Logger } from '@certfolio/core';
import type { CallMaker, MirrorFeed } from './feed.ts';
import type { Abilities } from './store-groups.postgres.ts';

/** What one reading works with. */
export interface Round {
  /** Holds the lock of the round, so that what it writes is lost with it. */
  readonly client: PoolClient;
  readonly upstreamId: number;
  readonly feed: MirrorFeed;
  readonly call: CallMaker;
  readonly clock: Clock;
  readonly logger: Logger;
  /** When the reading began. */
  readonly asOf: Date;
  readonly abilities: Abilities;
  /** Takes down that the key may not use a source. */
  readonly refused: (source: 'report' | 'custom') => void;
  /** False for a first fill. */
  readonly recordsHistory: boolean;
}

export interface RoundResult {
  /** Rows that are new, different, or gone. */
  readonly changes: number;
  /** CertCentral's count, where it was asked. */
  readonly total: number | null;
  /** Groups that are as young as the beginning of the reading now. */
  readonly groups: readonly FieldGroup[];
}
