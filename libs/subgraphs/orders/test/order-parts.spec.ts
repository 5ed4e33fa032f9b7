import { describe, expect, it } from '@jest/globals';
import { UpstreamUnavailable, type OrderValidation } from '@certfolio/core';
import { contextOf, copy, ecRequest, interpret, OrdersAtHand, PartsAtHand, row, run } from './run-document.ts';

describe('duplicates and reissues', () => {
  it('have the facts of a certificate, those that nobody gives null', async () => {
    const csr = ecRequest;
    const parts = new PartsAtHand({
      duplicates: {
        1: [
          copy(880_031, {
            thumbprint: 'AB', serialNumber: '0C1F', commonName: '*.acme.test', dnsNames: ['acme.test'], status: 'approved', dateCreated: '2026-03-02T10:00:00Z' as never,
            validFrom: '2026-03-01' as never, validTill: '2026-11-30' as never, csr, signatureHash: 'sha256', isArchived: true, userId: 3_001, userFirstName: 'Bo',
          }),
        ],
      },
      reissues: { 1: [copy(880_032, { dateIssued: '2026-03-05T10:00:00Z' as never, keySize: 4_096, csr, userEmail: 'bo@acme.test', receiptId: 6_001, purchasedDnsNames: 2 })] },
    }); // prettier-ignore
    const fields =
      'id kind status commonName dnsNames names wildcardNames dateCreated dateIssued validFrom validTill daysLeft validityDays serialNumber thumbprint csr keyAlgorithm keySize signatureHash isArchived user { id firstName lastName email user { id } } receiptId purchasedDnsNames';
    const text = `{ order(id: 1) { duplicates { ${fields} } reissues { ${fields} } } }`;
    const { data, errors } = await run(new OrdersAtHand([row(1)], parts), text);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      order: {
        duplicates: [
          {
            id: '880031', kind: 'duplicate', status: 'approved', commonName: '*.acme.test', dnsNames: ['acme.test'], names: ['*.acme.test', 'acme.test'], wildcardNames: ['*.acme.test'],
            dateCreated: '2026-03-02T10:00:00Z', dateIssued: null, validFrom: '2026-03-01', validTill: '2026-11-30', daysLeft: 7, validityDays: 274, serialNumber: '0C1F', thumbprint: 'AB',
            csr, keyAlgorithm: 'ECDSA', keySize: 256, signatureHash: 'sha256', isArchived: true, user: { id: '3001', firstName: 'Bo', lastName: null, email: null, user: { id: '3001' } }, receiptId: null, purchasedDnsNames: null,
          },
        ],
        reissues: [
          {
            id: '880032', kind: 'reissue', status: null, commonName: null, dnsNames: null, names: [], wildcardNames: [], dateCreated: null, dateIssued: '2026-03-05T10:00:00Z', validFrom: null, validTill: null,
            daysLeft: null, validityDays: null, serialNumber: null, thumbprint: null, csr, keyAlgorithm: 'ECDSA', keySize: 4_096, signatureHash: null, isArchived: false,
            user: { id: null, firstName: null, lastName: null, email: 'bo@acme.test', user: null }, receiptId: '6001', purchasedDnsNames: 2,
          },
        ],
      },
    }); // prettier-ignore
  });

  it('have no key where there is no request, or one that cannot be read', async () => {
    const parts = new PartsAtHand({ duplicates: { 1: [copy(1), copy(2, { csr: 'nonsense' })] } });
    const { data } = await run(
      new OrdersAtHand([row(1)], parts),
      '{ order(id: 1) { duplicates { keyAlgorithm keySize } } }',
    );
    const none = { keyAlgorithm: null, keySize: null };
    expect(data).toEqual({ order: { duplicates: [none, none] } });
  });

  it('are asked for in one batch, and not for orders that have none', async () => {
    const orders = [
      row(1, { hasDuplicates: true, hasReissues: false }),
      row(2, { hasDuplicates: false, hasReissues: true }),
      row(3, { hasDuplicates: true, hasReissues: null }),
      row(4),
    ];
    const parts = new PartsAtHand({ duplicates: { 1: [copy(11)], 3: [] }, reissues: { 2: [copy(22)] } });
    const text = '{ orders { nodes { id duplicates { id } reissues { id } } } }';
    const { data } = await run(new OrdersAtHand(orders, parts), text);
    expect(parts.asked.map(({ part, ids }) => [part, ids])).toEqual([
      ['duplicates', [1, 3, 4]],
      ['reissues', [2, 3, 4]],
    ]);
    expect(data).toEqual({
      orders: {
        nodes: [
          { id: '1', duplicates: [{ id: '11' }], reissues: [] },
          { id: '2', duplicates: [], reissues: [{ id: '22' }] },
          { id: '3', duplicates: [], reissues: null },
          { id: '4', duplicates: null, reissues: null },
        ],
      },
    });
  });

  it('are asked for once where the same order stands in an answer twice', async () => {
    const parts = new PartsAtHand({ duplicates: { 1: [copy(11)] } });
    await run(
      new OrdersAtHand([row(1)], parts),
      '{ a: order(id: 1) { duplicates { id } } b: order(id: 1) { status duplicates { id } } orders { nodes { duplicates { id } } } }',
    );
    expect(parts.asked.map(({ ids }) => ids)).toEqual([[1]]);
  });

  it('are not kept for the next request', async () => {
    const parts = new PartsAtHand();
    const reader = new OrdersAtHand([row(1)], parts);
    for (const context of [contextOf(), contextOf()])
      await run(reader, '{ order(id: 1) { duplicates { id } } }', {}, context);
    expect(parts.asked).toHaveLength(2);
  });

  it('are read with the deadline, scope and lane of the request', async () => {
    const parts = new PartsAtHand();
    const context = contextOf({ maxAgeMs: 5_000 });
    await run(new OrdersAtHand([row(1)], parts), '{ order(id: 1) { notes { id } } }', {}, context);
    expect(parts.asked[0]!.read).toMatchObject({ maxAgeMs: 5_000, deadline: context.deadline, ledger: context.ledger });
  });
});

