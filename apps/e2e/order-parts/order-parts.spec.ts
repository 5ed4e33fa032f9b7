import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import {
  askUpstream,
  callsOf,
  createFreshProducts,
  createStage,
  dataOf,
  type ProductProcess,
} from '../harness/index.ts';

interface Copy {
  readonly id: string;
  readonly kind: string;
  readonly serialNumber: string | null;
  readonly keyAlgorithm: string | null;
  readonly keySize: number | null;
}
interface OrderWithCopies {
  readonly id: string;
  readonly hasDuplicates: boolean;
  readonly hasReissues: boolean;
  readonly duplicates: readonly Copy[];
  readonly reissues: readonly Copy[];
}

const stage = createStage();
const freshProductOn = createFreshProducts(stage);
let emulator: EmulatorProcess;
let product: ProductProcess;

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 1_000 });
  product = await freshProductOn(emulator);
});

const idsUpstream = async (id: string, part: 'duplicate' | 'reissue') =>
  (
    (await askUpstream(emulator, `/order/certificate/${id}/${part}`)) as { certificates?: { id: number }[] }
  ).certificates?.map((certificate) => String(certificate.id)) ?? [];

describe('parts of orders cost', () => {
  it('no more points than a full page of a report may have', async () => {
    const text =
      '{ orders(first: 1000, filter: { id: { in: [1] } }) { nodes { id user { email } duplicates { id user { email } } reissues { id user { email } } requests { id } notes { text } validation { dnsNameValidations { status domain { id } } organizationValidations { type verificationDetails { step } } } } } }';
    expect(dataOf(await product.admin.graphql(text))).toEqual({ orders: { nodes: [] } });
  });

  it('for 20 orders with duplicates: the list, and one call for each', async () => {
    const { result, stats } = await callsOf(emulator, () =>
      product.admin.graphql(
        '{ orders(first: 20, filter: { hasDuplicates: true }) { nodes { id duplicates { id kind serialNumber keyAlgorithm keySize } } } }',
      ),
    );
    const { nodes } = dataOf<{ orders: { nodes: OrderWithCopies[] } }>(result).orders;
    expect(nodes).toHaveLength(20);
    expect(stats.calls).toEqual({ 'GET /order/certificate': 1, 'GET /order/certificate/{id}/duplicate': 20 });
    for (const { id, duplicates } of nodes)
      expect(duplicates.map((copy) => copy.id)).toEqual(await idsUpstream(id, 'duplicate'));
    const copies = nodes.flatMap(({ duplicates }) => duplicates);
    expect(new Set(copies.map(({ kind }) => kind))).toEqual(new Set(['duplicate']));
    expect(copies.filter(({ keyAlgorithm, keySize }) => keyAlgorithm === null || keySize === null)).toEqual([]);
  });

  it('for a page of all sorts of orders: nothing for those that have none', async () => {
    const { result, stats } = await callsOf(emulator, () =>
      product.admin.graphql(
        '{ orders(first: 60) { nodes { id hasDuplicates hasReissues duplicates { id } reissues { id kind } } } }',
      ),
    );
    const { nodes } = dataOf<{ orders: { nodes: OrderWithCopies[] } }>(result).orders;
    const duplicated = nodes.filter(({ hasDuplicates }) => hasDuplicates);
    const reissued = nodes.filter(({ hasReissues }) => hasReissues);
    expect(Math.min(duplicated.length, reissued.length)).toBeGreaterThan(1);
    expect(stats.calls).toEqual({
      'GET /order/certificate': 1,
      'GET /order/certificate/{id}/duplicate': duplicated.length,
      'GET /order/certificate/{id}/reissue': reissued.length,
    });
    for (const { id, hasReissues, reissues } of nodes)
      expect(reissues.map((copy) => copy.id)).toEqual(hasReissues ? await idsUpstream(id, 'reissue') : []);
  });

  it('for requests and notes: one order info that both share; for validation a call of its own', async () => {
    const { result, stats } = await callsOf(emulator, () =>
      product.admin.graphql(
        '{ orders(first: 4) { nodes { id requests { id type status } notes { id text } validation { status organization { id } organizationValidations { type status } dnsNameValidations { domain { id } dnsNames } } } } }',
      ),
    );
    const { nodes } = dataOf<{
      orders: { nodes: { requests: unknown[]; validation: { dnsNameValidations: unknown[] } }[] };
    }>(result).orders;
    expect(
      nodes.filter(({ requests, validation }) => requests.length > 0 && validation.dnsNameValidations.length > 0)
        .length,
    ).toBeGreaterThan(0);
    expect(stats.calls).toEqual({
      'GET /order/certificate': 1,
      'GET /order/certificate/{id}': 4,
      'GET /order/certificate/{id}/validation': 4,
    });
  });
});
