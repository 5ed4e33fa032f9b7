import { beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createStage, dataOf, type Caller } from '../harness/index.ts';

/** `sha256sum templates/expiring-soon.graphql`. */
const id = createHash('sha256')
  .update(readFileSync(new URL('../../../templates/expiring-soon.graphql', import.meta.url)))
  .digest('hex');

const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const expired = [-40, -10, -1];
const due = [0, 1, 15, 29];
const dueAndRenewed = 30;
const later = [31, 200];

const stage = createStage();
let reader: Caller;
const idsByDay = new Map<number, string>();

beforeAll(async () => {
  // As on a first start: no key of CertCentral, so the bundled emulator.
  const product = await stage.product({ env: { EMULATOR_ORDERS: '0' } });
  const { upstream } = dataOf<{ upstream: { host: string } }>(await product.admin.graphql('{ upstream { host } }'));
  for (const days of [...expired, ...due, dueAndRenewed, ...later]) {
    const response = await fetch(`http://${upstream.host}/__emulator/orders`, {
      method: 'POST',
      body: JSON.stringify({
        certificate: { valid_till: dayIn(days) },
        ...(days === dueAndRenewed ? { is_renewed: true } : {}),
      }),
    });
    const order = (await response.json()) as { id: number };
    idsByDay.set(days, String(order.id));
  }
  reader = await product.createKey({ name: 'on-call', level: 'ID_ONLY', templates: { names: ['expiring-soon'] } });
});

const idsOf = (days: readonly number[]) => days.map((day) => idsByDay.get(day));
const notRenewed = () => idsOf(due);
const withRenewed = () => idsOf([...due, dueAndRenewed]);
const nodesOf = (answer: Awaited<ReturnType<Caller['fetch']>>) =>
  dataOf<{ orders: { nodes: { id: string }[] } }>(answer).orders.nodes.map((node) => node.id);

describe('expiring-soon finds what is due within 30 days, the days at both ends included, soonest first', () => {
  const post = (body: object) =>
    reader.fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const get = (variables?: object) =>
    reader.fetch(
      `/graphql?documentId=sha256:${id}${variables === undefined ? '' : `&variables=${encodeURIComponent(JSON.stringify(variables))}`}`,
    );

  it('by id, by POST', async () => {
    expect(nodesOf(await post({ documentId: `sha256:${id}` }))).toEqual(notRenewed());
    expect(nodesOf(await post({ documentId: `sha256:${id}`, variables: { excludeRenewed: false } }))).toEqual(
      withRenewed(),
    );
    expect(nodesOf(await post({ documentId: `sha256:${id}`, variables: { days: 29, excludeRenewed: false } }))).toEqual(
      notRenewed(),
    );
  });

  it('by id, by GET', async () => {
    expect(nodesOf(await get())).toEqual(notRenewed());
    expect(nodesOf(await get({ excludeRenewed: false }))).toEqual(withRenewed());
    expect(nodesOf(await reader.fetch(`/graphql/${id}`))).toEqual(notRenewed());
  });

  it('by name as JSON', async () => {
    const rowsOf = async (path: string) => (await reader.report(path)).json.rows!.map((row) => row['order_id']);
    expect(await rowsOf('expiring-soon')).toEqual(notRenewed());
    expect(await rowsOf('expiring-soon.json?excludeRenewed=false')).toEqual(withRenewed());
    expect((await reader.report('expiring-soon.json')).json.extensions).toMatchObject({
      certfolio: {
        rows: 4,
        truncated: false,
        unavailableFields: [],
        template: { name: 'expiring-soon', version: 1, id },
      },
    });
  });

  it('by name as CSV', async () => {
    const linesOf = async (path: string) => (await reader.report(path)).text.trimEnd().split('\r\n');
    const [head, ...rows] = await linesOf('expiring-soon.csv');
    expect(head).toContain('order_id,common_name,dns_names,valid_till,days_left');
    expect(rows.map((row) => row.split(',', 1)[0])).toEqual(notRenewed());
    expect(
      (await linesOf('expiring-soon@1.csv?excludeRenewed=false')).slice(1).map((row) => row.split(',', 1)[0]),
    ).toEqual(withRenewed());
  });

  it('tells days left and the last day of each', async () => {
    const { rows } = (await reader.report('expiring-soon.json?days=30&excludeRenewed=false')).json;
    expect(rows!.map(({ days_left }) => days_left)).toEqual([...due, dueAndRenewed]);
    expect(rows!.map(({ valid_till }) => valid_till)).toEqual([...due, dueAndRenewed].map(dayIn));
  });
});
