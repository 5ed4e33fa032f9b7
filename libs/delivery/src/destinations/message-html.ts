import type { Delivery } from '@certfolio/reports';
import { htmlText } from '../exporters/html-text.ts';
import { moreChanges, slotText } from './message-text.ts';

/** The message as HTML that old mail programs show too: tables and styles on the elements. */
export function messageHtml(delivery: Delivery, note: string | null): string {
  const { title, headline, facts, changes, excerpt, link, schedule, runId } = delivery;
  const cell = 'padding:4px 10px;border-bottom:1px solid #dddddd;text-align:left;vertical-align:top';
  const row = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((text) => `<${tag} style="${cell}">${htmlText(text)}</${tag}>`).join('')}</tr>`;
  const table = (rows: string) =>
    `<table cellspacing="0" style="border-collapse:collapse;margin:12px 0">${rows}</table>`;
  return [
    '<!doctype html><html lang="en"><body style="font:14px/1.45 sans-serif;color:#222222">',
    `<h1 style="font-size:20px;margin:0 0 4px">${htmlText(title)}</h1>`,
    `<p style="font-weight:bold;margin:0 0 8px">${htmlText(headline)}</p>`,
    facts.length === 0 ? '' : table(facts.map(([label, value]) => row([label, value], 'td')).join('')),
    changes === null
      ? ''
      : table([row(changes.columns, 'th'), ...changes.rows.map((cells) => row(cells, 'td'))].join('')) +
        moreChanges(changes)
          .map((line) => `<p>${htmlText(line)}</p>`)
          .join(''),
    excerpt === null
      ? ''
      : table([row(excerpt.columns, 'th'), ...excerpt.rows.map((cells) => row(cells, 'td'))].join('')),
    note === null ? '' : `<p>${htmlText(note)}</p>`,
    link === null ? '' : `<p><a href="${htmlText(link)}">Run and files</a></p>`,
    `<p style="color:#666666;font-size:12px">${htmlText(`Schedule ${schedule}, slot ${slotText(delivery)}, run ${runId}`)}</p>`,
    '</body></html>',
  ].join('\n');
}
