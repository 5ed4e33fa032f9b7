import { BadUserInput, isCalendarDate } from '@certfolio/core';
import { z } from 'zod';
import { isTimeZone, isUsableCron } from './slots.ts';

/** File formats that a run can make of its snapshot. */
export const runFormats = ['csv', 'xlsx', 'ndjson', 'json', 'parquet', 'ics', 'html'] as const;
export type RunFormat = (typeof runFormats)[number];

/** When a run that has rows is sent. */
export type Condition =
  { readonly kind: 'always' | 'non_empty' | 'changed' } | { readonly kind: 'threshold'; readonly minRows: number };

export interface Target {
  /** Name of a destination of the configuration. */
  readonly destination: string;
  /** Null: those that the destination has by itself. */
  readonly recipients: readonly string[] | null;
}

/** What a schedule is, as YAML, the graph and the database say it. */
export interface ScheduleDefinition {
  readonly name: string;
  /** Name, `name@version` or id of a template. */
  readonly template: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA name. */
  readonly zone: string;
  /** First and last day in `zone` on which it runs, both included; null: no bound. */
  readonly from: string | null;
  readonly until: string | null;
  readonly formats: readonly RunFormat[];
  readonly to: readonly Target[];
  /** Where failures are told; null: nowhere but in the run. */
  readonly onFailure: Target | null;
  readonly condition: Condition;
  /** Slots that passed while nobody could run them: the last one is run late, or none. */
  readonly catchUp: 'run_once' | 'skip';
  /** Up to so many seconds after its slot, so that not all runs of a minute begin at once. */
  readonly jitterSeconds: number;
  /** Attempts after the first one. */
  readonly retries: number;
  /** Consecutive failed runs after which it pauses itself. */
  readonly pauseAfterFailures: number;
  /** How long runs and their files are kept. */
  readonly retentionDays: number;
  /** Titles of the columns that tell one row from another, for the difference; null: the first column. */
  readonly key: readonly string[] | null;
  /** How old the data of a run may be, seconds; null leaves it to the template. */
  readonly maxAgeSeconds: number | null;
}

const label = z.string().trim().min(1).max(100);
const day = z.string().refine(isCalendarDate, 'write a day such as "2026-11-23"');
const target = z.union(
  [
    label.transform((destination) => ({ destination, recipients: null })),
    z.strictObject({
      destination: label,
      recipients: z.array(z.string().trim().min(1).max(254)).min(1).max(100).nullable().default(null),
    }),
  ],
  { error: 'must be the name of a destination, or {destination, recipients: [...]}' },
);
const conditions = ['always', 'non_empty', 'changed'] as const;
const condition = z.union(
  [
    z.enum(conditions).transform((kind) => ({ kind })),
    z.strictObject({ kind: z.enum(conditions) }),
    z
      .strictObject({ kind: z.literal('threshold').optional(), minRows: z.int().min(1).max(1_000_000_000) })
      .transform(({ minRows }) => ({ kind: 'threshold' as const, minRows })),
  ],
  { error: 'must be always, non_empty, changed, or {minRows: N}' },
);

const definition = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'write small letters, digits and "-", a letter first, 64 at most'),
    template: label,
    variables: z.record(z.string(), z.unknown()).default({}),
    cron: z
      .string()
      .trim()
      .refine(
        isUsableCron,
        'write five fields: minute, hour, day of month, month, day of week; such as "30 7 * * 1-5"',
      ),
    zone: z.string().refine(isTimeZone, 'write an IANA time zone such as "Europe/Berlin"').default('UTC'),
    from: day.nullable().default(null),
    until: day.nullable().default(null),
    formats: z.array(z.enum(runFormats)).min(1).max(runFormats.length).default(['csv']),
    to: z.array(target).min(1).max(20),
    onFailure: target.nullable().default(null),
    condition: condition.default({ kind: 'always' }),
    catchUp: z.enum(['run_once', 'skip']).default('run_once'),
    jitterSeconds: z.int().min(0).max(3_600).default(0),
    retries: z.int().min(0).max(10).default(3),
    pauseAfterFailures: z.int().min(1).max(1_000).default(5),
    retentionDays: z.int().min(1).max(3_650).default(90),
    key: z.array(label).min(1).nullable().default(null),
    maxAgeSeconds: z.int().min(0).max(31_536_000).nullable().default(null),
  })
  .refine(({ from, until }) => from === null || until === null || from <= until, {
    path: ['until'],
    error: 'is before "from"',
  });

/**
 * Reads a schedule as people write it; what is absent has the default.
 *
 * @param where begins every message, such as the name of a file and the place in it
 * @throws BadUserInput naming every problem
 */
export function parseSchedule(input: unknown, where = 'schedule'): ScheduleDefinition {
  const parsed = definition.safeParse(input);
  if (parsed.success) return { ...parsed.data, formats: [...new Set(parsed.data.formats)] };
  const problems = parsed.error.issues.map(
    (issue) => `${[where, ...issue.path.map(String)].join('.')}: ${issue.message}`,
  );
  throw new BadUserInput(
    `The schedule has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems.join('; ')}.`,
    { problems },
  );
}
