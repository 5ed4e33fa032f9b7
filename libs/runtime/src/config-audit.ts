import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

/** What the audit log is to do. */
export interface AuditConfiguration {
  /** Entries are kept for so long. */
  readonly retentionDays: number;
}

const must = 'must be a whole number of days, 1 to 36500';
const members = { retentionDays: z.int(must).min(1, must).max(36_500, must).default(400) };

export const defaultAudit: AuditConfiguration = z.object(members).parse({});

/** The section `audit`; undefined when something in it is wrong. */
export function readAudit(value: unknown, reader: ConfigReader): AuditConfiguration | undefined {
  return reader.object(value, members, ['audit']);
}
