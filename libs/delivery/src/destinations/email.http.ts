import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Transporter } from 'nodemailer';
import { DeliveryFailed, type Delivery, type Destination, type Receipt, type SendOptions } from '@certfolio/reports';
import { messageHtml } from './message-html.ts';
import { plainText, subjectOf } from './message-text.ts';

export interface EmailSettings {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS is used, and demanded unless `allowPlain`. */
  readonly tls: boolean;
  /** Sends without TLS where the server offers none: for a relay on the same machine. */
  readonly allowPlain: boolean;
  readonly user: string | null;
  readonly password: (() => string) | null;
  readonly from: string;
  /** Who gets it when the schedule does not say. */
  readonly to: readonly string[];
  /** Domains that a schedule may send to; a recipient outside is refused. Null: that of `to` and `from` only. */
  readonly domains: readonly string[] | null;
  /** A file up to this size is attached; a larger one is linked. */
  readonly attachUpToBytes: number;
  readonly timeoutMs: number;
}

/** One address as it is typed into a schedule: no name, no list, nothing that could end a header. */
const addressPattern =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;
const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** Sends what a run is by SMTP, one message per recipient: what matters in the body, the file attached or linked by its size. */
export function createEmailDestination(settings: EmailSettings): Destination {
  const { name, from, to, timeoutMs, attachUpToBytes } = settings;
  const domains = new Set((settings.domains ?? [from, ...to].map(domainOf)).map((domain) => domain.toLowerCase()));
  // Loaded by those who send mail.
  const transport = async (): Promise<Transporter> =>
    (await import('nodemailer')).createTransport({
      host: settings.host,
      port: settings.port,
      secure: settings.tls,
      requireTLS: !settings.tls && !settings.allowPlain,
      ...(settings.user === null ? {} : { auth: { user: settings.user, pass: settings.password?.() ?? '' } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });

  return {
    name,
    kind: 'email',
    onUnconfirmed: 'tell',
    recipients: to,
    refusalOf(recipient) {
      if (!addressPattern.test(recipient) || recipient.length > 254) return 'it is no e-mail address';
      const domain = domainOf(recipient);
      return domains.has(domain) ? null : `mail goes to ${[...domains].sort().join(', ')} only`;
    },
    async send(delivery: Delivery, { recipient, idempotencyKey, nowMs, signal }: SendOptions): Promise<Receipt> {
      const refusal = this.refusalOf(recipient);
      if (refusal !== null)
        throw new DeliveryFailed(name, `"${recipient.slice(0, 80)}" gets no mail: ${refusal}`, { isTransient: false });
      const total = delivery.files.reduce((sum, file) => sum + file.bytes, 0);
      const attached = total <= attachUpToBytes ? delivery.files : [];
      const note = attached.length === delivery.files.length ? null : linkNote(total, attachUpToBytes, delivery.link);
      const mailer = await transport();
      const stop = () => mailer.close();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      try {
        const sent = await mailer.sendMail({
          from,
          to: recipient,
          date: new Date(nowMs),
          // The same for every attempt: a second copy is known as one by what the recipient reads mail with.
          messageId: `<${hash('sha256', idempotencyKey, 'hex').slice(0, 40)}@${domainOf(from)}>`,
          subject: subjectOf(delivery).slice(0, 200),
          text: [plainText(delivery), ...(note === null ? [] : ['', note])].join('\n'),
          html: messageHtml(delivery, note),
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Certfolio-Run': delivery.runId },
          attachments: attached.map((file) => ({
            filename: file.name,
            contentType: file.mediaType,
            content: Readable.from(file.open()),
          })),
        });
        return { reference: sent.messageId, bytes: attached.length === 0 ? 0 : total };
      } catch (error) {
        throw failureOf(name, error, timeoutMs);
      } finally {
        signal.removeEventListener('abort', stop);
        mailer.close();
      }
    },
  };
}

function linkNote(total: number, limit: number, link: string | null): string {
  const where = link === null ? 'it lies with the run' : `fetch it at ${link}`;
  return `The file has ${total} bytes, more than the ${limit} that are attached; ${where}.`;
}

/** Answers of 5xx stay what they are (RFC 5321, 4.2.1); everything else may be different the next time. */
function failureOf(name: string, error: unknown, timeoutMs: number): DeliveryFailed {
  const {
    responseCode,
    code = '',
    response = '',
  } = error as { responseCode?: number; code?: string; response?: string };
  if (responseCode !== undefined)
    return new DeliveryFailed(name, `the mail server answered ${response.replace(/\s+/g, ' ').slice(0, 200)}`, {
      isTransient: responseCode < 500,
      cause: error,
    });
  const reason =
    code === 'ETIMEDOUT'
      ? `no answer within ${timeoutMs} ms`
      : `the mail server cannot be reached or spoke otherwise (${code || 'no code'})`;
  return new DeliveryFailed(name, reason, { isTransient: code !== 'EAUTH', cause: error });
}
