import type { Generated, Insertable, Kysely, Selectable, Transaction } from 'kysely';
import { BadUserInput, type CalendarDate, type Clock, type SensitiveGroup } from '@certfolio/core';
import { createQueries, type Pool } from '@certfolio/database';
import { normalizeId, shorten } from './requested-id.ts';
import { parseTemplateReference } from './template-name.ts';
import { isLater, laterState, mayBecome } from './template-state.ts';
import type {
  FolderVersion,
  ImportedId,
  KeyActor,
  StoredVersion,
  TemplateAct,
  TemplateSourceKind,
  TemplateStore,
  VersionChange,
} from './template-store.ts';
import type { TemplateState } from './template.ts';
import { folderConflict, publicationOf } from './version-conflict.ts';

interface Versions {
  name: string;
  version: number;
  source: TemplateSourceKind;
  document: Buffer;
  metadata: string;
  state: Generated<TemplateState>;
  file_state: TemplateState | null;
  is_frozen: Generated<boolean>;
  withdrawn_at: Date | null;
  revision: Generated<number>;
}

interface Acts {
  id: Generated<number>;
  name: string;
  version: number;
  state: TemplateState;
  at: Date;
  /** Null for the folder, as are the two that follow. */
  key_id: string | null;
  key_name: string | null;
  owner: string | null;
  note: string | null;
  sunset: CalendarDate | null;
  reviewed: Generated<SensitiveGroup[]>;
}

interface Ids {
  id: string;
  kind: 'imported';
  text: string;
  name: string;
  version: number;
  added_at: Date;
  key_id: string;
  key_name: string;
  owner: string;
}

interface Tables {
  template_revision: { one: Generated<boolean>; revision: number };
  template_versions: Versions;
  template_acts: Acts;
  template_ids: Ids;
}

type Executor = Kysely<Tables> | Transaction<Tables>;

/** Longer ids are no ids that a client sends. */
const maxIdLength = 256;
/** Of one text beside an id, and of one call. */
const maxIdTextChars = 1_000_000;
const maxIdsPerCall = 10_000;

export interface TemplateStoreOptions {
  readonly clock: Clock;
}

