import { expect, it } from '@jest/globals';
import type { CalendarDate, OrderCertificate } from '@certfolio/core';
import { copy } from '../test/run-document.ts';
import { liveCertificatesOf } from './live-certificates.ts';

const day = (text: string) => text as CalendarDate;
const today = day('2026-11-23');
const order = { status: 'issued', certificateId: 10, validTill: today };
const live = (id: number, facts: Partial<OrderCertificate> = {}) =>
  copy(id, { status: 'issued', serialNumber: `0${id}`, validTill: day('2026-12-01'), ...facts });

it('counts the present certificate through its last day, duplicates, and what a reissue replaced', () => {
  expect(liveCertificatesOf(order, [], [], today)).toBe(1);
  expect(liveCertificatesOf({ ...order, validTill: day('2026-11-22') }, [], [], today)).toBe(0);
  // The present one stands among its reissues and counts once.
  expect(liveCertificatesOf(order, [live(11, { status: 'approved' })], [live(10), live(12)], today)).toBe(3);
});

it('does not count what ended, waits or was rejected, nor anything of a revoked order', () => {
  const ended = live(11, { validTill: day('2026-11-22') });
  const waits = live(12, { status: 'pending', serialNumber: null });
  const rejected = live(13, { status: 'rejected', serialNumber: null });
  expect(liveCertificatesOf(order, [ended], [waits, rejected], today)).toBe(1);
  expect(liveCertificatesOf({ ...order, status: 'revoked' }, [live(11)], [live(12)], today)).toBe(0);
});

it('takes a copy without a day of its own to last as long as the present certificate', () => {
  const undated = live(12, { validTill: null });
  expect(liveCertificatesOf(order, [], [undated], today)).toBe(2);
  expect(liveCertificatesOf({ ...order, validTill: day('2026-11-22') }, [], [undated], today)).toBe(0);
});
