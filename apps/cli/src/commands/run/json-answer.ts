import { z } from 'zod';
import { GatewayError } from '@certfolio/client';

const certfolioFacts = z.looseObject({
  template: z.looseObject({ name: z.string(), version: z.number() }).nullish(),
  dataAsOf: z.string().nullish(),
  source: z.string().nullish(),
  rows: z.number().nullish(),
  truncated: z.boolean().nullish(),
  totalRows: z.number().nullish(),
  stale: z.boolean().nullish(),
  unavailableFields: z.array(z.string()).nullish(),
  upstreamCalls: z.number().nullish(),
  deprecated: z.unknown().optional(),
});

const jsonAnswer = z.looseObject({
  rows: z.array(z.record(z.string(), z.unknown())),
  errors: z
    .array(
      z.looseObject({ message: z.string(), extensions: z.looseObject({ code: z.string().optional() }).optional() }),
    )
    .nullish(),
  extensions: z.looseObject({ certfolio: certfolioFacts.nullish() }).nullish(),
});

export type CertfolioFacts = z.output<typeof certfolioFacts>;

export interface JsonAnswer {
  /** Cells by title, in the order of the answer. */
  readonly rows: readonly ReadonlyMap<string, unknown>[];
  /** Parts that failed while others came. */
  readonly failures: readonly { readonly code: string; readonly message: string }[];
  readonly facts: CertfolioFacts;
}

/** @throws GatewayError for text that is no answer of `/r/….json` */
export function parseJsonAnswer(text: string, requestId: string | null): JsonAnswer {
  const parsed = jsonAnswer.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new GatewayError(
      'UNEXPECTED_ANSWER',
      'The answer has no rows as JSON; is there a Certfolio gateway of this version at the address?',
      { requestId },
    );
  }
  const { rows, errors, extensions } = parsed.data;
  return {
    rows: rows.map((row) => new Map(Object.entries(row))),
    failures: (errors ?? []).map(({ message, extensions: facts }) => ({
      code: facts?.code ?? 'UNEXPECTED_ANSWER',
      message,
    })),
    facts: extensions?.certfolio ?? { deprecated: undefined },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
