import type { Delivery, Destination, Receipt, SendOptions } from '@certfolio/reports';
import type { HttpCaller } from './http-call.http.ts';
import { changeText, moreChanges, slotText, subjectOf } from './message-text.ts';

export interface ChatSettings {
  readonly name: string;
  readonly kind: 'slack' | 'teams';
  /** The address is the secret here: whoever has it can post. Asked for at every delivery. */
  readonly webhookUrl: () => string;
  readonly timeoutMs: number;
}

/** Rows of an excerpt that a message shows; the file has them all. */
const shownRows = 10;
/** Of one block. Source: docs.slack.dev, "Section block" (read 2026-11). */
const maxSlackChars = 3_000;

/** A message with what matters and a link; people fetch the file from there. Slack's and Teams' incoming webhooks. */
export function createChatDestination(settings: ChatSettings, http: HttpCaller): Destination {
  const { name, kind, timeoutMs } = settings;
  const bodyOf = kind === 'slack' ? slackBody : teamsBody;
  return {
    name,
    kind,
    onUnconfirmed: 'tell',
    recipients: ['channel'],
    refusalOf: (recipient) => (recipient === 'channel' ? null : 'a webhook of a chat posts to its own channel only'),
    async send(delivery: Delivery, { signal }: SendOptions): Promise<Receipt> {
      const body = JSON.stringify(bodyOf(delivery));
      const answer = await http.call({
        destination: name,
        method: 'POST',
        url: new URL(settings.webhookUrl()),
        headers: { 'content-type': 'application/json' },
        body: () => body,
        timeoutMs,
        signal,
      });
      return { reference: String(answer.status), bytes: Buffer.byteLength(body) };
    },
  };
}

function slackBody(delivery: Delivery): Record<string, unknown> {
  const { title, headline, facts, link } = delivery;
  const changes = changesText(delivery);
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text: cut(text, maxSlackChars) } });
  const table = excerptText(delivery);
  return {
    // Shown in notifications, and by clients without blocks.
    text: slackText(subjectOf(delivery)),
    unfurl_links: false,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, 150) } },
      section(`*${slackText(headline)}*`),
      ...(facts.length === 0
        ? []
        : [section(facts.map(([label, value]) => `${slackText(label)}: ${slackText(value)}`).join('\n'))]),
      ...(changes === '' ? [] : [section(slackText(changes))]),
      ...(table === ''
        ? []
        : [section(`\`\`\`${slackText(cut(table, maxSlackChars - 200)).replaceAll('```', "'''")}\`\`\``)]),
      ...(link === null ? [] : [section(`<${link}|Run and files>`)]),
      { type: 'context', elements: [{ type: 'plain_text', text: cut(footOf(delivery), 300) }] },
    ],
  };
}

/** An adaptive card, as workflows of Teams take it. */
function teamsBody(delivery: Delivery): Record<string, unknown> {
  const { title, headline, facts, link } = delivery;
  const changes = changesText(delivery);
  const table = excerptText(delivery);
  const block = (text: string, extra: Record<string, unknown> = {}) => ({
    type: 'TextBlock',
    text,
    wrap: true,
    ...extra,
  });
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: plain(subjectOf(delivery)),
    body: [
      block(plain(title), { size: 'Large', weight: 'Bolder' }),
      block(plain(headline), { weight: 'Bolder' }),
      ...(facts.length === 0
        ? []
        : [{ type: 'FactSet', facts: facts.map(([label, value]) => ({ title: plain(label), value: plain(value) })) }]),
      ...(changes === '' ? [] : [block(plain(cut(changes, 4_000)))]),
      ...(table === '' ? [] : [block(plain(cut(table, 4_000)), { fontType: 'Monospace', wrap: false })]),
      block(plain(footOf(delivery)), { isSubtle: true, size: 'Small' }),
    ],
    actions: link === null ? [] : [{ type: 'Action.OpenUrl', title: 'Run and files', url: link }],
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }] };
}

const footOf = (delivery: Delivery) => `${delivery.schedule} · ${slotText(delivery)} · run ${delivery.runId}`;

/** A line for each change; the file has them all. */
function changesText({ changes }: Delivery): string {
  if (changes === null) return '';
  const rows = changes.rows.slice(0, shownRows);
  return [...rows.map(changeText), ...moreChanges({ ...changes, rows })].join('\n');
}

/** Columns padded so that they stand below each other. */
function excerptText({ excerpt }: Delivery): string {
  if (excerpt === null || excerpt.rows.length === 0) return '';
  const lines = [excerpt.columns, ...excerpt.rows.slice(0, shownRows)].map((row) =>
    row.map((cell) => cut(cell.replace(/\s+/g, ' '), 32)),
  );
  const widths = excerpt.columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What Slack would take for a mention, a link or markup is text. Source: docs.slack.dev, "Escaping text" (read 2026-11). */
const slackText = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`]/g, (char) => `\u200b${char}`);

/** Cards read Markdown, which begins with these. */
const plain = (text: string) => text.replace(/[\\`*_[\]()#~>|]/g, (char) => `\\${char}`);

const cut = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
