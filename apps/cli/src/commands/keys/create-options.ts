import { UsageError } from '../../cli-error.ts';

/** The options of `keys create` as they were typed. */
export interface CreateFlags {
  readonly name: string;
  readonly owner?: string | undefined;
  readonly level?: string | undefined;
  readonly templates?: string | undefined;
  readonly rate?: string | undefined;
  readonly burst?: string | undefined;
  readonly cost?: string | undefined;
  readonly expires?: string | undefined;
  readonly containers?: string | undefined;
  readonly fields?: string | undefined;
  readonly scopes?: string | undefined;
  readonly account?: string | undefined;
  readonly rows?: string | undefined;
  readonly concurrent?: string | undefined;
  readonly tier?: string | undefined;
  /** Makes a key for the URL of this template. */
  readonly urlFor?: string | undefined;
  readonly var?: readonly string[] | undefined;
  readonly rest?: string | undefined;
  readonly adopt?: true | undefined;
}

/** The options of `keys update` as they were typed. */
export type UpdateFlags = Partial<Omit<CreateFlags, 'urlFor' | 'adopt'>> & { readonly newName?: string };

/**
 * `CreateKeyInput` of the control graph. What was not said is left out, so that the gateway's defaults hold.
 *
 * @throws UsageError
 */
export function createKeyInput(flags: CreateFlags, nowMs: number): Record<string, unknown> {
  const { urlFor } = flags;
  if (urlFor !== undefined && (flags.templates !== undefined || flags.level !== undefined))
    throw new UsageError('--url-for says which template the key runs, by id only; leave --templates and --level out.');
  if (urlFor === undefined && flags.var !== undefined)
    throw new UsageError('--var fixes variables of the template that --url-for names; say both.');
  return said({
    name: flags.name,
    ...commonInput(flags),
    ...(urlFor === undefined ? {} : { level: 'ID_ONLY', templates: { names: [urlFor], tags: [] }, inUrl: true }),
    expiresAt: flags.expires === undefined ? undefined : readExpiry(flags.expires, nowMs).toISOString(),
  });
}

/**
 * `UpdateKeyInput` of the control graph: only what was said; `all` and `never` are nulls.
 *
 * @throws UsageError
 */
export function updateKeyInput(flags: UpdateFlags, nowMs: number): Record<string, unknown> {
  const isAll = (text: string | undefined) => (text === 'all' ? null : undefined);
  const input = commonInput(flags);
  return said({
    ...input,
    name: flags.newName,
    templates: input['templates'] ?? isAll(flags.templates),
    containers: input['containers'] ?? isAll(flags.containers),
    fields: input['fields'] ?? isAll(flags.fields),
    tier: flags.tier === 'none' ? null : flags.tier,
    rest: flags.rest === 'default' ? null : input['rest'],
    expiresAt:
      flags.expires === undefined || flags.expires === 'never'
        ? flags.expires && null
        : readExpiry(flags.expires, nowMs).toISOString(),
  });
}

/** What both say alike; undefined where nothing was said. */
function commonInput(flags: UpdateFlags): Record<string, unknown> {
  const limits = said({
    requestsPerMinute: readCount('--rate', flags.rate),
    burst: readCount('--burst', flags.burst),
    costPerMinute: readCount('--cost', flags.cost),
    rows: readCount('--rows', flags.rows),
    concurrent: readCount('--concurrent', flags.concurrent),
  });
  return {
    owner: flags.owner,
    level: flags.level?.toUpperCase().replaceAll('-', '_'),
    templates: readTemplates(flags.templates),
    scopes: readList('--scopes', flags.scopes),
    containers: readList('--containers', flags.containers)?.map(readContainer),
    fields: readList('--fields', flags.fields),
    limits: Object.keys(limits).length === 0 ? undefined : limits,
    account: flags.account,
    tier: flags.tier,
    variables: readFixed(flags.var),
    rest: flags.rest?.toUpperCase(),
  };
}

const said = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** `days=30`; a name that is given again makes a list. */
function readFixed(assignments: readonly string[] | undefined): { name: string; values: string[] }[] | undefined {
  if (assignments === undefined) return undefined;
  const byName = new Map<string, string[]>();
  for (const assignment of assignments) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`--var takes name=value, for example days=30; "${assignment}" is none.`);
    byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  return [...byName].map(([name, values]) => ({ name, values }));
}

/** `a,b,tag:x`; undefined for `all`, which is what is meant when nothing is said. */
function readTemplates(text: string | undefined): { names: string[]; tags: string[] } | undefined {
  const members = readList('--templates', text);
  if (members === undefined) return undefined;
  const isTag = (member: string) => member.startsWith('tag:');
  return {
    names: members.filter((member) => !isTag(member)),
    tags: members.filter(isTag).map((member) => member.slice('tag:'.length)),
  };
}

/** A comma-separated list; empty for `none`, undefined for `all` and when nothing was said. */
function readList(option: string, text: string | undefined): string[] | undefined {
  if (text === undefined || text === 'all') return undefined;
  if (text === 'none') return [];
  const members = text.split(',').map((member) => member.trim());
  if (members.includes('')) throw new UsageError(`${option} has an empty member; say "none" for an empty list.`);
  const reserved = members.find((member) => member === 'all' || member === 'none');
  if (reserved !== undefined) throw new UsageError(`${option} takes "${reserved}" alone, not together with others.`);
  return members;
}

function readContainer(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--containers takes division ids, for example 1,2; "${text}" is none.`);
}

function readCount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`${option} takes a whole number from 1 on; "${text}" is none.`);
}

const unitMs = new Map([
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
]);

/** `90d` from now, or a day (its start in UTC) or instant. */
export function readExpiry(text: string, nowMs: number, option = '--expires'): Date {
  const [, amount, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return new Date(nowMs + Number(amount) * unitMs.get(unit)!);
  const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = new Date(isDate ? text : Number.NaN);
  // JavaScript takes 2026-02-30 for the second of March.
  if (Number.isNaN(at.getTime()) || (text.length === 10 && at.toISOString().slice(0, 10) !== text)) {
    throw new UsageError(
      `${option} takes a day such as 2027-01-31, an instant, or a time from now such as 90d; "${text}" is none.`,
    );
  }
  return at;
}
