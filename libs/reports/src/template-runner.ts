import type { SnapshotRow } from './difference.ts';
import type { RunFormat } from './schedule-definition.ts';
import type { SnapshotFacts } from './run-store.ts';

export interface TemplateRun {
  readonly runId: string;
  readonly schedule: string;
  readonly template: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whose rights the run has; looked up now. */
  readonly keyId: string;
  /** Relative dates are of this instant in this zone. */
  readonly slot: Date;
  readonly zone: string;
  readonly maxAgeSeconds: number | null;
  readonly signal: AbortSignal;
}

export interface RunningTemplate {
  readonly columns: SnapshotFacts['columns'];
  /** To be taken once. */
  rows(): AsyncIterable<SnapshotRow>;
  /** Right once every row has been taken. */
  facts(): Omit<SnapshotFacts, 'difference'>;
}

/** Runs a template as any caller does: through the pipeline, with its limits and rights. */
export interface TemplateRunner {
  /** @throws AppError as the pipeline refuses or the first page fails */
  start(run: TemplateRun): Promise<RunningTemplate>;
}

/** Makes files of a snapshot. */
export interface RunExporter {
  /** Null where the format can be made of rows of this template, else why not. */
  refusalOf(format: RunFormat, facts: SnapshotFacts): string | null;
  /** A table of text as CSV, such as the difference of two runs. */
  csv(columns: readonly string[], rows: AsyncIterable<SnapshotRow>): AsyncIterable<Uint8Array>;
  write(
    format: RunFormat,
    facts: SnapshotFacts,
    rows: AsyncIterable<SnapshotRow>,
  ): { readonly extension: string; readonly mediaType: string; readonly content: AsyncIterable<Uint8Array> };
}
