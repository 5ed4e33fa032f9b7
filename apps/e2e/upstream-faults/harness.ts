import { expect } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { statsOf, type Caller, type HttpAnswer, type ProductProcess } from '../harness/index.ts';

export const timeoutMs = 8_000;

/** What a failure of CertCentral may be called. */
const namedErrors = new Set([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_REFUSED',
  'GATEWAY_TIMEOUT',
  'UPSTREAM_BUDGET_EXHAUSTED',
]);

/** One read, and the answer it gives while all is well. */
export interface Read {
  readonly name: string;
  readonly ask: () => Promise<HttpAnswer>;
  readonly wholeText: string;
}

/** Reads that need the list, order info, the order report and Custom Reports, each from one of them. */
export async function prepareReads(
  caller: Caller,
  onViewOnlyKey: Caller,
  orderIds: readonly number[],
): Promise<readonly Read[]> {
  const asks: readonly (readonly [string, () => Promise<HttpAnswer>])[] = [
    [
      'list',
      () =>
        caller.graphql(
          '{ orders(first: 1000) { totalCount nodes { id status hasReissues certificate { commonName validTill } } } }',
        ),
    ],
    [
      'order info',
      () =>
        caller.graphql(
          `{ ${orderIds.map((id) => `o${id}: order(id: ${id}) { id certificate { keySize thumbprint } }`).join(' ')} }`,
        ),
    ],
    ['Custom Reports', () => caller.graphql('{ order_details { id status agreement_id locale contacts_email } }')],
    ['order report', () => onViewOnlyKey.graphql('{ order_details { id status agreement_id plus_feature } }')],
    [
      'cut by Custom Reports',
      () => caller.graphql('{ order_details(status: "issued", limit: 5, sort: ["valid_till", "DESC"]) { id csr } }'),
    ],
    ['template', () => caller.report('inventory-full.ndjson')],
    ['template with a date', () => caller.report('expiring-soon.ndjson?days=365')],
  ];
  const reads: Read[] = [];
  for (const [name, ask] of asks) {
    const answer = await ask();
    if (answer.status !== 200 || answer.json.errors !== undefined)
      throw new Error(`${name}: ${answer.text.slice(0, 500)}`);
    reads.push({ name, ask, wholeText: rowsText(answer) });
  }
  return reads;
}

/** The answer without what tells of the request alone. */
const rowsText = ({ json, text }: HttpAnswer): string => (json.data === undefined ? text : JSON.stringify(json.data));

/** Where two long texts part, for a failure that can be read. */
function difference(
  actual: string,
  wanted: string,
): { readonly isSame: boolean; readonly got?: string; readonly wanted?: string } {
  if (actual === wanted) return { isSame: true };
  let at = 0;
  while (actual[at] === wanted[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 60), at + 100);
  return { isSame: false, got: around(actual), wanted: around(wanted) };
}

export interface Outcome {
  readonly name: string;
  /** `whole`, or the codes of what failed. */
  readonly said: string;
  readonly tookMs: number;
}

/**
 * Asks and judges: the right rows, all of them; or a named error with, at most, rows that are right.
 *
 * @throws when a row is wrong, or lost without being said
 */
export async function judge({ name, ask, wholeText }: Read): Promise<Outcome> {
  const startedMs = performance.now();
  const answer = await ask();
  const tookMs = performance.now() - startedMs;
  expect({ name, isInTime: tookMs <= timeoutMs + 1_500, tookMs }).toMatchObject({ isInTime: true });
  const { errors, data } = answer.json;
  if (errors === undefined) {
    expect({ name, status: answer.status, ...difference(rowsText(answer), wholeText) }).toEqual({
      name,
      status: 200,
      isSame: true,
    });
    return { name, said: 'whole', tookMs };
  }
  const codes = [...new Set(errors.map(({ extensions }) => String(extensions?.['code'])))];
  expect({
    name,
    unnamed: codes.filter((code) => !namedErrors.has(code)),
    text: answer.text.slice(0, 300),
  }).toMatchObject({ unnamed: [] });
  if (data != null && answer.status === 200) {
    const whole = JSON.parse(wholeText) as Record<string, unknown>;
    for (const [field, value] of Object.entries(data)) {
      if (value === null) expect(errors.some(({ path }) => path?.[0] === field)).toBe(true);
      else
        expect({ name, field, ...difference(JSON.stringify(value), JSON.stringify(whole[field])) }).toEqual({
          name,
          field,
          isSame: true,
        });
    }
  } else {
    expect(answer.status).toBeGreaterThanOrEqual(500);
  }
  return { name, said: codes.join(' '), tookMs };
}

/** All reads at the same time under one fault, then without it until all is well again. */
export async function underFault(
  emulator: EmulatorProcess,
  products: readonly ProductProcess[],
  reads: readonly Read[],
  fault: Readonly<Record<string, unknown>>,
): Promise<readonly Outcome[]> {
  await emulator.control('stats', { method: 'DELETE' });
  await emulator.control('faults', { method: 'POST', body: { route: '*', ...fault } });
  const outcomes = await Promise.all(reads.map(judge));
  const { peak5s } = await statsOf(emulator);
  await emulator.control('faults', { method: 'DELETE' });
  expect(peak5s).toBeLessThanOrEqual(100);
  expect(products.every((product) => product.isRunning())).toBe(true);
  return outcomes;
}
