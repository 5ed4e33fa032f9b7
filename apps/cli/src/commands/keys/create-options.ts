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
}

/**
 * `CreateKeyInput` of the control graph. What was not said is left out, so that the gateway's defaults hold.
 *
 * @throws UsageError
 */
export function createKeyInput(flags: CreateFlags, nowMs: number): Record<string, unknown> {
  const limits = {
    requestsPerMinute: readCount('--rate', flags.rate),
    burst: readCount('--burst', flags.burst),
    costPerMinute: readCount('--cost', flags.cost),
  };
  const input: Record<string, unknown> = {
    name: flags.name,
    owner: flags.owner,
    level: flags.level?.toUpperCase().replaceAll('-', '_'),
    templates: readTemplates(flags.templates),
    scopes: readList('--scopes', flags.scopes),
    containers: readList('--containers', flags.containers)?.map(readContainer),
    fields: readList('--fields', flags.fields),
    limits: Object.values(limits).every((limit) => limit === undefined) ? undefined : limits,
    expiresAt: flags.expires === undefined ? undefined : readExpiry(flags.expires, nowMs).toISOString(),
    account: flags.account,
  };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
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
export function readExpiry(text: string, nowMs: number): Date {
  const [, amount, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return new Date(nowMs + Number(amount) * unitMs.get(unit)!);
  const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = new Date(isDate ? text : Number.NaN);
  // JavaScript takes 2026-02-30 for the second of March.
  if (Number.isNaN(at.getTime()) || (text.length === 10 && at.toISOString().slice(0, 10) !== text)) {
    throw new UsageError(
      `--expires takes a day such as 2027-01-31, an instant, or a time from now such as 90d; "${text}" is none.`,
    );
  }
  return at;
}
