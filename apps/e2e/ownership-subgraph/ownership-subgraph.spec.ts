import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { ReadLedger, everything, type RequestContext } from '@certfolio/core';
import { signIdentity } from '@certfolio/graph-kit';
import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream, callsOf, createStage, dataOf, type HttpAnswer, type ProductProcess } from '../harness/index.ts';
import { startOwnership, type OwnershipProcess } from './ownership-process.ts';

interface ListedOrder {
  readonly id: number;
  readonly certificate: { readonly common_name?: string };
}
interface OwnedOrder {
  readonly id: string;
  readonly ownerTeam: string | null;
  readonly ownerContact: string | null;
  readonly certificate: { readonly commonName: string | null };
}

const repository = join(import.meta.dirname, '../../..');
const template = `query OwnedOrders($first: Int = 1000, $after: String) {
  orders(orderBy: [{ field: id }], first: $first, after: $after) {
    nodes {
      id
      ownerTeam
      ownerContact
      certificate {
        commonName
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;
const metadata = `name: owned-orders
version: 1
state: approved
title: Orders by owner
question: Whom do I ask about a certificate?
owner: pki
tags: [ownership]
rows: orders.nodes
paging: { first: first, after: after, pageInfo: orders.pageInfo, pageSize: 1000 }
variables:
  first: { description: Rows of one page, min: 1, max: 1000 }
  after: { description: Cursor of the page before }
columns:
  - { path: id, title: order_id }
  - { path: ownerTeam, title: owner_team }
  - { path: ownerContact, title: owner_contact }
  - { path: certificate.commonName, title: common_name }
`;

const stage = createStage();
let emulator: EmulatorProcess;
let product: ProductProcess;
let ownership: OwnershipProcess;
let ownersFile: string;
let templatesDir: string;
let listed: readonly ListedOrder[];
let own: ListedOrder;
let named: ListedOrder;

const productEnv = (url: string) => ({
  CERTFOLIO_SUBGRAPH_URLS: `ownership=${url}`,
  CERTFOLIO_INTERNAL_SECRET: randomBytes(32).toString('hex'),
  CERTFOLIO_TEMPLATES_DIR: templatesDir,
});

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'certfolio-ownership-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  emulator = await stage.emulator({ orders: 60 });
  listed = ((await askUpstream(emulator, '/order/certificate')) as { orders: ListedOrder[] }).orders;
  own = listed[0]!;
  named = listed.find(
    ({ certificate: { common_name: name } }) => name !== undefined && name !== own.certificate.common_name,
  )!;

  ownersFile = join(folder, 'owners.yaml');
  const owners = [
    { orders: [own.id], team: 'payments', contact: 'payments@acme.test' },
    { commonName: named.certificate.common_name!.replace(/^[^.]+/, '*'), team: 'webshop' },
  ];
  await writeFile(ownersFile, stringify(owners));
  templatesDir = join(folder, 'templates');
  await mkdir(templatesDir);
  await cp(join(repository, 'templates'), templatesDir, { recursive: true });
  await writeFile(join(templatesDir, 'owned-orders.graphql'), template);
  await writeFile(join(templatesDir, 'owned-orders.yaml'), metadata);

  ownership = await startOwnership(ownersFile);
  stage.defer(() => ownership.stop());
  product = await stage.productOn(emulator, { env: productEnv(ownership.url) });
});

/** The owner that the file names, worked out here from what CertCentral says. */
function ownerOf({ id, certificate: { common_name: name } }: ListedOrder): readonly [string | null, string | null] {
  if (id === own.id) return ['payments', 'payments@acme.test'];
  const domain = named.certificate.common_name!.replace(/^[^.]+/, '');
  return name?.toLowerCase().endsWith(domain) ? ['webshop', null] : [null, null];
}

const byId = (first?: number): Promise<HttpAnswer> =>
  product.admin.fetch(
    `/graphql/owned-orders${first === undefined ? '' : `?variables=${encodeURIComponent(JSON.stringify({ first }))}`}`,
  );
const nodesOf = (answer: HttpAnswer) => (answer.json.data as { orders: { nodes: OwnedOrder[] } }).orders.nodes;

describe('the ownership example beside the product', () => {
  it('gives an order its owner in a template, by id and by name', async () => {
    const { result, stats } = await callsOf(emulator, () => byId());
    dataOf(result);
    expect(nodesOf(result).map(({ id, ownerTeam, ownerContact }) => [id, ownerTeam, ownerContact])).toEqual(
      listed.map((order) => [String(order.id), ...ownerOf(order)]),
    );
    expect(new Set(nodesOf(result).map(({ ownerTeam }) => ownerTeam))).toEqual(new Set(['payments', 'webshop', null]));
    expect(stats.total).toBe(1);
    const csv = await product.admin.report('owned-orders.csv');
    expect(csv.text.split('\r\n')[0]).toBe('order_id,owner_team,owner_contact,common_name');
    expect(csv.text).toContain(`\r\n${own.id},payments,payments@acme.test,`);
  });

  it('leaves the other fields intact when it is away, names the subgraph, and is whole again without a restart', async () => {
    const whole = nodesOf(await byId());
    await ownership.stop();

    const partial = await byId();
    expect(partial.status).toBe(200);
    expect(nodesOf(partial)).toEqual(whole.map((order) => ({ ...order, ownerTeam: null, ownerContact: null })));
    expect(partial.json.errors![0]).toMatchObject({
      message: expect.stringContaining('ownership'),
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'ownership' },
    });
    // Who does not ask for an owner notices nothing.
    dataOf(await product.admin.graphql('{ orders(first: 3) { nodes { id certificate { commonName } } } }'));

    ownership = await startOwnership(ownersFile, ownership.port);
    const again = await byId();
    dataOf(again);
    expect(nodesOf(again)).toEqual(whole);
  });
});

it("the README's check of an identity accepts what the gateway signs and nothing else", async () => {
  const readme = await readFile(join(repository, 'examples/ownership-subgraph/README.md'), 'utf8');
  const code = /```js\n(.*?)```/s.exec(readme)![1]!;
  const { identityOf } = (await import(
    `data:text/javascript,${encodeURIComponent(`${code}\nexport { identityOf };`)}`
  )) as { identityOf: (header: string | undefined, secret: string) => { principal: { keyId: string } } | null };
  const secret = randomBytes(32).toString('hex');
  const context: RequestContext = {
    requestId: 'request-1',
    principal: {
      keyId: 'caller0001', keyName: 'a caller', owner: 'pki', level: 'open', templates: 'all', scopes: new Set(), scope: everything, fields: 'all',
      limits: { requestsPerMinute: 1, burst: 1, costPerMinute: 1, rows: 1, concurrent: 1, mode: 'enforce' }, account: 'default', lane: 'interactive',
    },
    deadline: new Date(), signal: new AbortController().signal, maxAgeMs: 0, planOnly: false, run: null, ledger: new ReadLedger(),
  }; // prettier-ignore
  const header = signIdentity(context, secret, Date.now());
  expect(identityOf(header, secret)?.principal.keyId).toBe('caller0001');
  expect(identityOf(signIdentity(context, secret, Date.now() - 61_000), secret)).toBeNull();
  expect(identityOf(header, `${secret}x`)).toBeNull();
  for (const other of [undefined, '', '.', header.split('.')[0], `${header.slice(0, -2)}AA`, `x${header}`])
    expect(identityOf(other, secret)).toBeNull();
});
