import type { Clock } from '@certfolio/core';
import type { ScheduleStanding } from '@certfolio/reports';
import { createKeptValue } from './kept-value.ts';
import type { Metrics } from './metrics.ts';

/** What certificates of an account end when, as its mirror has it. */
export interface AccountExpiries {
  /** The mirror was as its upstream then. */
  readonly dataAsOf: Date;
  /** `yyyy-MM-dd`; null without a certificate. */
  readonly nextExpiry: string | null;
  /** By days: certificates that end within so many. */
  readonly within: ReadonlyMap<number, number>;
  readonly listed: readonly {
    readonly orderId: number;
    readonly containerId: number;
    readonly commonName: string;
    readonly validTill: string;
  }[];
  readonly leftOut: number;
}

export interface WatchedSources {
  readonly expiries: () => Promise<ReadonlyMap<string, AccountExpiries>>;
  readonly schedules: () => Promise<readonly ScheduleStanding[]>;
  readonly clock: Clock;
}

/** However often metrics are asked for, the database is asked this seldom. */
const keptMs = 10_000;
/** A name of 64 characters is the longest that certificates hold; what is longer was never issued. */
const maxLabelChars = 100;

/** A certificate is valid through its last day. */
const endOfDay = (day: string): number => Date.parse(`${day}T23:59:59Z`) / 1_000;

/** Series of what the database knows: certificates, the age of mirrors, schedules. They cost no call, and stay while it is away. */
export function watchDatabase(metrics: Metrics, { expiries, schedules, clock }: WatchedSources): void {
  const accounts = createKeptValue(expiries, { initial: new Map<string, AccountExpiries>(), keptMs, clock });
  const standings = createKeptValue(schedules, { initial: [], keptMs, clock });
  const perAccount = async <T>(
    each: (account: string, found: AccountExpiries) => readonly T[],
  ): Promise<readonly T[]> => [...(await accounts.get())].flatMap(([account, found]) => each(account, found));
  const perSchedule = async <T>(each: (standing: ScheduleStanding) => readonly T[]): Promise<readonly T[]> =>
    (await standings.get()).flatMap(each);

  metrics.series({
    name: 'certfolio_certificate_not_after_timestamp_seconds',
    help: 'End of the last day of a certificate whose order is not renewed, of the divisions that metrics may show.',
    labelNames: ['account', 'container', 'order', 'common_name'],
    read: () =>
      perAccount((account, { listed }) =>
        listed.map(({ orderId, containerId, commonName, validTill }) => ({
          labels: {
            account,
            container: String(containerId),
            order: String(orderId),
            common_name: commonName.slice(0, maxLabelChars),
          },
          value: endOfDay(validTill),
        })),
      ),
  });
  metrics.series({
    name: 'certfolio_certificates_left_out',
    help: 'Certificates of these divisions without a series, since there are more than may have one.',
    labelNames: ['account'],
    read: () => perAccount((account, { leftOut }) => [{ labels: { account }, value: leftOut }]),
  });
  metrics.series({
    name: 'certfolio_certificates_next_not_after_timestamp_seconds',
    help: 'End of the last day of the valid certificate that ends first in the account, of orders not renewed.',
    labelNames: ['account'],
    read: () =>
      perAccount((account, { nextExpiry }) =>
        nextExpiry === null ? [] : [{ labels: { account }, value: endOfDay(nextExpiry) }],
      ),
  });
  metrics.series({
    name: 'certfolio_certificates_expiring',
    help: 'Valid certificates of the account that end within so many days, of orders not renewed.',
    labelNames: ['account', 'within_days'],
    read: () =>
      perAccount((account, { within }) =>
        [...within].map(([days, value]) => ({ labels: { account, within_days: String(days) }, value })),
      ),
  });
  metrics.series({
    name: 'certfolio_mirror_data_timestamp_seconds',
    help: 'The mirror holds the account as it was then, or later.',
    labelNames: ['account'],
    read: () => perAccount((account, { dataAsOf }) => [{ labels: { account }, value: dataAsOf.getTime() / 1_000 }]),
  });
  metrics.series({
    name: 'certfolio_schedule_last_success_timestamp_seconds',
    help: 'When a run of a schedule last ended well, by any process.',
    labelNames: ['schedule'],
    read: () =>
      perSchedule(({ schedule, lastSuccessAt }) =>
        lastSuccessAt === null ? [] : [{ labels: { schedule }, value: lastSuccessAt.getTime() / 1_000 }],
      ),
  });
  metrics.series({
    name: 'certfolio_schedule_last_run_state',
    help: '1 for the state in which the last run of a schedule ended.',
    labelNames: ['schedule', 'state'],
    read: () =>
      perSchedule(({ schedule, lastState }) =>
        lastState === null ? [] : [{ labels: { schedule, state: lastState }, value: 1 }],
      ),
  });
  metrics.series({
    name: 'certfolio_schedule_failures_in_a_row',
    help: 'Failed runs of a schedule since the last that ended well.',
    labelNames: ['schedule'],
    read: () => perSchedule(({ schedule, failures }) => [{ labels: { schedule }, value: failures }]),
  });
  metrics.series({
    name: 'certfolio_schedule_active',
    help: '0 while a schedule is paused or has ended.',
    labelNames: ['schedule'],
    read: () => perSchedule(({ schedule, isActive }) => [{ labels: { schedule }, value: Number(isActive) }]),
  });
  metrics.series({
    name: 'certfolio_database_up',
    help: '0 while what is told of certificates, mirrors and schedules is older than it should be, since the database fails.',
    labelNames: [],
    read: async () => {
      await Promise.all([accounts.get(), standings.get()]);
      return [{ labels: {}, value: Number(accounts.isCurrent() && standings.isCurrent()) }];
    },
  });
}
