import { minute } from '../keys/key-fields.ts';

/** What brought a template into a state. */
export interface Act {
  readonly at: string;
  readonly by: string;
  readonly keyId: string | null;
  readonly owner: string | null;
  readonly note: string | null;
}

/** What became of a template, as the control graph tells it. Acts are null for keys that may not publish. */
export interface Lifecycle {
  readonly source: string | null;
  readonly created: Act | null;
  readonly written: Act | null;
  readonly approved: Act | null;
  readonly deprecated: Act | null;
  readonly retired: Act | null;
  readonly deprecationNote: string | null;
  readonly sunset: string | null;
  readonly successor: string | null;
  readonly retiredAt: string | null;
  readonly problem: string | null;
}

const act = '{ at by keyId owner note }';

export const lifecycleFields = `source problem deprecationNote sunset successor retiredAt
  created ${act} written ${act} approved ${act} deprecated ${act} retired ${act}`;

/** `2026-11-23 12:00 by ci (web)`. */
export function actText({ at, by, owner }: Act): string {
  return `${minute(at)} by ${by}${owner === null ? '' : ` (${owner})`}`;
}

/** Lines that tell what became of a template; none for what is not told. */
export function lifecycleLines(lifecycle: Lifecycle): string[] {
  const {
    source,
    created,
    written,
    approved,
    deprecated,
    retired,
    deprecationNote,
    sunset,
    successor,
    retiredAt,
    problem,
  } = lifecycle;
  const line = (what: string, told: Act | null) =>
    told === null ? null : `${what} ${actText(told)}${told.note === null ? '' : `: ${told.note}`}`;
  const isDeprecated = deprecationNote !== null || sunset !== null;
  return [
    problem === null ? null : `Out of service. ${problem}`,
    source === null ? null : `From ${source === 'FOLDER' ? 'the templates folder' : 'the API'}`,
    line('Created', created),
    written?.at === created?.at ? null : line('Text written', written),
    line('Approved', approved),
    line('Deprecated', deprecated),
    line('Retired', retired) ?? (retiredAt === null ? null : `Retired on ${retiredAt}`),
    deprecated === null && isDeprecated ? `Deprecated${deprecationNote === null ? '' : `: ${deprecationNote}`}` : null,
    sunset === null ? null : `Will be retired on ${sunset}`,
    successor === null ? null : `Use ${successor} instead`,
  ].filter((each) => each !== null);
}
