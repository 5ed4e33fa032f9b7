import { expect, it } from '@jest/globals';
import { listFilters, mapFilters } from './order-filters.ts';

const map = (...filters: readonly (readonly [string, string])[]) => mapFilters(new Map(filters), listFilters);

it('finds what has expired since among the issued orders, as CertCentral does', () => {
  expect(map(['status', 'issued'])).toEqual({ kind: 'filter', filter: { status: { in: ['issued', 'expired'] } } });
  expect(map(['status', 'revoked'])).toEqual({ kind: 'filter', filter: { status: { in: ['revoked'] } } });
});

it('takes a day for itself, and the days behind one', () => {
  expect(map(['valid_till', '2026-12-01'])).toMatchObject({
    filter: { validTill: { gte: '2026-12-01', lte: '2026-12-01' } },
  });
  expect(map(['valid_till', '>2026-12-01'])).toMatchObject({ filter: { validTill: { gt: '2026-12-01' } } });
});

it('joins several filters', () => {
  expect(map(['container_id', '14'], ['is_renewed', '0'], ['common_name', 'shop.acme.test'])).toEqual({
    kind: 'filter',
    filter: {
      containerId: { in: ['14'] },
      isRenewed: false,
      coversName: 'shop.acme.test',
      commonName: { like: 'shop.acme.test' },
    },
  });
});

it.each([
  ['status', 'expired'],
  ['status', 'issued,pending'],
  ['id', '1,2'],
  ['id', '1 or 1'],
  ['valid_till', '<2026-12-01'],
  ['valid_till', '2026-02-30'],
  ['valid_till', '2026-01-01...2026-02-01'],
  ['common_name', '%acme'],
  ['common_name', 'under_score.test'],
  ['is_renewed', 'true'],
  ['date_created', '2026-01-01'],
  ['email', 'a@acme.test'],
  ['search', 'acme'],
])('leaves %s=%s to CertCentral, since nobody says what it finds', (name, value) => {
  expect(map([name, value])).toMatchObject({ kind: 'cannot', reason: expect.stringContaining(name) });
});

it('leaves two filters that look at the same names to CertCentral', () => {
  expect(map(['common_name', 'a.test'], ['domain_name', 'b.test'])).toEqual({
    kind: 'cannot',
    reason: 'two filters by name at once',
  });
});
