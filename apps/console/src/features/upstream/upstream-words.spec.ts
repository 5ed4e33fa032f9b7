import { expect, it } from '@jest/globals';
import { clockText, freePercent, keyKindText, ordersText, partsOf, sharingText, windowText } from './upstream-words.ts';

it('says of a clock only what matters', () => {
  expect(clockText(104)).toBe('as the gateway’s, within 5 s');
  expect(clockText(-61_000)).toBe('61 s behind the gateway’s; set the gateway’s by NTP');
  expect(clockText(null)).toBe('CertCentral did not tell its time');
});

it('tells how much of a window is free', () => {
  const window = { calls: 95, windowMs: 5_200, free: 38 };
  expect(windowText(window)).toBe('38 of 95 calls in any 5.2 s');
  expect(freePercent(window)).toBe(40);
  expect(freePercent({ calls: 0, windowMs: 1, free: 0 })).toBe(0);
});

it('keeps words that it does not know yet', () => {
  expect(keyKindText('view-only')).toBe('may only read');
  expect(keyKindText('read-some')).toBe('read-some');
  expect(sharingText({ sharing: 'shared', processes: 3 })).toBe('Counted together by 3 processes.');
  expect(sharingText({ sharing: 'leased', processes: 3 })).toBe('leased, 3 processes');
});

it('counts orders against those of CertCentral where these are known', () => {
  expect(ordersText({ orders: 1_990, upstreamTotal: 2_000 })).toBe('1,990 of 2,000 in CertCentral');
  expect(ordersText({ orders: 1_990, upstreamTotal: null })).toBe('1,990');
});

it('takes no part of a report that has none', () => {
  expect(partsOf({ status: 'ready', parts: { database: 'ok', redis: { lost: 2 } } })).toEqual([
    { name: 'database', told: 'ok' },
    { name: 'redis', told: '{"lost":2}' },
  ]);
  expect([null, 'ready', { parts: ['ok'] }, {}].map(partsOf)).toEqual([[], [], [], []]);
});
