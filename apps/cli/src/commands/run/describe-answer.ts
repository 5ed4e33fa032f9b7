import { counted } from '../../output/counted.ts';
import type { CertfolioFacts, JsonAnswer } from './json-answer.ts';

/** `30 rows, data as of 2026-11-23 12:00:00 UTC (mirror), no CertCentral calls`. */
export function summaryOf({ rows, facts }: JsonAnswer): string {
  const { dataAsOf, source, upstreamCalls } = facts;
  return [
    counted(rows.length, 'row'),
    dataAsOf == null ? null : `data as of ${instant(dataAsOf)}${source == null ? '' : ` (${source})`}`,
    upstreamCalls == null
      ? null
      : upstreamCalls === 0
        ? 'no CertCentral calls'
        : counted(upstreamCalls, 'CertCentral call'),
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** What a reader of the rows has to know to not draw a wrong conclusion. */
export function caveatsOf({ failures, facts }: Pick<JsonAnswer, 'failures' | 'facts'>): string[] {
  const unavailable = facts.unavailableFields ?? [];
  return [
    ...failures.map(({ code, message }) => `Part of the answer is missing: ${message} (${code})`),
    facts.truncated === true ? cutOff(facts) : null,
    facts.stale === true
      ? 'Older than asked: CertCentral could not be read in time, so these are mirrored rows.'
      : null,
    unavailable.length === 0 ? null : `Empty because the CertCentral key cannot read them: ${unavailable.join(', ')}.`,
    ...deprecations(facts),
  ].filter((line) => line !== null);
}

function cutOff({ totalRows }: CertfolioFacts): string {
  return totalRows == null
    ? 'Cut off: there are more rows than these, or may be.'
    : `Cut off: there are ${counted(totalRows, 'row')}, which is more than these.`;
}

/** A list of `{template|field, reason, sunset?, use?}`; CSV and NDJSON have room for a flag alone. */
function deprecations({ deprecated, template }: CertfolioFacts): string[] {
  if (deprecated === true) return [`The template${template == null ? '' : ` ${template.name}`} is deprecated.`];
  if (!Array.isArray(deprecated)) return [];
  return (deprecated as readonly { readonly [member: string]: unknown }[]).map(({ field, reason, sunset, use }) => {
    const said = typeof field === 'string' ? `${field} is deprecated: ${String(reason)}` : String(reason);
    const until = typeof sunset === 'string' && !said.includes(sunset) ? ` It stops on ${sunset}.` : '';
    const instead = typeof use === 'string' && !said.includes(use) ? ` Use ${use}.` : '';
    return `${said}${until}${instead}`;
  });
}

/** `2026-11-23 12:00:00 UTC`; a text that is no instant as it is. */
export function instant(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
