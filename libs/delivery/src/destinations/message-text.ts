import type { Delivery } from '@certfolio/reports';

/** The slot in the schedule's zone, with its offset: `2026-11-23 07:00 GMT+1 (Europe/Berlin)`. */
export function slotText({ slot, zone }: Pick<Delivery, 'slot' | 'zone'>): string {
  const parts = new Map(
    new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'shortOffset',
    })
      .formatToParts(slot)
      .map(({ type, value }) => [type, value]),
  );
  const day = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  return `${day} ${parts.get('hour')}:${parts.get('minute')} ${parts.get('timeZoneName')} (${zone})`;
}

export function subjectOf(delivery: Delivery): string {
  const { kind, title, headline } = delivery;
  if (kind === 'test') return `Test: ${title}`;
  return kind === 'failure' ? `Failed: ${title}` : `${title}: ${headline}`;
}

/** The whole message as plain text. */
export function plainText(delivery: Delivery): string {
  const { title, headline, facts, changes, excerpt, files, link, runId, schedule } = delivery;
  const changed =
    changes === null ? [] : ['', 'What changed:', ...changes.rows.map(changeText), ...moreChanges(changes)];
  const table =
    excerpt === null
      ? []
      : ['', ...excerpt.rows.map((row) => row.map((cell, at) => `${excerpt.columns[at]}: ${cell}`).join(' | '))];
  return [
    title,
    headline,
    '',
    ...facts.map(([label, value]) => `${label}: ${value}`),
    ...changed,
    ...table,
    ...(files.length === 0
      ? []
      : ['', ...files.map(({ name, bytes, sha256 }) => `${name}: ${bytes} bytes, SHA-256 ${sha256}`)]),
    ...(link === null ? [] : ['', link]),
    '',
    `Schedule ${schedule}, slot ${slotText(delivery)}, run ${runId}`,
  ].join('\n');
}

/** `changed 20001 (status, valid_till)`. */
export const changeText = ([kind, key, columns = '']: readonly string[]): string =>
  `${kind} ${key}${columns === '' ? '' : ` (${columns})`}`;

/** A line that says what is not listed; none when all is. */
export function moreChanges({ rows, total }: NonNullable<Delivery['changes']>): readonly string[] {
  return total > rows.length ? [`and ${total - rows.length} more, in difference.csv`] : [];
}
