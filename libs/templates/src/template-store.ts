import type { CalendarDate, SensitiveGroup } from '@certfolio/core';
import type { VersionConflict } from './version-conflict.ts';
import type { RegisteredId, TemplateState } from './template.ts';

/** Where a version came from first. */
export const templateSources = ['folder', 'api'] as const;
export type TemplateSourceKind = (typeof templateSources)[number];

/** A key that changed something, as it was called then. */
export interface KeyActor {
  readonly keyId: string;
  readonly keyName: string;
  readonly owner: string;
}

/** What brought a version into a state; `draft` is the writing of its text. */
export interface TemplateAct {
  readonly state: TemplateState;
  readonly at: Date;
  readonly by: KeyActor | 'folder';
  readonly note: string | null;
  /** Day on which a deprecated version is to be retired; null when none was told. */
  readonly sunset: CalendarDate | null;
  /** Sensitive groups that the approver named. */
  readonly reviewed: readonly SensitiveGroup[];
}

/** A version as it was written. */
export interface NewVersion {
  readonly name: string;
  readonly version: number;
  /** Bytes of the `.graphql` file. */
  readonly document: Uint8Array;
  /** Text of the `.yaml` file. */
  readonly metadata: string;
}

export interface FolderVersion extends NewVersion {
  /** What the file says. */
  readonly state: TemplateState;
}

export interface StoredVersion extends NewVersion {
  readonly source: TemplateSourceKind;
  /** The later of what the file says and what was set through the API. */
  readonly state: TemplateState;
  /** What the file says; null for one that came through the API. */
  readonly fileState: TemplateState | null;
  /** Was ever more than a draft: its text never changes. */
  readonly isFrozen: boolean;
  /** Its file is gone from the folder; kept, and out of service until the file is back. */
  readonly isWithdrawn: boolean;
  /** Of its last change. */
  readonly revision: number;
  /** Oldest first. */
  readonly acts: readonly TemplateAct[];
  /** Further ids, beside those that follow from the text. */
  readonly importedIds: readonly RegisteredId[];
}

/** Everything that is stored, as of one revision. */
export interface StoredTemplates {
  readonly revision: number;
  /** By name and then version. */
  readonly versions: readonly StoredVersion[];
}

export const versionChanges = ['new', 'updated', 'unchanged'] as const;
/** What publishing does to a version; only a draft can be updated. */
export type VersionChange = (typeof versionChanges)[number];

/** All or nothing: with any conflict nothing was written. */
export type WriteOutcome<Done> =
  | { readonly kind: 'done'; readonly done: Done }
  | { readonly kind: 'refused'; readonly conflicts: readonly VersionConflict[] };

export interface Transition {
  readonly to: Exclude<TemplateState, 'draft'>;
  readonly note: string | null;
  readonly sunset?: CalendarDate | null;
  readonly reviewed?: readonly SensitiveGroup[];
  /** `StoredVersion.revision` of what was looked at: another one is refused, so that nobody approves what they did not see. */
  readonly seenRevision?: number;
}

export type TransitionOutcome =
  | { readonly kind: 'done' }
  /** It was in this state before, and nothing new was said. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'unknown' }
  /** It changed after it was looked at. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'refused'; readonly state: TemplateState };

export interface ImportedId {
  /** As a client sends it. */
  readonly id: string;
  /** What runs when it is sent. */
  readonly text: string;
}

export interface AddedIds {
  readonly added: number;
  /** Were there before, with the same text. */
  readonly known: number;
}

/**
 * Versions of templates and what became of them. Every method throws what the database throws when it is unreachable; writers
 * wait for each other.
 */
export interface TemplateStore {
  /** Grows with every change, whoever makes it. One row is read. */
  revision(): Promise<number>;
  load(): Promise<StoredTemplates>;
  /**
   * Puts versions in as drafts.
   *
   * @param seenRevision what the caller looked at: a draft that changed later is not overwritten
   */
  publish(
    versions: readonly NewVersion[],
    by: KeyActor,
    seenRevision: number,
  ): Promise<WriteOutcome<readonly VersionChange[]>>;
  /** Moves a version on; states go forward only. */
  transition(name: string, version: number, transition: Transition, by: KeyActor): Promise<TransitionOutcome>;
  /**
   * Adds ids under which clients ask for a version. An id is kept as it is looked up (`normalizeId`).
   *
   * @throws BadUserInput naming every id that has another text already, is a name of a template, or cannot be stored; and
   *   for a version that does not exist. Nothing is added then
   */
  addIds(name: string, version: number, ids: readonly ImportedId[], by: KeyActor): Promise<AddedIds>;
  /** Takes over what the folder holds. Versions whose file is gone are withdrawn, unless they came through the API. */
  syncFolder(versions: readonly FolderVersion[]): Promise<WriteOutcome<{ readonly changed: number }>>;
}
