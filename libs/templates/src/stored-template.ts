import { dayIn } from '@certfolio/core';
import { documentIds, sha256 } from './document-ids.ts';
import { isLater } from './template-state.ts';
import { parseTemplateMetadata } from './template-metadata.ts';
import type { StoredVersion, TemplateAct } from './template-store.ts';
import type { RegisteredId, Template, TemplateLifecycle, TemplateState } from './template.ts';

/**
 * A stored version as it is served: what its files say, with the state and the ids that the store knows.
 *
 * @param fit what checking its files gave
 * @param importedIds those of the stored ids whose text fits the schema
 */
export function storedTemplate(stored: StoredVersion, fit: Template, importedIds: readonly RegisteredId[]): Template {
  return {
    ...fit,
    state: stored.state,
    ids: importedIds.length === 0 ? fit.ids : [...fit.ids, ...importedIds],
    retiredAt: retirementDay(stored, fit.retiredAt),
    lifecycle: lifecycleOf(stored, null),
  };
}

/** A stored version that does not fit the schema: enough of it to be shown to those who can do something about it. */
export function unfitTemplate(stored: StoredVersion, problem: string | null): Template {
  const { name, version, state } = stored;
  const { metadata } = parseTemplateMetadata(stored.metadata, `${name}.yaml`);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(stored.document);
  const id = sha256(stored.document);
  return {
    name,
    version,
    state,
    title: metadata?.title ?? name,
    question: metadata?.question ?? '',
    description: metadata?.description ?? null,
    owner: metadata?.owner ?? '',
    tags: metadata?.tags ?? [],
    id,
    text,
    operationName: null,
    ids: [...idsOrNone(text, id), ...stored.importedIds],
    variables: [],
    oneOf: [],
    rows: metadata?.rows ?? [],
    paging: null,
    columns: [],
    sensitive: metadata?.sensitive ?? [],
    maxAgeSeconds: null,
    schedule: null,
    picture: null,
    chart: null,
    calendar: null,
    retiredAt: retirementDay(stored, metadata?.retiredAt ?? null),
    lifecycle: lifecycleOf(stored, problem),
  };
}

/**
 * Names the successor of each version that is no longer to be used: the newest approved one of the same name, if every key
 * that may run the one may run the other too.
 */
export function withSuccessors(templates: readonly Template[]): Template[] {
  const approved = new Map<string, Template[]>();
  for (const template of templates) {
    if (template.state !== 'approved') continue;
    approved.set(
      template.name,
      [...(approved.get(template.name) ?? []), template].toSorted((a, b) => b.version - a.version),
    );
  }
  return templates.map((template) => {
    const { name, state, tags, lifecycle } = template;
    if (lifecycle === undefined || !isLater(state, 'approved')) return template;
    const next = (approved.get(name) ?? []).find((other) => tags.every((tag) => other.tags.includes(tag)));
    return next === undefined
      ? template
      : { ...template, lifecycle: { ...lifecycle, successor: `${name}@${next.version}` } };
  });
}

function lifecycleOf({ source, state, acts }: StoredVersion, problem: string | null): TemplateLifecycle {
  const last = (reached: TemplateState): TemplateAct | null =>
    isLater(reached, state) ? null : (acts.findLast((act) => act.state === reached) ?? null);
  return {
    source,
    created: acts[0] ?? null,
    written: last('draft'),
    approved: last('approved'),
    deprecated: last('deprecated'),
    retired: last('retired'),
    successor: null,
    problem,
  };
}

function retirementDay({ state, acts }: StoredVersion, fromFile: string | null): string | null {
  if (state !== 'retired') return null;
  const act = acts.findLast((each) => each.state === 'retired');
  return fromFile ?? (act === undefined ? null : dayIn('UTC', act.at.getTime()));
}

function idsOrNone(text: string, id: string): readonly RegisteredId[] {
  try {
    return documentIds(text);
  } catch {
    return [{ kind: 'raw', id, text }];
  }
}
