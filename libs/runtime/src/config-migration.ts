import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

/** Once a week, what the keys of each owner still call by REST. */
export interface MessagesConfiguration {
  /** Name of a destination. */
  readonly destination: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  /** IANA name. */
  readonly zone: string;
  /** Recipients of an owner's message; the others go to those of the destination. */
  readonly recipients: ReadonlyMap<string, readonly string[]>;
}

/** The way off REST. */
export interface MigrationConfiguration {
  /** Null: nobody is told. */
  readonly messages: MessagesConfiguration | null;
  /** Comparisons of a route that begin within a minute, in one process; 0 compares nothing. */
  readonly comparisonsPerMinute: number;
  /** Days that counts of comparisons and sample pairs are kept. */
  readonly keepDays: number;
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const mustRate = 'must be a whole number, 0 to 6000';
const mustDays = 'must be a whole number of days, 1 to 90';

const messages = z.strictObject({
  destination: z.string('must be the name of a destination').min(1, 'must be the name of a destination'),
  weekday: z.enum(weekdays, `must be one of ${weekdays.join(', ')}`).default('monday'),
  at: z
    .string('must be a time of day in quotes, such as "08:00"')
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day in quotes, such as "08:00"')
    .default('08:00'),
  zone: z.string().refine(isZone, 'must be the IANA name of a time zone, such as Europe/Berlin').default('UTC'),
  recipients: z
    .record(z.string(), z.array(z.string().min(1)).min(1, 'must be a list of recipients for each owner'))
    .default({}),
});
const members = {
  messages: messages.nullable().default(null),
  comparisonsPerMinute: z.int(mustRate).min(0, mustRate).max(6_000, mustRate).default(60),
  keepDays: z.int(mustDays).min(1, mustDays).max(90, mustDays).default(14),
};

export const defaultMigration: MigrationConfiguration = configurationOf(z.object(members).parse({}));

/** The section `migration`; undefined when something in it is wrong. */
export function readMigration(value: unknown, reader: ConfigReader): MigrationConfiguration | undefined {
  const parsed = reader.object(value, members, ['migration']);
  return parsed === undefined ? undefined : configurationOf(parsed);
}

/** A destination that is not there. @param destinations names of those that are */
export function checkMessages(
  { messages: told }: MigrationConfiguration,
  destinations: readonly string[],
): string | null {
  if (told === null || destinations.includes(told.destination)) return null;
  return `names a destination that is not there; there are ${destinations.join(', ') || 'none'}`;
}

function configurationOf(parsed: z.output<z.ZodObject<typeof members>>): MigrationConfiguration {
  if (parsed.messages === null) return { ...parsed, messages: null };
  const { destination, weekday, at, zone, recipients } = parsed.messages;
  const [hour = 0, minute = 0] = at.split(':').map(Number);
  return {
    ...parsed,
    messages: {
      ...{ destination, zone, hour, minute, weekday: weekdays.indexOf(weekday) },
      recipients: new Map(Object.entries(recipients)),
    },
  };
}

function isZone(name: string): boolean {
  try {
    return (
      /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
    );
  } catch {
    return false;
  }
}
