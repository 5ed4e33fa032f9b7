import { createHmac } from 'node:crypto';
import type { Delivery, Destination, Receipt, SendOptions } from '@certfolio/reports';
import { slotText } from './message-text.ts';
import type { HttpCaller } from './http-call.http.ts';

export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  /** What bodies are signed with; asked for at every delivery, since its file may change. */
  readonly secret: () => string;
  readonly timeoutMs: number;
}

/**
 * Posts what a run is as JSON. The receiver checks
 * `Certfolio-Signature: t=<seconds since 1970>,v1=<hex>`, where the hex is HMAC-SHA256 of `<t>.<body>` with the shared secret,
 * refuses a `t` that is too old, and takes each `Idempotency-Key` once.
 */
export function createWebhookDestination(settings: WebhookSettings, http: HttpCaller): Destination {
  const { name, timeoutMs } = settings;
  const url = new URL(settings.url);
  return {
    name,
    kind: 'webhook',
    onUnconfirmed: 'tell',
    recipients: ['webhook'],
    refusalOf: (recipient) => (recipient === 'webhook' ? null : 'a webhook has no other recipients'),
    async send(delivery: Delivery, { idempotencyKey, nowMs, signal }: SendOptions): Promise<Receipt> {
      const body = JSON.stringify(webhookBody(delivery));
      const answer = await http.call({
        destination: name,
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          'certfolio-run': delivery.runId,
          'certfolio-event': `run.${delivery.kind}`,
          'certfolio-signature': signatureOf(body, settings.secret(), nowMs),
        },
        body: () => body,
        timeoutMs,
        signal,
      });
      return { reference: `${answer.status}`, bytes: Buffer.byteLength(body) };
    },
  };
}

/** @returns `t=…,v1=…` */
export function signatureOf(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

function webhookBody(delivery: Delivery): Record<string, unknown> {
  const { kind, runId, schedule, owner, template, title, slot, zone, headline, counts, facts } = delivery;
  const { changes, excerpt, files, link } = delivery;
  return {
    kind,
    runId,
    schedule,
    owner,
    template,
    title,
    slot: slot.toISOString(),
    slotLocal: slotText({ slot, zone }),
    headline,
    ...counts,
    facts: facts.map(([label, value]) => ({ label, value })),
    changes,
    excerpt: excerpt === null ? null : { columns: excerpt.columns, rows: excerpt.rows },
    files: files.map(({ name, mediaType, bytes, sha256 }) => ({ name, mediaType, bytes, sha256 })),
    link,
  };
}
