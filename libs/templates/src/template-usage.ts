/** Runs of one version of a template by one key. */
export interface TemplateUse {
  readonly keyId: string;
  readonly name: string;
  readonly version: number;
  readonly runs: number;
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
}

/** Runs of operations without a template, by one key, that selected one field. */
export interface FieldUse {
  readonly keyId: string;
  /** `Type.field`. */
  readonly coordinate: string;
  readonly runs: number;
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
}

/** Runs of one day in UTC. */
export interface DayUse {
  /** `2026-11-23`. */
  readonly day: string;
  readonly runs: number;
}

/** Whose use is wanted: of one key, or of all. */
export type UsageOf = { readonly keyId: string } | 'everyone';

/** Which key ran what, and when last. Methods throw what the database throws when it is unreachable. */
export interface UsageStore {
  /** Adds to what is counted, everything in one statement. */
  add(templates: readonly TemplateUse[], fields: readonly FieldUse[]): Promise<void>;
  /** By template, version and key, over all days that are kept. */
  templateUses(of: UsageOf): Promise<readonly TemplateUse[]>;
  /** Of these fields by operations without a template, by field and key. */
  fieldUses(coordinates: readonly string[], of: UsageOf): Promise<readonly FieldUse[]>;
  /** Runs of these versions by day, newest first. */
  templateDays(
    versions: readonly { readonly name: string; readonly version: number }[],
    of: UsageOf,
    since: Date,
  ): Promise<readonly DayUse[]>;
  /** Runs of operations without a template that selected this field, by day, newest first. */
  fieldDays(coordinate: string, of: UsageOf, since: Date): Promise<readonly DayUse[]>;
  /** Forgets the days before. @returns rows that went */
  forget(before: { readonly templates: Date; readonly fields: Date }): Promise<number>;
}
