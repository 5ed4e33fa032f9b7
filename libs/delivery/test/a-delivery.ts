import { createHash } from 'node:crypto';
import type { Delivery, DeliveryFile } from '@certfolio/reports';

export function fileOf(name: string, text: string, mediaType = 'text/csv'): DeliveryFile {
  const content = Buffer.from(text);
  return {
    name,
    mediaType,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    async *open() {
      yield content.subarray(0, 2);
      yield content.subarray(2);
    },
  };
}

export const aDelivery = (overrides: Partial<Delivery> = {}): Delivery => ({
  kind: 'report',
  runId: 'run-1',
  schedule: 'expiring-daily',
  owner: 'pki',
  template: { name: 'expiring-soon', version: 1, id: 'a'.repeat(64) },
  title: 'Expiring <soon> & "co"',
  slot: new Date('2026-11-23T06:00:00Z'),
  zone: 'Europe/Berlin',
  headline: '2 of 2 rows',
  counts: { rows: 2, totalRows: 2, truncated: false, dataAsOf: '2026-11-23T05:59:00.000Z' },
  facts: [['Data as of', '2026-11-23T05:59:00Z']],
  changes: null,
  excerpt: {
    columns: ['name', 'day'],
    rows: [
      ['=a|b', '2026-12-01'],
      ['<!channel> *x*', '2026-12-02'],
    ],
  },
  files: [fileOf('expiring-soon.csv', 'name,day\r\na,2026-12-01\r\n')],
  link: 'https://reports.test/runs/run-1',
  ...overrides,
});

export const sendTo = (recipient: string, overrides = {}) => ({
  recipient,
  idempotencyKey: `run-1/${recipient}`,
  nowMs: Date.parse('2026-11-23T06:00:05Z'),
  signal: new AbortController().signal,
  ...overrides,
});
