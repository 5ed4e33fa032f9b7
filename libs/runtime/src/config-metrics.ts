import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

/** What `/metrics` may show, which asks for no key. */
export interface MetricsConfiguration {
  readonly certificates: {
    /** Divisions whose certificates have a series each, with their common name; by default none. */
    readonly containers: 'all' | readonly number[];
    /** Series of an account at most; the certificates that end first have them. */
    readonly max: number;
  };
}

const containersMust = 'must be "all", "none", or a list of division ids';
const maxMust = 'must be a whole number, 1 to 20000';
const members = {
  containers: z
    .union(
      [z.literal('all'), z.literal('none').transform(() => []), z.array(z.int().positive()).max(1_000)],
      containersMust,
    )
    .default([]),
  max: z.int(maxMust).min(1, maxMust).max(20_000, maxMust).default(500),
};

export const defaultMetrics: MetricsConfiguration = { certificates: z.object(members).parse({}) };

/** The section `metrics`; undefined when something in it is wrong. */
export function readMetrics(value: unknown, reader: ConfigReader): MetricsConfiguration | undefined {
  const sections = reader.membersOf(value, ['metrics']);
  if (sections === undefined) return undefined;
  reader.refuseUnknown(sections, ['certificates'], ['metrics']);
  const [, given = {}] = sections.find(([name]) => name === 'certificates') ?? [];
  const certificates = reader.object(given ?? {}, members, ['metrics', 'certificates']);
  return certificates === undefined ? undefined : { certificates };
}
