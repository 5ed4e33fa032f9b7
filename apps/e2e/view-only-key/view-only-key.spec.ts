import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import {
  askUpstream,
  callsOf,
  createFreshProducts,
  createStage,
  customReportsFields,
  dataOf,
  toldFacts,
  type ProductProcess,
} from '../harness/index.ts';

const stage = createStage();
const freshProductOn = createFreshProducts(stage);

describe('with an upstream key that may only look', () => {
  let emulator: EmulatorProcess;
  let product: ProductProcess;

  beforeAll(async () => {
    emulator = await stage.emulator({ orders: 50, keys: 'looks:view-only,all:full' });
    product = await freshProductOn(emulator, 'looks');
  });

  it('what only order info has comes from there', async () => {
    const { orders: listed } = (await askUpstream(emulator, '/order/certificate', 'all')) as {
      orders: { id: number }[];
    };
    const infos = (await Promise.all(
      listed.map(({ id }) => askUpstream(emulator, `/order/certificate/${id}`, 'all')),
    )) as OrderInfo[];
    const { result, stats } = await callsOf(emulator, () =>
      product.admin.graphql(`{ orders(orderBy: [{ field: id }]) { nodes {
        id currency isRenewal renewalOfOrderId technicalContact { email } user { id email }
        certificate { keySize dateIssued thumbprint csr caCertId } dcvMethod autoRenew
      } } }`),
    );
    const { nodes } = dataOf<{ orders: { nodes: OrderNode[] } }>(result).orders;
    const iso = (text: string | undefined) => (text === undefined ? null : new Date(text).toISOString());
    expect(
      nodes.map((node) => ({
        ...node,
        certificate: { ...node.certificate, dateIssued: iso(node.certificate.dateIssued ?? undefined) },
      })),
    ).toEqual(
      infos.map((info) => ({
        id: String(info.id),
        currency: info.currency ?? null,
        isRenewal: info.is_renewal,
        renewalOfOrderId: info.renewal_of_order_id ? String(info.renewal_of_order_id) : null,
        technicalContact: info.technical_contact === undefined ? null : { email: info.technical_contact.email },
        user: { id: String(info.user.id), email: info.user.email },
        certificate: {
          keySize: info.certificate.key_size ?? null,
          dateIssued: iso(info.certificate.date_issued),
          thumbprint: info.certificate.thumbprint?.toUpperCase() ?? null,
          csr: info.certificate.csr ?? null,
          caCertId: info.certificate.ca_cert?.id ?? null,
        },
        dcvMethod: info.dcv_method ?? null,
        autoRenew: info.auto_renew === 1,
      })),
    );
    expect(stats.calls['GET /order/certificate/{order_id}'] ?? stats.calls['GET /order/certificate/{id}']).toBe(50);
    expect(stats.limited).toBe(0);
    expect(toldFacts(result).unavailableFields).toEqual([]);
  });

  it('no field of Custom Reports is null without being named', async () => {
    const fields = await customReportsFields(product);
    const query = `{ order_details { ${fields.join(' ')} } }`;
    const response = await fetch(`${emulator.baseUrl}/reports/query`, {
      method: 'POST',
      headers: { 'X-DC-DEVKEY': 'all', 'Content-Type': 'application/graphql' },
      body: query,
    });
    const theirs = ((await response.json()) as { data: { order_details: Record<string, string | null>[] } }).data
      .order_details;
    const answer = await product.admin.graphql(query);
    const ours = dataOf<{ order_details: Record<string, string | null>[] }>(answer).order_details;
    expect(ours).toHaveLength(50);
    const byId = new Map(theirs.map((row) => [row['id'], row]));
    const differing = new Set(
      ours.flatMap((row) => fields.filter((field) => row[field] !== byId.get(row['id']!)![field])),
    );
    const { unavailableFields } = toldFacts(answer);
    expect([...differing].filter((field) => !unavailableFields.includes(field))).toEqual([]);
  });

  it('a field that cannot be given beside the others is named', async () => {
    const answer = await product.admin.graphql(
      '{ orders(first: 3) { nodes { id agreementId hasReissues plusFeature } } }',
    );
    const { nodes } = dataOf<{ orders: { nodes: Record<string, unknown>[] } }>(answer).orders;
    const { unavailableFields } = toldFacts(answer);
    const nullInAll = ['agreementId', 'hasReissues', 'plusFeature'].filter((field) =>
      nodes.every((node) => node[field] === null),
    );
    expect(unavailableFields.length).toBeGreaterThan(0);
    expect(nullInAll).toEqual([...unavailableFields].sort());
  });
});

interface OrderInfo {
  readonly id: number;
  readonly currency?: string;
  readonly is_renewal: boolean;
  readonly renewal_of_order_id?: number;
  readonly technical_contact?: { readonly email: string };
  readonly user: { readonly id: number; readonly email: string };
  readonly auto_renew: number;
  readonly dcv_method?: string;
  readonly certificate: {
    readonly key_size?: number;
    readonly date_issued?: string;
    readonly thumbprint?: string;
    readonly csr?: string;
    readonly ca_cert?: { readonly id: string };
  };
}

interface OrderNode {
  readonly certificate: { readonly dateIssued: string | null };
}
