import type { SensitiveGroup } from '@certfolio/core';
import type { DocumentIdKind } from './document-ids.ts';
import type { TemplateAct, TemplateSourceKind } from './template-store.ts';

/** `draft` never runs; `approved` runs and its text never changes; `deprecated` runs and says so; `retired` is refused. */
export const templateStates = ['draft', 'approved', 'deprecated', 'retired'] as const;
export type TemplateState = (typeof templateStates)[number];

/** An id under which a template is known. `imported` ids come from a client's manifest. */
export interface RegisteredId {
  readonly kind: DocumentIdKind | 'imported';
  readonly id: string;
  /** The text that runs when this id is sent. */
  readonly text: string;
}

export interface TemplateVariable {
  readonly name: string;
  /** GraphQL type as text, for example `[OrderStatus!]`. */
  readonly type: string;
  readonly description: string | null;
  /** Must be given: the type is non-null and no default exists. */
  readonly isRequired: boolean;
  /** Value used when none is given; undefined when there is none, or when the document has its own. */
  readonly default: unknown;
  /** Inclusive bounds: a number for numbers; a day or date expression for dates. */
  readonly min: number | string | null;
  readonly max: number | string | null;
  /** The only values allowed; for lists, the only elements. */
  readonly values: readonly (string | number | boolean)[] | null;
  /** The value is a day or an expression such as `today+30d`. */
  readonly isDateExpression: boolean;
}

export const columnTypes = ['text', 'integer', 'decimal', 'flag', 'date', 'timestamp', 'texts'] as const;
export type ColumnType = (typeof columnTypes)[number];

export interface Column {
  /** Response keys from the row, for example `['certificate', 'commonName']`. */
  readonly path: readonly string[];
  readonly title: string;
  readonly type: ColumnType;
}

export interface Paging {
  /** Name of the variable that takes the page size. */
  readonly first: string;
  /** Name of the variable that takes the cursor. */
  readonly after: string;
  /** Response keys from `data` to an object with `hasNextPage` and `endCursor`. */
  readonly pageInfo: readonly string[];
  /** Rows per page of a run that reads all pages. */
  readonly pageSize: number;
}

/** How the rows are drawn, in words of the columns' titles. */
export interface Chart {
  /** `bars` stand beside each other, with a series on top of each other; `line` needs a `unit`. */
  readonly kind: 'bars' | 'line';
  /** Title of the column that rows are grouped by. */
  readonly by: string;
  /** Periods of a day or instant, UTC, weeks from Monday; null: every value is a group. */
  readonly unit: 'day' | 'week' | 'month' | null;
  /** Title of the column that parts a group; null: one series. */
  readonly series: string | null;
  /** Title of the column that is added up; null: rows are counted. */
  readonly value: string | null;
}

/** How the rows become events of a calendar, in words of the columns' titles. */
export interface CalendarEvents {
  /** Title of the column with the day. */
  readonly date: string;
  /** Title of the column that names the event. */
  readonly summary: string;
  /** Titles of the columns that tell one event from another. */
  readonly key: readonly string[];
  /** Days before the day at which an alarm goes off. */
  readonly alarmDays: readonly number[];
}

/** One version of a persisted operation with everything needed to run it as a report. */
export interface Template {
  readonly name: string;
  readonly version: number;
  readonly state: TemplateState;
  readonly title: string;
  /** The question that the report answers. */
  readonly question: string;
  readonly description: string | null;
  readonly owner: string;
  readonly tags: readonly string[];
  /** SHA-256 of the exact bytes of the document. */
  readonly id: string;
  /** The document, byte for byte. */
  readonly text: string;
  readonly operationName: string | null;
  /** Every id, the primary one first. */
  readonly ids: readonly RegisteredId[];
  /** In the order of the document. */
  readonly variables: readonly TemplateVariable[];
  /** Variables of which exactly one must be given; empty when there are no such. */
  readonly oneOf: readonly string[];
  /** Response keys from `data` to the rows; may pass through lists. */
  readonly rows: readonly string[];
  readonly paging: Paging | null;
  readonly columns: readonly Column[];
  /** Sensitive groups that the document selects, all of them reviewed. */
  readonly sensitive: readonly SensitiveGroup[];
  /** Age up to which data may be served without a live read, seconds; null leaves it to the reader. */
  readonly maxAgeSeconds: number | null;
  readonly schedule: string | null;
  readonly picture: string | null;
  readonly chart: Chart | null;
  /** Null: the rows are no events. */
  readonly calendar: CalendarEvents | null;
  /** Day of retirement, for the refusal; null when not retired or not told. */
  readonly retiredAt: string | null;
  /** What its metadata says for callers while it is deprecated; absent when it says nothing. */
  readonly deprecation?: { readonly note: string | null; readonly sunset: string | null };
  /** Part of the product: behind a door of its own, and in no list of reports. */
  readonly isBuiltIn?: boolean;
  /** What the registry knows beyond the files; absent for a version that is in no registry. */
  readonly lifecycle?: TemplateLifecycle;
}

export interface TemplateLifecycle {
  readonly source: TemplateSourceKind;
  /** Who wrote the text as it is, first and last; who brought it into its states, null for one it did not reach. */
  readonly created: TemplateAct | null;
  readonly written: TemplateAct | null;
  readonly approved: TemplateAct | null;
  readonly deprecated: TemplateAct | null;
  readonly retired: TemplateAct | null;
  /** `name@version` to use instead of a deprecated or retired one, for every key that may run this one; null without any. */
  readonly successor: string | null;
  /** Why it cannot run whatever its state says, a sentence; null when nothing is wrong, and when it is retired. */
  readonly problem: string | null;
}

/** What callers of a deprecated version are told; null for any other. */
export interface DeprecationNotice {
  /** A sentence. */
  readonly message: string;
  readonly note: string | null;
  readonly successor: string | null;
  /** Day on which it is to be retired. */
  readonly sunset: string | null;
  /** When it was deprecated; null when nobody wrote that down. */
  readonly since: Date | null;
}

export function deprecationOf({ name, version, state, deprecation, lifecycle }: Template): DeprecationNotice | null {
  if (state !== 'deprecated') return null;
  const act = lifecycle?.deprecated ?? null;
  const note = act?.note ?? deprecation?.note ?? null;
  const sunset = act?.sunset ?? deprecation?.sunset ?? null;
  const successor = lifecycle?.successor ?? null;
  const sentences = [
    `Template ${name}@${version} is deprecated${sunset === null ? '' : ` and will be retired on ${sunset}`}.`,
    ...(successor === null ? [] : [`Use ${successor}.`]),
    ...(note === null ? [] : [note]),
  ];
  return { message: sentences.join(' '), note, successor, sunset, since: act?.at ?? null };
}
