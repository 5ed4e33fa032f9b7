import { describe, expect, it } from '@jest/globals';
import { BadUserInput } from '@certfolio/core';
import { conditionsOf, sortOf, type OrderFilterInput } from './filters.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
const of = (filter: OrderFilterInput | null | undefined) => conditionsOf(filter, nowMs);
const inValues = (field: string, ...values: unknown[]) => ({ op: 'in', field, values });
const not = (condition: object) => ({ op: 'not', condition });

describe('OrderFilter', () => {
  it.each<[OrderFilterInput, readonly object[]]>([
    [{ id: { in: ['730011', 730012] } }, [inValues('id', 730011, 730012)]],
    [{ containerId: { not: ['14'] } }, [not(inValues('containerId', 14))]],
    [{ status: { in: ['issued', 'pending'] } }, [inValues('status', 'issued', 'pending')]],
    [{ commonName: { eq: 'shop.acme.test' } }, [inValues('commonName', 'shop.acme.test')]],
    [
      { commonName: { like: '%.acme.test', contains: 'shop' } },
      [
        { op: 'like', field: 'commonName', pattern: '%.acme.test' },
        { op: 'contains', field: 'commonName', text: 'shop' },
      ],
    ],
    [{ dnsName: { eq: 'www.acme.test' } }, [inValues('dnsNames', 'www.acme.test')]],
    [{ serialNumber: { in: ['0c1f'] } }, [inValues('serialNumber', '0C1F')]],
    [{ thumbprint: { not: ['ab'] } }, [not(inValues('thumbprint', 'AB'))]],
    [{ keySize: { lt: 3072 } }, [{ op: 'range', field: 'keySize', lt: 3072 }]],
    [
      { keySize: { gte: 0, lte: 2048, eq: 2048 } },
      [inValues('keySize', 2048), { op: 'range', field: 'keySize', gte: 0, lte: 2048 }],
    ],
    [{ userEmail: { isNull: true } }, [{ op: 'isNull', field: 'userEmail', isNull: true }]],
    [{ isRenewed: false }, [inValues('isRenewed', false)]],
    [{ excludeRenewed: true }, [not(inValues('isRenewed', true))]],
    [{ excludeRenewed: false }, []],
    [{ validTill: { nextDays: 30 } }, [{ op: 'range', field: 'validTill', gte: '2026-11-23', lte: '2026-12-23' }]],
    [{ dateCreated: { lte: '2026-11-20' } }, [{ op: 'range', field: 'dateCreated', lt: '2026-11-21T00:00:00Z' }]],
    [
      { dateCreated: { gte: '2026-11-20' }, timeZone: 'Europe/Berlin' },
      [{ op: 'range', field: 'dateCreated', gte: '2026-11-19T23:00:00Z' }],
    ],
    [
      { coversName: 'shop.acme.test', isWildcard: true, search: 'acme' },
      [
        { op: 'coversName', name: 'shop.acme.test' },
        { op: 'isWildcard', isWildcard: true },
        { op: 'search', text: 'acme' },
      ],
    ],
    [
      { anyOf: [{ isRenewed: true }, { autoRenew: true }] },
      [{ op: 'anyOf', conditions: [inValues('isRenewed', true), inValues('autoRenew', true)] }],
    ],
    [{ not: { isRenewed: true } }, [not(inValues('isRenewed', true))]],
    [{ keyAlgorithm: { not: ['RSA'] } }, [not(inValues('keyAlgorithm', 'RSA'))]],
    [{ certificateId: { in: ['880021'] } }, [inValues('certificateId', 880021)]],
    [
      { organizationName: { contains: 'acme' }, containerName: { like: 'Ret%' }, techEmail: { isNull: true } },
      [
        { op: 'like', field: 'containerName', pattern: 'Ret%' },
        { op: 'contains', field: 'organizationName', text: 'acme' },
        { op: 'isNull', field: 'techEmail', isNull: true },
      ],
    ],
    [
      { cost: { gte: '100.00', lt: '250.00', isNull: false } },
      [
        { op: 'range', field: 'cost', gte: '100.00', lt: '250.00' },
        { op: 'isNull', field: 'cost', isNull: false },
      ],
    ],
    [
      { dateIssued: { gte: '2026-11-20', lt: '2026-11-22' } },
      [{ op: 'range', field: 'dateIssued', gte: '2026-11-20T00:00:00Z', lt: '2026-11-22T00:00:00Z' }],
    ],
    [{ validityDays: { gt: 200, lte: 398 } }, [{ op: 'validityDays', gt: 200, lte: 398 }]],
    [{ validityDays: { gt: null } }, []],
    [{ validityYears: { eq: 2 } }, [inValues('validityYears', 2)]],
    [
      { names: { contains: 'shop', not: ['a.test', 'b.test'] } },
      [
        {
          op: 'anyOf',
          conditions: [
            { op: 'contains', field: 'commonName', text: 'shop' },
            { op: 'contains', field: 'dnsNames', text: 'shop' },
          ],
        },
        not({
          op: 'anyOf',
          conditions: [inValues('commonName', 'a.test', 'b.test'), inValues('dnsNames', 'a.test', 'b.test')],
        }),
      ],
    ],
    [
      { names: { isNull: true, like: null } },
      [
        not({
          op: 'anyOf',
          conditions: [
            { op: 'isNull', field: 'commonName', isNull: false },
            { op: 'isNull', field: 'dnsNames', isNull: false },
          ],
        }),
      ],
    ],
    [{ customField: [{ label: 'Cost center' }] }, [{ op: 'customField', label: 'Cost center' }]],
    [
      {
        customField: [
          { label: 'Cost center', value: { eq: '4711' } },
          { label: 'Ticket', value: { like: 'PKI-%' } },
        ],
      },
      [
        { op: 'customField', label: 'Cost center', in: ['4711'] },
        { op: 'customField', label: 'Ticket', like: 'PKI-%' },
      ],
    ],
    [
      { customField: [{ label: 'a', value: { in: ['1', '2'], eq: '2', contains: 'x' } }] },
      [{ op: 'customField', label: 'a', in: ['2'], contains: 'x' }],
    ],
    [{ customField: [{ label: 'a', value: { in: ['1'], eq: '2' } }] }, [{ op: 'customField', label: 'a', in: [] }]],
    [
      { customField: [{ label: 'a', value: { not: ['1'], isNull: false } }] },
      [not({ op: 'customField', label: 'a', in: ['1'] }), { op: 'customField', label: 'a' }],
    ],
    [{ customField: [{ label: 'a', value: { isNull: true } }] }, [not({ op: 'customField', label: 'a' })]],
  ])('%j', (filter, expected) => {
    expect(of(filter)).toEqual(expected);
  });

  it('takes absent and null members for none', () => {
    expect(of(null)).toEqual([]);
    expect(of(undefined)).toEqual([]);
    expect(
      of({
        id: null,
        keySize: { eq: null, gte: null },
        validTill: null,
        isRenewed: null,
        anyOf: null,
        not: null,
        timeZone: null,
      }),
    ).toEqual([]);
  });

  it('joins what stands inside anyOf and not by AND', () => {
    const [condition] = of({ not: { isRenewed: true, autoRenew: true } });
    expect(condition).toEqual(
      not(not({ op: 'anyOf', conditions: [not(inValues('isRenewed', true)), not(inValues('autoRenew', true))] })),
    );
  });

  it('hands its time zone down to what stands inside, unless that has its own', () => {
    const lower = (gte: string) => ({ op: 'range', field: 'dateCreated', gte });
    const inside = { dateCreated: { gte: '2026-11-20' } };
    expect(
      of({
        timeZone: 'Europe/Berlin',
        anyOf: [inside, { ...inside, timeZone: 'America/Denver' }, { ...inside, timeZone: null }],
        not: inside,
      }),
    ).toEqual([
      {
        op: 'anyOf',
        conditions: [lower('2026-11-19T23:00:00Z'), lower('2026-11-20T07:00:00Z'), lower('2026-11-19T23:00:00Z')],
      },
      not(lower('2026-11-19T23:00:00Z')),
    ]);
  });

  it('finds statuses outside the vocabulary by "other"', () => {
    const known = [
      'pending',
      'needs_approval',
      'needs_csr',
      'processing',
      'reissue_pending',
      'waiting_pickup',
      'issued',
      'expired',
      'revoked',
      'rejected',
      'canceled',
    ];
    const isOther = not({
      op: 'anyOf',
      conditions: [inValues('status', ...known), { op: 'isNull', field: 'status', isNull: true }],
    });
    expect(of({ status: { in: ['other'] } })).toEqual([isOther]);
    expect(of({ status: { in: ['issued', 'other'] } })).toEqual([
      { op: 'anyOf', conditions: [inValues('status', 'issued'), isOther] },
    ]);
    expect(of({ status: { not: ['other'] } })).toEqual([not(isOther)]);
  });

  it.each<OrderFilterInput>([
    { id: { in: ['730011x'] } },
    { id: { in: [''] } },
    { userId: { not: ['1.5'] } },
    { validTill: { gte: 'soon' } },
    { timeZone: 'Mars/Base', validTill: { gte: 'today' } },
    { anyOf: [{ organizationId: { in: ['x'] } }] },
  ])('refuses %j', (filter) => {
    expect(() => of(filter)).toThrow(BadUserInput);
  });
});

it('sorts by the fields in their order', () => {
  expect(
    sortOf([
      { field: 'validTill', direction: 'DESC' },
      { field: 'commonName', direction: 'ASC' },
    ]),
  ).toEqual([
    { field: 'validTill', direction: 'desc' },
    { field: 'commonName', direction: 'asc' },
  ]);
  expect(sortOf(null)).toEqual([]);
});
