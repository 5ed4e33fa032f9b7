import { parseKeyPolicy, policyInput, type KeyPolicy } from '@certfolio/access';
import { BadUserInput, nearestOf } from '@certfolio/core';
import { ConfigReader, readConfigDocument } from '@certfolio/runtime';

/** What a file says about keys. */
export interface KeyFile {
  /** Label of the keys that the file manages; null: the file prunes none. */
  readonly managedBy: string | null;
  readonly keys: readonly KeyPolicy[];
  /** What is wrong with it, all of it, each with its place; then `keys` is not whole. */
  readonly problems: readonly string[];
}

/** Members of a key that the file spells in its own way. */
const ownMembers = ['templates', 'containers', 'fields', 'expires', 'variables', 'urlFor'];
const {
  managedBy: _managedBy,
  inUrl: _inUrl,
  variables: _variables,
  templates: _templates,
  ...plainMembers
} = policyInput.shape;
const members = [...new Set([...Object.keys(plainMembers), ...ownMembers])];

/** Reads keys and limits from YAML. @param fileName for places, such as `keys.yaml:7 keys.0.limits.rate` */
export function readKeyFile(fileName: string, text: string, nowMs: number): KeyFile {
  const reader = new ConfigReader(readConfigDocument(fileName, text));
  const done = (managedBy: string | null, keys: readonly KeyPolicy[]): KeyFile => ({
    managedBy,
    keys,
    problems: reader.problems.map(({ name, problem }) => `${name}: ${problem}`),
  });
  if (reader.problems.length > 0) return done(null, []);
  const sections = reader.membersOf(reader.value, []) ?? [];
  reader.refuseUnknown(sections, ['managedBy', 'keys'], []);
  const sectionOf = (name: string) => sections.find(([section]) => section === name)?.[1];

  const label = sectionOf('managedBy') ?? null;
  const managedBy = typeof label === 'string' && label.trim() !== '' && label.length <= 100 ? label.trim() : null;
  if (label !== null && managedBy === null) reader.problem(['managedBy'], 'must be a text of at most 100 characters');
  const list = sectionOf('keys');
  if (!Array.isArray(list)) {
    reader.problem(['keys'], 'must be a list of keys');
    return done(managedBy, []);
  }
  const keys = list.flatMap((item: unknown, at) => readKey(item, at, managedBy, reader, nowMs) ?? []);
  const seen = new Set<string>();
  for (const [at, item] of list.entries()) {
    const name: unknown = typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined;
    if (typeof name !== 'string') continue;
    if (seen.has(name.trim())) reader.problem(['keys', at, 'name'], 'is the name of a key above');
    seen.add(name.trim());
  }
  return done(managedBy, keys);
}

function readKey(
  item: unknown,
  at: number,
  managedBy: string | null,
  reader: ConfigReader,
  nowMs: number,
): KeyPolicy | undefined {
  const path = ['keys', at] as const;
  const given = reader.membersOf(item, path);
  if (given === undefined) return undefined;
  for (const [name] of given.filter(([name]) => !members.includes(name))) {
    const nearest = nearestOf(name, members);
    reader.problem(
      [...path, name],
      `is not known; ${nearest === null ? `there are ${members.join(', ')}` : `the nearest is "${nearest}"`}`,
    );
  }
  const said = new Map(given);
  const input = new Map<string, unknown>(given.filter(([name]) => Object.hasOwn(plainMembers, name)));
  const before = reader.problems.length;
  const problem = (name: string, text: string) => reader.problem([...path, name], text);

  input.set('containers', allOr(said.get('containers')));
  input.set('fields', allOr(said.get('fields')));
  if (managedBy !== null) input.set('managedBy', managedBy);
  const expires = readExpires(said.get('expires'));
  input.delete('expires');
  if (expires === undefined)
    problem(
      'expires',
      'must be a day such as 2027-01-31, an instant, or "never"; a time from now would change with each run',
    );
  else input.set('expires', expires);

  const urlFor = said.get('urlFor');
  const grant = readGrant(said.get('templates'));
  if (urlFor === undefined) {
    if (grant === undefined) problem('templates', 'must be "all", or a list of names and "tag:…"');
    else input.set('templates', grant);
  } else if (typeof urlFor !== 'string') problem('urlFor', 'must be the name of a template');
  else {
    for (const other of ['templates', 'level'])
      if (said.has(other)) problem(other, 'is said by urlFor: the key runs that template, by id only');
    input
      .set('templates', { names: [urlFor] })
      .set('level', 'id-only')
      .set('inUrl', true);
  }
  const variables = readVariables(said.get('variables'));
  if (variables === undefined) problem('variables', 'must be a map of names and values, or lists of values');
  else input.set('variables', variables);

  const policy = policyInput.safeParse(Object.fromEntries(input));
  for (const { path: within, message } of policy.error?.issues ?? [])
    reader.problem([...path, ...within.filter((step) => typeof step !== 'symbol')], message);
  if (reader.problems.length > before) return undefined;
  try {
    return parseKeyPolicy(Object.fromEntries(input), nowMs);
  } catch (error) {
    if (!(error instanceof BadUserInput)) throw error;
    for (const text of (error.details['problems'] as readonly string[] | undefined) ?? [error.message])
      reader.problem(path, text);
    return undefined;
  }
}

const allOr = (value: unknown): unknown => (value === undefined || value === 'all' ? null : value);

/** Null for a key without an end; undefined for what cannot be read. YAML's own dates come as texts. */
function readExpires(value: unknown): string | Date | null | undefined {
  if (value === undefined || value === null || value === 'never') return null;
  if (value instanceof Date) return value;
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}(T|$)/.test(value) ? value : undefined;
}

function readGrant(value: unknown): KeyPolicy['templates'] | undefined {
  if (value === undefined || value === 'all') return 'all';
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) return undefined;
  const isTag = (name: string) => name.startsWith('tag:');
  return {
    names: value.filter((name) => !isTag(name)),
    tags: value.filter(isTag).map((name) => name.slice('tag:'.length)),
  };
}

function readVariables(value: unknown): { name: string; values: string[] }[] | undefined {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).map(([name, given]) => ({
    name,
    values: Array.isArray(given) ? given : [given],
  }));
  const isPlain = (member: unknown) => ['string', 'number', 'boolean'].includes(typeof member);
  return entries.every(({ values }) => values.every(isPlain))
    ? entries.map(({ name, values }) => ({ name, values: values.map(String) }))
    : undefined;
}
