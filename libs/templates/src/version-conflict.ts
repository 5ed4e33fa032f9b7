import { sha256 } from './document-ids.ts';
import { parseTemplateMetadata } from './template-metadata.ts';
import { at, type TemplateProblem } from './template-problem.ts';
import type { FolderVersion, NewVersion, StoredVersion, VersionChange } from './template-store.ts';

/** Why a version cannot be written beside what is stored. */
export interface VersionConflict {
  readonly name: string;
  readonly version: number;
  /** The half of the version that it is about. */
  readonly file: 'graphql' | 'yaml';
  readonly where: string;
  readonly what: string;
  readonly todo: string;
}

/** @param base name of the two files without extension */
export function problemOfConflict(base: string, { file, where, what, todo }: VersionConflict): TemplateProblem {
  return at(`${base}.${file}`, where, what, todo);
}

/** A version of the folder beside what is stored: what was there first stays. Null when there is no conflict. */
export function folderConflict(next: FolderVersion, before: StoredVersion): VersionConflict | null {
  const { name, version } = next;
  const ref = `${name}@${version}`;
  const [id, idBefore] = [sha256(next.document), sha256(before.document)];
  if (id !== idBefore && before.source === 'api') {
    const what = `${ref} was published through the API with another text: its id there is ${idBefore}, and that of the file ${id}.`;
    return {
      name,
      version,
      file: 'graphql',
      where: '',
      what,
      todo: 'Give the file a new version, or the text that was published.',
    };
  }
  if (id !== idBefore && before.isFrozen) {
    const what = `The text of ${ref} changed after its approval: its id was ${idBefore} and is ${id}.`;
    return {
      name,
      version,
      file: 'graphql',
      where: '',
      what,
      todo: 'Restore the text, or give the changed text a new version.',
    };
  }
  const { fileState } = before;
  if (next.state === 'draft' && fileState !== null && fileState !== 'draft') {
    const what = `${ref} was ${fileState} and cannot become a draft again.`;
    return { name, version, file: 'yaml', where: 'state', what, todo: 'Give the draft a new version.' };
  }
  return null;
}

/**
 * What publishing a version through the API would do. The state that its file names is not compared: publishing and
 * approving are separate acts.
 */
export function publicationOf(
  next: NewVersion,
  before: StoredVersion | undefined,
  seenRevision: number,
): { readonly change: VersionChange } | { readonly conflict: VersionConflict } {
  if (before === undefined) return { change: 'new' };
  const { name, version } = next;
  const ref = `${name}@${version}`;
  const isSameText = Buffer.compare(next.document, before.document) === 0;
  const isSame = isSameText && sameMetadata(next.metadata, before.metadata);
  if (isSame) return { change: before.isWithdrawn ? 'updated' : 'unchanged' };

  const conflict = (what: string, todo: string) => ({
    conflict: { name, version, file: isSameText ? 'yaml' : 'graphql', where: '', what, todo } as const,
  });
  const part = isSameText ? 'metadata' : 'text';
  if (before.isFrozen)
    return conflict(
      `The ${part} of ${ref} changed after its approval, and approved versions never change.`,
      'Give the change a new version.',
    );
  if (before.source === 'folder' && !before.isWithdrawn)
    return conflict(
      `${ref} comes from the templates folder, with another ${part}.`,
      'Change its file, or publish a new version.',
    );
  if (before.revision > seenRevision)
    return conflict(
      `${ref} was changed by ${writerOf(before)} while this was being published.`,
      'Look at it, then publish again or take a new version.',
    );
  return { change: 'updated' };
}

function writerOf({ acts }: StoredVersion): string {
  const by = acts.findLast(({ state }) => state === 'draft')?.by;
  return by === undefined || by === 'folder' ? 'the templates folder' : `the key "${by.keyName}" of ${by.owner}`;
}

/** Equal but for what is about the state, which the store keeps by itself. */
function sameMetadata(a: string, b: string): boolean {
  return a === b || comparable(a) === comparable(b);
}

function comparable(text: string): string {
  const { metadata } = parseTemplateMetadata(text, '');
  if (metadata === null) return text;
  const { state: _state, retiredAt: _retiredAt, deprecation: _deprecation, ...rest } = metadata;
  return JSON.stringify(rest);
}
