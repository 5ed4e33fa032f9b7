import { AppError, mayRunTemplate, nearestOf, type Principal } from '@certfolio/core';
import { LRUCache } from 'lru-cache';
import { GraphQLError, parse, print } from 'graphql';
import { sha256 } from './document-ids.ts';
import { normalizeId } from './requested-id.ts';
import { parseTemplateReference } from './template-name.ts';
import type { RegisteredId, Template } from './template.ts';

export interface FoundTemplate {
  readonly kind: 'found';
  readonly template: Template;
  /** What to execute: the variant of the document that the id belongs to. */
  readonly text: string;
  /** How the template was asked for; `name` runs the exact bytes. */
  readonly variant: RegisteredId['kind'] | 'name';
}

/** Nothing that this key may run. All that is told is about templates that it may run. */
export interface NotInList {
  readonly kind: 'not-in-list';
  /** Name, or `name@version`, that was perhaps meant. */
  readonly nearest?: string;
  /** Day of retirement, or null when retired on a day not told; absent when not retired. */
  readonly retiredAt?: string | null;
  /** Owner of the retired or nearest template. */
  readonly owner?: string;
}

/** The part of a principal that decides about templates. */
export type TemplateCaller = Pick<Principal, 'templates'>;

/** The templates of one moment. It never changes; a new set makes a new registry. */
export interface TemplateRegistry {
  /** Finds what an id, `name` or `name@version` means to this caller. */
  find(idOrName: string, caller: TemplateCaller): FoundTemplate | NotInList;
  /** Finds the template whose text this is: same bytes as a variant, or the same once parsed and printed. */
  matchText(text: string, caller: TemplateCaller): FoundTemplate | null;
  /** Versions that this caller may run, by name and then version. */
  list(caller: TemplateCaller): readonly Template[];
  /** Every version that fits the schema, in every state, and every retired one; what is built in is not among them. */
  all(): readonly Template[];
  /** A template of the product's own, whoever asks; null when there is none, or it does not fit the schema. */
  builtIn(name: string): Template | null;
}

export interface RegistryOptions {
  /** Texts whose printed form is remembered. */
  readonly matchCacheSize?: number;
  /** Longer texts than this many tokens match nothing unless their bytes do. */
  readonly maxTokens?: number;
  /** Templates of the product's own: found by id and name where nothing else is, never listed, never matched by text. */
  readonly builtIn?: readonly Template[];
}

interface Variant {
  readonly template: Template;
  readonly id: RegisteredId;
}

/** A new set of templates has most ids of the one before, and printing a document is what takes long. */
const knownPrints = new WeakMap<RegisteredId, string>();

/** Does beforehand what a registry needs of an id, so that making one of many templates holds nothing up. */
export function notePrint(id: RegisteredId): void {
  printOf(id);
}

/** SHA-256 of the printed text; empty for one that does not parse, as that of a retired version can be. */
function printOf(id: RegisteredId): string {
  const known = knownPrints.get(id);
  if (known !== undefined) return known;
  const text = printOrNull(id.text);
  const printed = text === null ? '' : sha256(text);
  knownPrints.set(id, printed);
  return printed;
}

