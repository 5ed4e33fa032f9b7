import { beforeAll, describe, expect, it } from '@jest/globals';
import { askUpstream, createStage, dataOf, type HttpAnswer } from '../harness/index.ts';
import { askFresh, mirroredProduct, refreshMirror, untilMirror, type Mirrored } from './mirrored.ts';

const stage = createStage();

interface Copy {
  readonly id: number;
  readonly serial_number?: string;
  readonly thumbprint?: string;
}
interface Listed {
  readonly id: number;
  readonly has_duplicates: boolean;
  readonly has_reissues: boolean;
}

async function oneCopy({ emulator }: Mirrored, kind: 'duplicate' | 'reissue') {
  const { orders } = (await askUpstream(emulator, '/order/certificate')) as { orders: Listed[] };
  const info = async (id: number) =>
    (await askUpstream(emulator, `/order/certificate/${id}`)) as { certificate: { serial_number?: string } };
  for (const { id } of orders.filter((order) => (kind === 'duplicate' ? order.has_duplicates : order.has_reissues))) {
    const { certificates } = (await askUpstream(emulator, `/order/certificate/${id}/${kind}`)) as {
      certificates: Copy[];
    };
    const { certificate } = await info(id);
    // A reissue's newest entry is the present certificate itself.
    const copy = certificates.find(
      ({ serial_number: serial }) => serial !== undefined && serial !== certificate.serial_number,
    );
    if (copy !== undefined)
      return { orderId: String(id), serialNumber: copy.serial_number!, thumbprint: copy.thumbprint! };
  }
  throw new Error(`The emulator has no ${kind} with a serial number of its own.`);
}

const query = `query ($serial: String, $thumbprint: String) {
  certificate(serialNumber: $serial, thumbprint: $thumbprint) { kind serialNumber order { id } }
}`;
const codesOf = ({ json }: HttpAnswer) => json.errors?.map(({ extensions }) => extensions?.['code']);

/** Its list was read, and no order alone. */
let listed: Mirrored;
beforeAll(async () => {
  listed = await mirroredProduct(stage, { orders: 200 });
  await untilMirror(listed.product, ({ isFilled }) => isFilled);
});

describe('a look-up by serial number or thumbprint', () => {
  it('says incomplete before the other certificates of orders were read, and names a certificate it has', async () => {
    const { serialNumber } = await oneCopy(listed, 'duplicate');
    for (const fresh of ['mirror', 'live']) {
      const answer = await askFresh(listed.product, fresh, query, { serial: serialNumber });
      expect([fresh, answer.json.data, codesOf(answer)]).toEqual([fresh, { certificate: null }, ['INCOMPLETE']]);
      expect(answer.json.errors![0]!.message).toMatch(/incomplete: the other certificates of \d+ orders/);
      expect(answer.json.errors![0]!.extensions!['ordersLeft']).toBeGreaterThan(0);
    }
  });

  describe('with all of them read', () => {
    let mirrored: Mirrored;
    beforeAll(async () => {
      mirrored = await mirroredProduct(stage, { orders: 120 }, { mirror: { backfill: true } });
      await untilMirror(mirrored.product, ({ isComplete }) => isComplete, 120_000);
    }, 180_000);

    it.each(['duplicate', 'reissue'] as const)('finds a %s, from the mirror and live', async (kind) => {
      const { orderId, serialNumber, thumbprint } = await oneCopy(mirrored, kind);
      for (const fresh of ['mirror', 'live'])
        for (const variables of [{ serial: serialNumber }, { thumbprint }]) {
          const answer = await askFresh(mirrored.product, fresh, query, variables);
          expect([fresh, dataOf(answer)]).toEqual([
            fresh,
            { certificate: { kind, serialNumber, order: { id: orderId } } },
          ]);
        }
    });

    it('finds nothing where there is nothing', async () => {
      const answer = await askFresh(mirrored.product, 'mirror', query, { serial: 'ABCDEF0123456789' });
      expect([answer.json.data, codesOf(answer)]).toEqual([{ certificate: null }, undefined]);
    });

    it('shows another division nothing', async () => {
      const { serialNumber } = await oneCopy(mirrored, 'duplicate');
      const elsewhere = await mirrored.product.createKey({ name: 'elsewhere', level: 'OPEN', containers: [] });
      const { json } = await elsewhere.graphql(query, { serial: serialNumber });
      expect(json.data).toEqual({ certificate: null });
    });
  });
});

describe('a name that a wildcard covers', () => {
  it('finds the wildcard', async () => {
    const made = (await listed.emulator.control('orders', {
      method: 'POST',
      body: { status: 'issued', certificate: { common_name: '*.b.example.com', dns_names: ['*.b.example.com'] } },
    })) as { id: number };
    await refreshMirror(listed.product);
    const names = '{ orders(filter: { coversName: "a.b.example.com" }) { nodes { id } } }';
    expect(dataOf(await askFresh(listed.product, 'mirror', names))).toEqual({
      orders: { nodes: [{ id: String(made.id) }] },
    });
  });
});
