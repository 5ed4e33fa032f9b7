import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

export interface ReportsConfiguration {
  /** Runs of schedules at the same time in one process; 0 leaves them to others. */
  readonly workers: number;
}

export const defaultReports: ReportsConfiguration = { workers: 2 };

const workersMust = 'must be a whole number, 0 to 50';

/** The section `reports`. */
export function readReports(value: unknown, reader: ConfigReader): ReportsConfiguration | undefined {
  const members = {
    workers: z.int(workersMust).min(0, workersMust).max(50, workersMust).default(defaultReports.workers),
  };
  return reader.object(value, members, ['reports']);
}