/** @throws TypeError when two templates have the same name and version: a fault of the caller */
export function createTemplateRegistry(
  templates: readonly Template[],
  options: RegistryOptions = {},
): TemplateRegistry {
  const { matchCacheSize = 1_000, maxTokens = 15_000, builtIn = [] } = options;
  const ownByName = new Map(builtIn.map((template) => [template.name, template]));
  const sorted = templates.toSorted((a, b) => compareText(a.name, b.name) || a.version - b.version);
  const byName = new Map<string, Template[]>();
  const byId = new Map<string, Variant[]>();
  const byPrint = new Map<string, Variant[]>();
  for (const template of sorted) {
    const versions = addTo(byName, template.name, template);
    if (versions.at(-2)?.version === template.version) throw new TypeError(`"${reference(template)}" exists twice.`);
    for (const id of template.ids) {
      addTo(byId, id.id, { template, id });
      const printed = printOf(id);
      if (printed !== '') addTo(byPrint, printed, { template, id });
    }
  }
  /** SHA-256 of a text to the SHA-256 of its print, or '' for what does not parse. Hashes only, so hostile texts cannot fill memory. */
  const prints = new LRUCache<string, string>({ max: matchCacheSize });

  function find(idOrName: string, caller: TemplateCaller): FoundTemplate | NotInList {
    const id = normalizeId(idOrName);
    const known = byId.get(id) ?? [];
    const [only] = known;
    // Nearly every id is that of one template; the rest of this is for ids that are shared, and for refusals.
    if (known.length === 1 && isRunnable(only!.template) && isGranted(only!.template, caller))
      return { kind: 'found', template: only!.template, text: only!.id.text, variant: only!.id.kind };
    const variants = known.filter(({ template }) => isGranted(template, caller));
    const variant = best(variants);
    if (variant !== null)
      return { kind: 'found', template: variant.template, text: variant.id.text, variant: variant.id.kind };

    const named = namedVersions(id).filter((template) => isGranted(template, caller));
    const template = bestTemplate(named);
    if (template !== null) return { kind: 'found', template, text: template.text, variant: 'name' };
    const own = findOwn(id);
    if (own !== null && isGranted(own.template, caller)) return own;
    return refusal(id, [...variants.map((each) => each.template), ...named], caller);
  }

  function findOwn(id: string): FoundTemplate | null {
    const named = ownByName.get(id.replace(/@1$/, ''));
    if (named !== undefined) return { kind: 'found', template: named, text: named.text, variant: 'name' };
    for (const template of ownByName.values()) {
      const known = template.ids.find((own) => own.id === id);
      if (known !== undefined) return { kind: 'found', template, text: known.text, variant: known.kind };
    }
    return null;
  }

  function namedVersions(text: string): readonly Template[] {
    const wanted = parseTemplateReference(text);
    if (wanted === null) return [];
    const versions = byName.get(wanted.name) ?? [];
    return wanted.version === null ? versions : versions.filter(({ version }) => version === wanted.version);
  }

  function refusal(id: string, meant: readonly Template[], caller: TemplateCaller): NotInList {
    const retired = meant.findLast(({ state }) => state === 'retired');
    if (retired !== undefined) {
      const successor = bestTemplate(
        (byName.get(retired.name) ?? []).filter((template) => isGranted(template, caller)),
      );
      return {
        kind: 'not-in-list',
        ...(successor === null ? {} : { nearest: successor.name }),
        retiredAt: retired.retiredAt,
        owner: retired.owner,
      };
    }
    if (id.length > 80) return { kind: 'not-in-list' };
    const runnable = list(caller);
    const name = nearestOf(id.split('@', 1)[0]!, new Set(runnable.map((template) => template.name)));
    const nearest = bestTemplate(runnable.filter((template) => template.name === name));
    return nearest === null
      ? { kind: 'not-in-list' }
      : { kind: 'not-in-list', nearest: nearest.name, owner: nearest.owner };
  }

  function matchText(text: string, caller: TemplateCaller): FoundTemplate | null {
    const id = sha256(text);
    const sameBytes = best(
      (byId.get(id) ?? []).filter(({ template, id: { text: own } }) => own === text && isGranted(template, caller)),
    );
    const variant =
      sameBytes ?? best((byPrint.get(printId(text, id)) ?? []).filter(({ template }) => isGranted(template, caller)));
    return variant === null
      ? null
      : { kind: 'found', template: variant.template, text: variant.id.text, variant: variant.id.kind };
  }

  function printId(text: string, id: string): string {
    const known = prints.get(id);
    if (known !== undefined) return known;
    const printed = printOrNull(text, maxTokens);
    const result = printed === null ? '' : sha256(printed);
    prints.set(id, result);
    return result;
  }

  function list(caller: TemplateCaller): readonly Template[] {
    return sorted.filter((template) => isRunnable(template) && isGranted(template, caller));
  }

  return { find, matchText, list, all: () => sorted, builtIn: (name) => ownByName.get(name) ?? null };
}

/**
 * The refusal of an id. Its message is the same for an id that does not exist and one that this key may not run.
 * The message must not contain the words that make clients send the text after all.
 */
export function notInListError({ nearest, retiredAt, owner }: NotInList): AppError {
  const sentences = ['No approved template that this key may run has this id.'];
  if (retiredAt !== undefined)
    sentences[0] = `This template was retired${retiredAt === null ? '' : ` on ${retiredAt}`}; its owner is ${owner}.`;
  if (nearest !== undefined)
    sentences.push(retiredAt === undefined ? `Did you mean "${nearest}"?` : `Use "${nearest}".`);
  return new AppError('PERSISTED_QUERY_NOT_IN_LIST', sentences.join(' '), {
    details: {
      ...(nearest === undefined ? {} : { nearest }),
      ...(retiredAt == null ? {} : { retiredAt }),
      ...(owner === undefined ? {} : { owner }),
    },
  });
}

/** `name@version`. */
export function reference({ name, version }: Pick<Template, 'name' | 'version'>): string {
  return `${name}@${version}`;
}

function isGranted(template: Template, caller: TemplateCaller): boolean {
  return mayRunTemplate(caller.templates, template);
}

function isRunnable({ state }: Template): boolean {
  return state === 'approved' || state === 'deprecated';
}

/** Approved before deprecated, then the newest; null when none runs. Of the same version the first variant. */
function best(variants: readonly Variant[]): Variant | null {
  const template = bestTemplate(variants.map((variant) => variant.template));
  return variants.find((variant) => variant.template === template) ?? null;
}

function bestTemplate(templates: readonly Template[]): Template | null {
  const newestOf = (state: Template['state']) =>
    templates.reduce<Template | null>(
      (newest, template) => (template.state === state && template.version > (newest?.version ?? 0) ? template : newest),
      null,
    );
  return newestOf('approved') ?? newestOf('deprecated');
}

function printOrNull(text: string, maxTokens?: number): string | null {
  try {
    return print(parse(text, { maxTokens, noLocation: true }));
  } catch (error) {
    if (error instanceof GraphQLError || error instanceof RangeError) return null;
    throw error;
  }
}

function addTo<K, V>(map: Map<K, V[]>, key: K, value: V): V[] {
  const values = map.get(key) ?? [];
  values.push(value);
  map.set(key, values);
  return values;
}

/** By code units, so that the order does not depend on a locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
