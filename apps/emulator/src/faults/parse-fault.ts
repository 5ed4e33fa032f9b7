import { z } from 'zod';
import { faultKinds, type Fault } from './fault.ts';

const shape = z.strictObject({
  kind: z.enum(faultKinds),
  route: z.string().min(1).default('*'),
  status: z.int().min(200).max(599).optional(),
  rate: z.number().min(0).max(1).default(1),
  count: z.int().min(0).default(0),
  delayMs: z.number().min(0).max(3_600_000).optional(),
  query: z.string().min(1).optional(),
  field: z.string().min(1).optional(),
  value: z.json().optional(),
});

/** Long enough to be felt, short enough for a test: one second before, or between pieces of, an answer. */
const DEFAULT_DELAY_MS = 1_000;

export type ParsedFault = { readonly fault: Omit<Fault, 'id'> } | { readonly problem: string };

export function parseFault(body: unknown): ParsedFault {
  const result = shape.safeParse(body);
  if (!result.success) return { problem: z.prettifyError(result.error) };
  const { status, delayMs, ...rest } = result.data;
  if ((rest.kind === 'wrong-field') !== (rest.field !== undefined))
    return { problem: 'field and value are for wrong-field, which needs them' };
  return { fault: { ...rest, status, delayMs: delayMs ?? DEFAULT_DELAY_MS } };
}
