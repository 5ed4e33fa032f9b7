import { describe, expect, it } from '@jest/globals';
import { parse, valueFromASTUntyped, type FieldNode, type OperationDefinitionNode } from 'graphql';
import fc from 'fast-check';
import type { PushedCondition } from '@certfolio/core';
import { checkBaseUrl } from './base-url.ts';
import { customQuery, unknownFields } from './custom-query.ts';
import { listQuery, reportQuery } from './filters.ts';

const list = (...where: PushedCondition[]) =>
  decodeURIComponent(listQuery({ where, sort: null, limit: 5, offset: 0 }).replace(/&?limit=5&offset=0$/, ''));
const report = (...where: PushedCondition[]) =>
  decodeURIComponent(reportQuery({ where, limit: 5, offset: 0 }).replace(/&?limit=5&offset=0$/, ''));
const custom = (...where: PushedCondition[]) =>
  customQuery({ fields: ['commonName'], where, sort: null, limit: null }, 'UTC');

describe('the list', () => {
  it('is filtered by the names CertCentral has', () => {
    expect(
      list(
        { field: 'status', op: 'eq', value: 'issued' },
        { field: 'containerId', op: 'eq', value: 14 },
        { field: 'isRenewed', op: 'eq', value: false },
      ),
    ).toBe('filters[status]=issued&filters[container_id]=14&filters[is_renewed]=0');
    expect(list({ field: 'domainName', op: 'eq', value: 'a.test' })).toBe('filters[domain_name]=a.test');
  });

  it('encodes values, a LIKE among them', () => {
    const where: PushedCondition[] = [{ field: 'commonName', op: 'like', value: '%&a=b#ü.test' }];
    expect(listQuery({ where, sort: null, limit: 1000, offset: 2000 })).toBe(
      'filters[common_name]=%25%26a%3Db%23%C3%BC.test&limit=1000&offset=2000',
    );
  });

  it('encodes half of a surrogate pair as the character that stands for what cannot be written', () => {
    expect(list({ field: 'commonName', op: 'eq', value: 'a\ud800b' })).toBe('filters[common_name]=a\ufffdb');
  });

  it('is sorted by id or date', () => {
    expect(listQuery({ where: [], sort: { field: 'id', direction: 'asc' }, limit: 1, offset: 0 })).toContain(
      'sort=order_id&',
    );
    expect(listQuery({ where: [], sort: { field: 'dateCreated', direction: 'desc' }, limit: 1, offset: 0 })).toContain(
      'sort=-date_created&',
    );
  });

  it('is asked for a wider span of days than meant, never a narrower one', () => {
    const day = '2026-03-01';
    expect(list({ field: 'validTill', op: 'gt', value: day })).toBe('filters[valid_till]=>2026-03-01');
    expect(list({ field: 'validTill', op: 'gte', value: day })).toBe('filters[valid_till]=>2026-02-28');
    expect(list({ field: 'validTill', op: 'lt', value: day })).toBe('filters[valid_till]=<2026-03-01');
    expect(list({ field: 'validTill', op: 'lte', value: day })).toBe('filters[valid_till]=<2026-03-02');
    expect(list({ field: 'dateCreated', op: 'gte', value: '2026-03-01T03:00:00Z' })).toBe(
      'filters[date_created]=>2026-02-27',
    );
    expect(list({ field: 'dateCreated', op: 'lt', value: '2026-03-01T03:00:00Z' })).toBe(
      'filters[date_created]=<2026-03-02',
    );
    expect(
      list({ field: 'validTill', op: 'gt', value: day }, { field: 'validTill', op: 'lt', value: '2026-04-01' }),
    ).toBe('filters[valid_till]=>2026-03-01');
  });

  it.each<PushedCondition>([
    { field: 'csr', op: 'eq', value: 'x' },
    { field: 'id', op: 'gt', value: 5 },
    { field: 'email', op: 'like', value: '%a' },
    { field: 'validTill', op: 'like', value: '2026%' },
    { field: 'validTill', op: 'gt', value: 'soon' },
  ])('cannot be asked for %j', (condition) => {
    expect(() => list(condition)).toThrow(TypeError);
  });

  it('has pages of 1 to 1,000 rows', () => {
    for (const [limit, offset] of [
      [0, 0],
      [1001, 0],
      [1.5, 0],
      [1, -1],
      [1, Number.NaN],
    ] as const) {
      expect(() => listQuery({ where: [], sort: null, limit, offset })).toThrow(TypeError);
    }
  });
});