describe('requests, notes and validation', () => {
  const validation = {
    orderId: 1, status: 'pending', nameScope: 'base_domain', dcvMethod: 'email', organizationId: 5_001, organizationName: 'Acme Test',
    organizationValidations: [
      {
        type: 'ov', name: 'OV', description: 'Normal Organization Validation', dateCreated: '2026-01-01T00:00:00Z', validatedUntil: null, status: 'pending',
        verifiedContacts: [{ id: 7, firstName: 'Ada', lastName: 'Ray', email: 'ada@acme.test', status: 'active' }],
        verificationDetails: [{ step: 'address_verification', status: 'complete' }],
      },
    ],
    dnsNameValidations: [
      { domainId: 12, nameScope: 'acme.test', approvalScope: 'acme.test', status: 'unapproved', method: 'email', dnsNames: ['www.acme.test'] },
      { domainId: null, nameScope: null, approvalScope: null, status: null, method: null, dnsNames: [] },
    ],
  } as unknown as OrderValidation; // prettier-ignore

  it('are given as they stand below the order', async () => {
    const parts = new PartsAtHand({
      requests: {
        1: [{ id: 41, date: '2026-02-01T09:00:00Z' as never, type: 'new_request', status: 'approved', comments: null }],
      },
      notes: { 1: [{ id: 51, text: 'moved to CDN' }] },
      validation: { 1: validation },
    });
    const text = `{ order(id: 1) {
      requests { id date type status comments } notes { id text }
      validation { status nameScope dcvMethod organization { __typename id name }
        organizationValidations { type name description dateCreated validatedUntil status verifiedContacts { firstName lastName email status } verificationDetails { step status } }
        dnsNameValidations { domain { __typename id } nameScope approvalScope status method dnsNames } }
    } }`;
    const { data, errors } = await run(new OrdersAtHand([row(1)], parts), text);
    expect(errors).toEqual([]);
    expect(data).toEqual({
      order: {
        requests: [{ id: '41', date: '2026-02-01T09:00:00Z', type: 'new_request', status: 'approved', comments: null }],
        notes: [{ id: '51', text: 'moved to CDN' }],
        validation: {
          status: 'pending', nameScope: 'base_domain', dcvMethod: 'email', organization: { __typename: 'Organization', id: '5001', name: 'Acme Test' },
          organizationValidations: [
            {
              type: 'ov', name: 'OV', description: 'Normal Organization Validation', dateCreated: '2026-01-01T00:00:00Z', validatedUntil: null, status: 'pending',
              verifiedContacts: [{ firstName: 'Ada', lastName: 'Ray', email: 'ada@acme.test', status: 'active' }],
              verificationDetails: [{ step: 'address_verification', status: 'complete' }],
            },
          ],
          dnsNameValidations: [
            { domain: { __typename: 'Domain', id: '12' }, nameScope: 'acme.test', approvalScope: 'acme.test', status: 'unapproved', method: 'email', dnsNames: ['www.acme.test'] },
            { domain: null, nameScope: null, approvalScope: null, status: null, method: null, dnsNames: [] },
          ],
        },
      },
    }); // prettier-ignore
  });

  it('are null where an order has none or is gone', async () => {
    const { data } = await run(
      new OrdersAtHand([row(1)]),
      '{ order(id: 1) { requests { id } notes { id } validation { status } } }',
    );
    expect(data).toEqual({ order: { requests: null, notes: null, validation: null } });
  });

  it('fail by themselves, with the code of the reader', async () => {
    const parts = new PartsAtHand({ notes: { 1: [{ id: 51, text: 'x' }] } });
    const find = parts.find.bind(parts);
    parts.find = (part, ids, read) =>
      part === 'validation'
        ? Promise.reject(new UpstreamUnavailable('GET /order/certificate/{order_id}/validation', 'status 503'))
        : find(part, ids, read);
    const { data, errors } = await run(
      new OrdersAtHand([row(1), row(2)], parts),
      '{ orders { nodes { id notes { text } validation { status } } } }',
    );
    expect(data).toEqual({
      orders: {
        nodes: [
          { id: '1', notes: [{ text: 'x' }], validation: null },
          { id: '2', notes: null, validation: null },
        ],
      },
    });
    expect(errors).toMatchObject([
      { code: 'UPSTREAM_UNAVAILABLE', path: ['orders', 'nodes', 0, 'validation'] },
      { code: 'UPSTREAM_UNAVAILABLE', path: ['orders', 'nodes', 1, 'validation'] },
    ]);
  });

  it('are the same compiled and interpreted', async () => {
    const parts = { duplicates: { 1: [copy(3, { commonName: 'a.test' })] }, validation: { 1: validation } };
    const text =
      '{ order(id: 1) { duplicates { names kind user { id } } validation { dnsNameValidations { domain { id } } } } }';
    expect(await run(new OrdersAtHand([row(1)], new PartsAtHand(parts)), text)).toEqual(
      await interpret(new OrdersAtHand([row(1)], new PartsAtHand(parts)), text),
    );
  });
});