export function createTemplateStore(pool: Pool, { clock }: TemplateStoreOptions): TemplateStore {
  const db = createQueries<Tables>(pool);
  const now = () => new Date(clock.nowMs());

  /** Writers take turns, so that what one has seen is still so when it writes. Readers do not wait. */
  function write<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
    return db.transaction().execute(async (tx) => {
      await tx.selectFrom('template_revision').select('revision').forUpdate().execute();
      return work(tx);
    });
  }

  return {
    revision: () => readRevision(db),

    load: () =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(async (tx) => ({ revision: await readRevision(tx), versions: await readVersions(tx) })),

    publish: (versions, by, seenRevision) =>
      write(async (tx) => {
        const stored = byReference(await readVersions(tx));
        const decisions = versions.map((next) => publicationOf(next, stored.get(keyOf(next)), seenRevision));
        const conflicts = decisions.flatMap((decision) => ('conflict' in decision ? [decision.conflict] : []));
        if (conflicts.length > 0) return { kind: 'refused', conflicts };

        const changes: VersionChange[] = [];
        for (const [index, { name, version, document, metadata }] of versions.entries()) {
          const decision = decisions[index]!;
          if ('conflict' in decision) continue;
          changes.push(decision.change);
          if (decision.change === 'unchanged') continue;
          const row = {
            source: 'api',
            document: Buffer.from(document),
            metadata,
            file_state: null,
            withdrawn_at: null,
          } as const;
          await tx
            .insertInto('template_versions')
            .values({ name, version, ...row })
            .onConflict((conflict) => conflict.columns(['name', 'version']).doUpdateSet(row))
            .execute();
          await addAct(tx, { name, version, state: 'draft', at: now(), ...columnsOf(by), note: null, sunset: null });
        }
        return { kind: 'done', done: changes };
      }),

    transition: (name, version, { to, note, sunset = null, reviewed = [], seenRevision }, by) =>
      write(async (tx) => {
        const [before] = await readVersions(tx, { name, version });
        if (before === undefined || before.isWithdrawn) return { kind: 'unknown' };
        if (seenRevision !== undefined && before.revision !== seenRevision) return { kind: 'changed' };
        const saysMore = to === 'deprecated' && (note !== null || sunset !== null);
        if (before.state === to && !saysMore) return { kind: 'unchanged' };
        if (!mayBecome(before.state, to)) return { kind: 'refused', state: before.state };
        await tx
          .updateTable('template_versions')
          .set({ state: to })
          .where('name', '=', name)
          .where('version', '=', version)
          .execute();
        const act = { name, version, state: to, at: now(), ...columnsOf(by), note, sunset, reviewed: [...reviewed] };
        await addAct(tx, act);
        return { kind: 'done' };
      }),

    addIds: (name, version, ids, by) =>
      write(async (tx) => {
        const [stored] = await readVersions(tx, { name, version });
        if (stored === undefined)
          throw new BadUserInput(`There is no template ${shorten(name)}@${version} to add ids to.`);
        const wanted = readIds(ids);
        const found = await tx
          .selectFrom('template_ids')
          .select(['id', 'text'])
          .where('id', 'in', [...wanted.keys(), ''])
          .execute();
        const others = found.filter(({ id, text }) => wanted.get(id) !== text).map(({ id }) => id);
        if (others.length > 0) throw idsRefused(others.map((id) => `"${shorten(id)}" has another text already`));
        for (const { id } of found) wanted.delete(id);
        const rows = [...wanted].map(([id, text]): Insertable<Ids> => {
          const { keyId, keyName, owner } = by;
          return {
            id,
            kind: 'imported',
            text,
            name,
            version,
            added_at: now(),
            key_id: keyId,
            key_name: keyName,
            owner,
          };
        });
        // Nine values a row, and a statement takes 65,535.
        for (let from = 0; from < rows.length; from += 1_000)
          await tx
            .insertInto('template_ids')
            .values(rows.slice(from, from + 1_000))
            .execute();
        return { added: rows.length, known: found.length };
      }),

    syncFolder: (versions) =>
      write(async (tx) => {
        const stored = byReference(await readVersions(tx));
        const conflicts = versions.flatMap((next) => {
          const before = stored.get(keyOf(next));
          return (before === undefined ? null : folderConflict(next, before)) ?? [];
        });
        if (conflicts.length > 0) return { kind: 'refused', conflicts };

        let changed = 0;
        for (const next of versions) if (await takeOver(tx, next, stored.get(keyOf(next)), now())) changed += 1;
        const there = new Set(versions.map(keyOf));
        for (const { name, version, source, isWithdrawn } of stored.values()) {
          if (source !== 'folder' || isWithdrawn || there.has(keyOf({ name, version }))) continue;
          await tx
            .updateTable('template_versions')
            .set({ withdrawn_at: now() })
            .where('name', '=', name)
            .where('version', '=', version)
            .execute();
          changed += 1;
        }
        return { kind: 'done', done: { changed } };
      }),
  };
}

/** Writes what the folder says of one version; false when it says nothing new. */
async function takeOver(
  tx: Executor,
  next: FolderVersion,
  before: StoredVersion | undefined,
  at: Date,
): Promise<boolean> {
  const { name, version, metadata, state } = next;
  const document = Buffer.from(next.document);
  const act = (reached: TemplateState) =>
    addAct(tx, { name, version, state: reached, at, ...noKey, note: null, sunset: null });
  const update = (set: Partial<Insertable<Versions>>) =>
    tx.updateTable('template_versions').set(set).where('name', '=', name).where('version', '=', version).execute();

  if (before === undefined) {
    await tx
      .insertInto('template_versions')
      .values({ name, version, source: 'folder', document, metadata, file_state: state, withdrawn_at: null })
      .execute();
    await act('draft');
    if (state !== 'draft') await act(state);
    return true;
  }
  if (before.source === 'api') {
    // It stays what the API made it; a file of the same text can move it on, as an approval by review of the file does.
    if (!isLater(state, before.state)) return false;
    await update({ state });
    await act(state);
    return true;
  }
  const isSameText = document.equals(before.document);
  if (isSameText && metadata === before.metadata && state === before.fileState && !before.isWithdrawn) return false;
  await update({ document, metadata, file_state: state, withdrawn_at: null });
  if (!isSameText) await act('draft');
  if (state !== before.fileState && state !== 'draft') await act(state);
  return true;
}

