import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

/** What the mirror of each account is to do. */
export interface MirrorConfiguration {
  readonly enabled: boolean;
  /** From the end of one round to the beginning of the next. */
  readonly roundSeconds: number;
  /** A full comparison at least this often; `auto` lets the mirror choose by the size of the account. */
  readonly fullComparisonSeconds: number | 'auto';
  /** The age that answers may have unless a request or a template says otherwise. */
  readonly maxAgeSeconds: number;
  /** Changes of orders are kept for so long. */
  readonly historyDays: number;
  /** Whether duplicates, reissues, requests and notes are filled in, one call an order. */
  readonly backfill: boolean;
  /** From a start to the first call of the backfill. */
  readonly backfillAfterSeconds: number;
  /** Calls a second that the backfill makes at most. */
  readonly backfillCallsPerSecond: number;
  /** How long a read waits for one of the mirror's connections of the database to be free. */
  readonly connectionWaitSeconds: number;
}

const aMonth = 31 * 86_400;
const whole = (what: string, least: number, most: number) => {
  const must = `must be a whole number of ${what}, ${least} to ${most}`;
  return z.int(must).min(least, must).max(most, must);
};
const flag = z.boolean('must be true or false');
const comparison = 'must be "auto" or a whole number of seconds, 60 to 2678400';

const members = {
  enabled: flag.default(true),
  roundSeconds: whole('seconds', 1, 86_400).default(60),
  fullComparisonSeconds: z.union([z.literal('auto'), z.int().min(60).max(aMonth)], comparison).default('auto'),
  maxAgeSeconds: whole('seconds', 0, aMonth).default(300),
  historyDays: whole('days', 1, 36_500).default(400),
  backfill: flag.default(true),
  // Calls for nobody in particular begin when a start, and the questions that come with it, are over.
  backfillAfterSeconds: whole('seconds', 0, 86_400).default(30),
  // CertCentral allows 5.5 in the long run, so a burst would gain nothing and make everybody else wait for the short window.
  backfillCallsPerSecond: whole('calls', 1, 1_000).default(4),
  // Reads that come in a burst take turns; whoever asks gives up at the deadline of the request.
  connectionWaitSeconds: whole('seconds', 1, 600).default(30),
};

export const defaultMirror: MirrorConfiguration = z.object(members).parse({});

/** The section `mirror`; undefined when something in it is wrong. */
export function readMirror(value: unknown, reader: ConfigReader): MirrorConfiguration | undefined {
  return reader.object(value, members, ['mirror']);
}
