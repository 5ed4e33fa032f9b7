import { expect } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import type { Caller } from '../harness/index.ts';

const dayMs = 86_400_000;

/** The day so many days from today, in UTC. */
export const dayIn = (days: number): string => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
/** The instant so many hours from now, to the second. */
export const instantIn = (hours: number): string =>
  `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19)}Z`;

export type OrderFacts = Readonly<Record<string, unknown>> & {
  readonly certificate?: Readonly<Record<string, unknown>>;
};

/** An order of CertCentral with these facts, in the words of order info; answers its id. */
export async function putOrder(emulator: EmulatorProcess, facts: OrderFacts): Promise<string> {
  const order = (await emulator.control('orders', { method: 'POST', body: facts })) as { id: number };
  return String(order.id);
}

/** Several orders, by names that a test gives them. */
export async function putOrders<Name extends string>(
  emulator: EmulatorProcess,
  orders: Readonly<Record<Name, OrderFacts>>,
): Promise<Readonly<Record<Name, string>>> {
  const ids: [string, string][] = [];
  // One after the other: ids grow in this order.
  for (const [name, facts] of Object.entries<OrderFacts>(orders)) ids.push([name, await putOrder(emulator, facts)]);
  return Object.fromEntries(ids) as Record<Name, string>;
}

export type ReportRow = Readonly<Record<string, unknown>>;

/** The rows of a report that went well, with the columns that are looked at. */
export async function rowsOf(caller: Caller, path: string, ...columns: readonly string[]): Promise<ReportRow[]> {
  const answer = await caller.report(path);
  expect({ path, status: answer.status, errors: answer.json.errors }).toEqual({ path, status: 200, errors: undefined });
  const rows = answer.json.rows!;
  if (columns.length === 0) return [...rows];
  return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
}

/** What an answer told of itself. */
export async function factsOf(caller: Caller, path: string): Promise<Readonly<Record<string, unknown>>> {
  const { json } = await caller.report(path);
  return json.extensions!['certfolio'] as Readonly<Record<string, unknown>>;
}
