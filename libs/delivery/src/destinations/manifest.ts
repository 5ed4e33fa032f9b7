import { hash } from 'node:crypto';
import type { Delivery, DeliveryFile } from '@certfolio/reports';

/**
 * What stands beside the files of a run: which they are, with their hashes, what they were made of, and how many rows of how
 * many. A table in CSV or NDJSON has no place of its own for that.
 */
export function manifestOf(delivery: Delivery): DeliveryFile {
  const { kind, runId, schedule, template, slot, headline, counts, facts, files } = delivery;
  const text = `${JSON.stringify(
    {
      kind,
      runId,
      schedule,
      template,
      slot: slot.toISOString(),
      headline,
      ...counts,
      facts: facts.map(([label, value]) => ({ label, value })),
      files: files.map(({ name, mediaType, bytes, sha256 }) => ({ name, mediaType, bytes, sha256 })),
    },
    null,
    2,
  )}\n`;
  const content = Buffer.from(text);
  return {
    name: 'manifest.json',
    mediaType: 'application/json',
    bytes: content.length,
    sha256: hash('sha256', content, 'hex'),
    async *open() {
      yield content;
    },
  };
}