async function readRevision(db: Executor): Promise<number> {
  const { revision } = await db.selectFrom('template_revision').select('revision').executeTakeFirstOrThrow();
  return revision;
}

/** By name and then version; all, or the one that is named. */
async function readVersions(
  db: Executor,
  only?: { readonly name: string; readonly version: number },
): Promise<readonly StoredVersion[]> {
  let versions = db.selectFrom('template_versions').selectAll().orderBy('name').orderBy('version');
  let acts = db.selectFrom('template_acts').selectAll().orderBy('id');
  let ids = db.selectFrom('template_ids').select(['name', 'version', 'kind', 'id', 'text']).orderBy('id');
  if (only !== undefined) {
    versions = versions.where('name', '=', only.name).where('version', '=', only.version);
    acts = acts.where('name', '=', only.name).where('version', '=', only.version);
    ids = ids.where('name', '=', only.name).where('version', '=', only.version);
  }
  const actsOf = grouped(await acts.execute());
  const idsOf = grouped(await ids.execute());
  return (await versions.execute()).map((row) => ({
    name: row.name,
    version: row.version,
    source: row.source,
    document: row.document,
    metadata: row.metadata,
    state: laterState(row.state, row.file_state ?? 'draft'),
    fileState: row.file_state,
    isFrozen: row.is_frozen,
    isWithdrawn: row.withdrawn_at !== null,
    revision: row.revision,
    acts: (actsOf.get(keyOf(row)) ?? []).map(parseActRow),
    importedIds: (idsOf.get(keyOf(row)) ?? []).map(({ kind, id, text }) => ({ kind, id, text })),
  }));
}

function parseActRow({ state, at, key_id, key_name, owner, note, sunset, reviewed }: Selectable<Acts>): TemplateAct {
  const by = key_id === null ? 'folder' : { keyId: key_id, keyName: key_name ?? '', owner: owner ?? '' };
  return { state, at, by, note, sunset, reviewed };
}

async function addAct(db: Executor, act: Insertable<Acts>): Promise<void> {
  await db.insertInto('template_acts').values(act).execute();
}

const noKey = { key_id: null, key_name: null, owner: null };
const columnsOf = ({ keyId, keyName, owner }: KeyActor) => ({ key_id: keyId, key_name: keyName, owner });

const keyOf = ({ name, version }: { readonly name: string; readonly version: number }) => `${name}@${version}`;

function byReference(versions: readonly StoredVersion[]): ReadonlyMap<string, StoredVersion> {
  return new Map(versions.map((version) => [keyOf(version), version]));
}

function grouped<Row extends { readonly name: string; readonly version: number }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** @throws BadUserInput naming every id that cannot be added */
function readIds(ids: readonly ImportedId[]): Map<string, string> {
  if (ids.length > maxIdsPerCall)
    throw idsRefused([`there are ${ids.length}, and at most ${maxIdsPerCall} are taken at once`]);
  const wanted = new Map<string, string>();
  const problems: string[] = [];
  for (const { id: given, text } of ids) {
    const id = normalizeId(given);
    const before = wanted.get(id);
    if (id === '' || id.length > maxIdLength)
      problems.push(`"${shorten(id)}" does not have 1 to ${maxIdLength} characters`);
    else if (!isStorable(id)) problems.push(`"${shorten(id)}" has characters that cannot be stored`);
    else if (parseTemplateReference(id) !== null) problems.push(`"${shorten(id)}" could be a name of a template`);
    else if (text.length > maxIdTextChars)
      problems.push(`the text of "${shorten(id)}" has more than ${maxIdTextChars} characters`);
    else if (!isStorable(text)) problems.push(`the text of "${shorten(id)}" has characters that cannot be stored`);
    else if (before !== undefined && before !== text) problems.push(`"${shorten(id)}" is given with two texts`);
    else wanted.set(id, text);
  }
  if (problems.length > 0) throw idsRefused(problems);
  return wanted;
}

function idsRefused(problems: readonly string[]): BadUserInput {
  const shown = problems.slice(0, 20).join('; ');
  const more = problems.length > 20 ? `; and ${problems.length - 20} more` : '';
  return new BadUserInput(`No id was added: ${shown}${more}.`, { problems: problems.slice(0, 1_000) });
}

/** PostgreSQL's text takes no NUL, and UTF-8 no half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
