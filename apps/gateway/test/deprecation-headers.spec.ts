import { expect, it } from '@jest/globals';
import { buildTemplate } from '@certfolio/templates/testing';
import type { Template, TemplateLifecycle } from '@certfolio/templates';
import { deprecationHeaders } from '../src/doors/deprecation-headers.ts';

const at = new Date('2026-11-23T12:00:00.250Z');
const by = { keyId: 'k', keyName: 'k', owner: 'o' };
const lifecycle: TemplateLifecycle = {
  source: 'api',
  created: null,
  written: null,
  approved: null,
  deprecated: { state: 'deprecated', at, by, note: null, sunset: null, reviewed: [] },
  retired: null,
  successor: null,
  problem: null,
};
const headersOf = (overrides: Partial<Template>) =>
  Object.fromEntries(
    deprecationHeaders(
      buildTemplate('{ a }', { state: 'deprecated', ...overrides }),
      (ref) => `https://pki.test/r/${ref}.csv`,
    ),
  );
const withSunset = (sunset: string) => ({
  ...lifecycle,
  deprecated: { ...lifecycle.deprecated!, sunset: sunset as never },
});

it('says nothing of a template that is not deprecated', () => {
  expect(headersOf({ state: 'approved', lifecycle })).toEqual({});
});

it('says since when, until when and what comes after', () => {
  expect(headersOf({ lifecycle: { ...withSunset('2027-01-31'), successor: 'expiring-soon@2' } })).toEqual({
    'Certfolio-Deprecated': 'true',
    Deprecation: '@1795435200',
    Sunset: 'Sun, 31 Jan 2027 00:00:00 GMT',
    Link: '<https://pki.test/r/expiring-soon@2.csv>; rel="successor-version"',
  });
});

it('has no sunset before the deprecation when both are on one day', () => {
  expect(headersOf({ lifecycle: withSunset('2026-11-23') })['Sunset']).toBe('Mon, 23 Nov 2026 12:00:01 GMT');
});

it('takes what the file says where nobody deprecated it by hand', () => {
  expect(headersOf({ deprecation: { note: null, sunset: '2027-01-31' } })).toEqual({
    'Certfolio-Deprecated': 'true',
    Sunset: 'Sun, 31 Jan 2027 00:00:00 GMT',
  });
});
