import { z } from 'zod';
import type { ConfigReader } from './config-members.ts';

/** What one request may be, whatever the key; the limits of keys are in their policies. */
export interface LimitsConfiguration {
  /** Fields on the longest way from the root to a leaf. */
  readonly maxDepth: number;
  /** Fields at the root, aliased or repeated ones included. */
  readonly maxRootFields: number;
  /** Aliases in a document. */
  readonly maxAliases: number;
  /** Directives in a document. */
  readonly maxDirectives: number;
  /** Points that one page of an operation can come to by its text. */
  readonly maxCost: number;
  /** Tokens of a document. */
  readonly maxTokens: number;
  readonly bodyBytes: number;
  /** Answers carry `X-RateLimit-Limit`, `-Remaining` and `-Reset` beside `RateLimit`. */
  readonly legacyHeaders: boolean;
}

const whole = (what: string, least: number, most: number) => {
  const must = `must be a whole number of ${what}, ${least} to ${most}`;
  return z.int(must).min(least, must).max(most, must);
};

const members = {
  maxDepth: whole('fields', 1, 100).default(15),
  maxRootFields: whole('fields', 1, 10_000).default(60),
  maxAliases: whole('aliases', 0, 20_000).default(1_000),
  maxDirectives: whole('directives', 0, 10_000).default(50),
  maxCost: whole('points', 1, 1_000_000_000).default(300_000),
  maxTokens: whole('tokens', 1, 1_000_000).default(15_000),
  // A subgraph that is served elsewhere takes no more.
  bodyBytes: whole('bytes', 1_024, 4_194_304).default(1_048_576),
  legacyHeaders: z.boolean('must be true or false').default(false),
};

export const defaultLimits: LimitsConfiguration = z.object(members).parse({});

/** The section `limits`; undefined when something in it is wrong. */
export function readLimits(value: unknown, reader: ConfigReader): LimitsConfiguration | undefined {
  return reader.object(value, members, ['limits']);
}