it('the report takes fewer filters and longer pages', () => {
  expect(report({ field: 'userId', op: 'eq', value: 3001 })).toBe('filters[user_id]=3001');
  expect(reportQuery({ where: [], limit: 100_000, offset: 0 })).toBe('limit=100000&offset=0');
  expect(() => report({ field: 'serialNumber', op: 'eq', value: 'AB' })).toThrow(TypeError);
  expect(() => reportQuery({ where: [], limit: 100_001, offset: 0 })).toThrow(TypeError);
});

describe('Custom Reports', () => {
  it('are asked with literals', () => {
    const query = customQuery(
      {
        fields: ['commonName', 'purchasedDnsNames', 'id'],
        where: [
          { field: 'id', op: 'eq', value: '42' },
          { field: 'commonName', op: 'like', value: '%.acme.test' },
          { field: 'validTill', op: 'lte', value: '2026-12-31' },
          { field: 'validFrom', op: 'gt', value: '2026-01-01' },
          { field: 'dateCreated', op: 'gte', value: '2026-01-01T10:00:00Z' },
          { field: 'containerId', op: 'eq', value: 14 },
        ],
        sort: { field: 'validTill', direction: 'desc' },
        limit: 5,
      },
      'America/Denver',
    );
    expect(query).toBe(
      '{ order_details(id: 42, common_name: "%.acme.test", valid_till: "2026-12-31", valid_from: "2026-01-01", date_created: "2026-01-01 03:00:00", ' +
        'container_id: "14", sort: ["valid_till", "DESC"], limit: 5) { id common_name purchased_dns_names } }',
    );
    expect(customQuery({ fields: [], where: [], sort: null, limit: null }, 'UTC')).toBe('{ order_details { id } }');
  });

  it('are asked for a witness beside the rows, with conditions of its own and neither order nor end', () => {
    const query = customQuery(
      {
        fields: ['csr'],
        where: [
          { field: 'containerId', op: 'eq', value: 14 },
          { field: 'status', op: 'eq', value: 'issued' },
        ],
        sort: { field: 'validTill', direction: 'asc' },
        limit: 5,
        witness: { fields: ['status', 'validTill'], where: [{ field: 'containerId', op: 'eq', value: 14 }] },
      },
      'UTC',
    );
    expect(query).toBe(
      '{ order_details(container_id: "14", status: "issued", sort: ["valid_till", "ASC"], limit: 5) { id csr } ' +
        'witness: order_details(container_id: "14") { id status valid_till } }',
    );
    expect(() => parse(query)).not.toThrow();
  });

  it('never let a value leave its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const document = parse(custom({ field: 'commonName', op: 'eq', value }));
        const operation = document.definitions[0] as OperationDefinitionNode;
        const field = operation.selectionSet.selections[0] as FieldNode;
        expect(document.definitions).toHaveLength(1);
        expect(valueFromASTUntyped(field.arguments![0]!.value)).toBe(value);
      }),
    );
  });

  it.each<PushedCondition>([
    { field: 'validTill', op: 'gte', value: '2026-01-01' },
    { field: 'validFrom', op: 'lte', value: '2026-01-01' },
    { field: 'dateCreated', op: 'lt', value: '2026-01-01' },
    { field: 'domainName', op: 'eq', value: 'a.test' },
    { field: 'dnsNames', op: 'eq', value: 'a.test' },
    { field: 'status', op: 'like', value: 'iss%' },
    { field: 'id', op: 'eq', value: '1) { id } evil(' },
    { field: 'keySize', op: 'eq', value: 2048 },
  ])('cannot be asked for %j', (condition) => {
    expect(() => custom(condition)).toThrow(TypeError);
  });

  it('name the fields they do not know', () => {
    expect(
      unknownFields([
        'Cannot query field "tech_title" on type "order_details".',
        "Cannot query field 'purchase_dns_names'",
        'Other',
      ]),
    ).toEqual(['techTitle', 'purchasedDnsNames']);
  });
});

describe('the base URL', () => {
  it.each([
    ['https://www.digicert.com/services/v2', 'https://www.digicert.com/services/v2'],
    ['https://certcentral.digicert.eu/services/v2/', 'https://certcentral.digicert.eu/services/v2'],
    ['http://127.0.0.1:4010/services/v2', 'http://127.0.0.1:4010/services/v2'],
    ['http://[::1]:4010/services/v2', 'http://[::1]:4010/services/v2'],
    ['http://emulator:4010/services/v2', 'http://emulator:4010/services/v2'],
  ])('%s is %s', (given, checked) => {
    expect(checkBaseUrl(given)).toBe(checked);
  });

  it.each([
    'http://digicert.com/services/v2',
    'http://10.0.0.7/services/v2',
    'ftp://127.0.0.1/services/v2',
    'https://digicert.com/',
    'https://digicert.com/services/v2?x=1',
    'nothing',
  ])('%s is none', (given) => {
    expect(() => checkBaseUrl(given)).toThrow(TypeError);
  });
});
