import { describe, expect, it } from '@jest/globals';
import { LookupIncomplete } from '@certfolio/core';
import { copy, ecRequest, OrdersAtHand, row, run } from './run-document.ts';

const order = row(730_011, { serialNumber: '0C1F', commonName: 'shop.acme.test', certificateId: 880_021, issuingCa: 'Acme CA', keySize: 2_048 }); // prettier-ignore
const duplicate = copy(880_031, {
  serialNumber: '0D2E', thumbprint: 'AB12', commonName: 'www.acme.test', dnsNames: ['*.acme.test'], validFrom: '2026-03-01' as never,
  validTill: '2026-11-30' as never, csr: ecRequest, signatureHash: 'sha384',
}); // prettier-ignore

function readerWith(kind: 'duplicate' | 'reissue'): OrdersAtHand {
  const reader = new OrdersAtHand([order]);
  const find = reader.findByCertificate.bind(reader);
  reader.findByCertificate = async (ref, read) =>
    'serialNumber' in ref && ref.serialNumber === duplicate.serialNumber
      ? { order, copy: { kind, certificate: duplicate } }
      : find(ref, read);
  return reader;
}

const fields =
  'id kind commonName dnsNames names wildcardNames validFrom validTill daysLeft validityDays serialNumber thumbprint dateIssued csr keyAlgorithm keySize signatureHash caCertId issuingCa serverPlatformId organizationUnits order { id certificate { kind serialNumber issuingCa } }';

describe('a certificate', () => {
  it.each(['duplicate', 'reissue'] as const)(
    'that is a %s has its own values and the order it belongs to',
    async (kind) => {
      const { data, errors } = await run(readerWith(kind), `{ certificate(serialNumber: "0d2e") { ${fields} } }`);
      expect(errors).toEqual([]);
      expect(data).toEqual({
      certificate: {
        id: '880031', kind, commonName: 'www.acme.test', dnsNames: ['*.acme.test'], names: ['www.acme.test', '*.acme.test'], wildcardNames: ['*.acme.test'], validFrom: '2026-03-01',
        validTill: '2026-11-30', daysLeft: 7, validityDays: 274, serialNumber: '0D2E', thumbprint: 'AB12', dateIssued: null, csr: ecRequest, keyAlgorithm: 'ECDSA', keySize: 256,
        signatureHash: 'sha384', caCertId: null, issuingCa: null, serverPlatformId: null, organizationUnits: null,
        order: { id: '730011', certificate: { kind: 'primary', serialNumber: '0C1F', issuingCa: 'Acme CA' } },
      },
    }); // prettier-ignore
    },
  );

  it('that is the present one says so', async () => {
    const { data } = await run(readerWith('duplicate'), '{ certificate(serialNumber: "0C1F") { id kind keySize } }');
    expect(data).toEqual({ certificate: { id: '880021', kind: 'primary', keySize: 2_048 } });
  });

  it('that may not have been read yet is an error with what is left, and null', async () => {
    const reader = new OrdersAtHand();
    reader.findByCertificate = () => Promise.reject(new LookupIncomplete('certificate', 12));
    const { data, errors } = await run(reader, '{ certificate(thumbprint: "AB") { id } order(id: 1) { id } }');
    expect(data).toEqual({ certificate: null, order: null });
    expect(errors).toMatchObject([{ code: 'INCOMPLETE', path: ['certificate'], details: { ordersLeft: 12 } }]);
  });
});

describe('references to certificates', () => {
  const text =
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Certificate { kind serialNumber commonName order { id } } } }';

  it('are resolved by serial number in either case, those of copies too, unknown ones to null', async () => {
    const representations = ['0c1f', '0D2E', 'FF', null, '0C:1F', ''].map((serialNumber) => ({
      __typename: 'Certificate',
      serialNumber,
    }));
    const reader = readerWith('reissue');
    const { data, errors } = await run(reader, text, { r: representations });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      _entities: [
        { kind: 'primary', serialNumber: '0C1F', commonName: 'shop.acme.test', order: { id: '730011' } },
        { kind: 'reissue', serialNumber: '0D2E', commonName: 'www.acme.test', order: { id: '730011' } },
        null,
        null,
        null,
        null,
      ],
    });
    expect(reader.byCertificate.map(({ ref }) => ref)).toEqual([{ serialNumber: '0C1F' }, { serialNumber: 'FF' }]);
    expect([...reader.byCertificate[0]!.read.fields].sort()).toEqual(['commonName', 'id', 'serialNumber']);
  });
});
