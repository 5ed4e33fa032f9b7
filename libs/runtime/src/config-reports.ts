import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

/** How runs of schedules are worked at. */
export interface ReportsConfiguration {
  /** Runs of schedules at the same time in one process; 0 leaves them to others. */
  readonly workers: number;
  /** A run whose process did not say for so long that it is alive is taken by another. */
  readonly leaseSeconds: number;
  /** Between the first attempt and the second; doubled each time, up to `maxRetrySeconds`. */
  readonly retrySeconds: number;
  readonly maxRetrySeconds: number;
  /** A slot that is no older was not missed, whatever `catchUp` says. */
  readonly graceSeconds: number;
  /** How often runs that need not be kept any longer are removed. */
  readonly pruneSeconds: number;
}

const whole = (what: string, least: number, most: number) => {
  const must = `must be a whole number${what}, ${least} to ${most}`;
  return z.int(must).min(least, must).max(most, must);
};
const seconds = (least: number, most: number) => whole(' of seconds', least, most);

const members = {
  workers: whole('', 0, 50).default(2),
  leaseSeconds: seconds(3, 3_600).default(30),
  retrySeconds: seconds(1, 86_400).default(30),
  maxRetrySeconds: seconds(1, 86_400).default(3_600),
  graceSeconds: seconds(10, 86_400).default(300),
  pruneSeconds: seconds(10, 86_400).default(3_600),
};

export const defaultReports: ReportsConfiguration = z.object(members).parse({});

/** The section `reports`; undefined when something in it is wrong. */
export function readReports(value: unknown, reader: ConfigReader): ReportsConfiguration | undefined {
  const reports = reader.object(value, members, ['reports']);
  if (reports !== undefined && reports.maxRetrySeconds < reports.retrySeconds)
    reader.problem(['reports', 'maxRetrySeconds'], `must be at least "retrySeconds", ${reports.retrySeconds}`);
  return reports;
}
