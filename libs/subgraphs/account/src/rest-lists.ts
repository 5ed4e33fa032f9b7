import { BadUserInput, readOf, type AccountReader, type RequestContext, type RestListName } from '@certfolio/core';
import type { Resolver } from '@certfolio/graph-kit';

interface RestListArgs {
  readonly status?: readonly string[] | null;
  readonly first?: number | null;
  readonly offset?: number | null;
}

interface StatusChangesArgs {
  readonly lastSeconds?: number | null;
  readonly from?: string | null;
  readonly to?: string | null;
}

/** A list by a resolver's name. */
const lists: readonly RestListName[] = [
  'restOrganizations',
  'restDomains',
  'restContainers',
  'restUsers',
  'restProducts',
  'restRequests',
];

/** CertCentral's own lists, for answers in its own form. */
export function restListResolvers(
  readerOf: (context: RequestContext) => AccountReader,
): Readonly<Record<string, Resolver>> {
  const resolverOf =
    (list: RestListName): Resolver =>
    async (_root, { status, first, offset }: RestListArgs, context) => {
      const found = await readerOf(context).restList(list, readOf(context));
      if (found === null) return null;
      const from = notNegative('offset', offset ?? 0);
      const rows: readonly object[] = found;
      const wanted =
        status == null ? rows : rows.filter((row) => 'status' in row && status.includes(String(row.status)));
      const page = first == null ? wanted.slice(from) : wanted.slice(from, from + notNegative('first', first));
      return { total: wanted.length, documents: page.map((row) => ('restDocument' in row ? row.restDocument : null)) };
    };
  return {
    ...Object.fromEntries(lists.map((list) => [list, resolverOf(list)])),
    statusChanges: (_root, args: StatusChangesArgs, context) =>
      readerOf(context).statusChanges(windowOf(args), readOf(context)),
  };
}

const longestSeconds = 604_800;

/** @throws BadUserInput for a window that CertCentral would refuse, or that is none */
function windowOf({ lastSeconds, from, to }: StatusChangesArgs) {
  if (lastSeconds != null && from == null && to == null) {
    if (lastSeconds >= 1 && lastSeconds <= longestSeconds) return { lastSeconds };
    throw new BadUserInput(`lastSeconds is ${lastSeconds}; it must be between 1 and ${longestSeconds}.`);
  }
  const window = { from: new Date(from ?? Number.NaN), to: new Date(to ?? Number.NaN) };
  const seconds = (window.to.getTime() - window.from.getTime()) / 1_000;
  if (lastSeconds == null && seconds >= 1 && seconds <= longestSeconds) return window;
  throw new BadUserInput('statusChanges needs lastSeconds, or from and to that lie at most seven days apart.');
}

function notNegative(name: string, value: number): number {
  if (value >= 0) return value;
  throw new BadUserInput(`${name} is ${value}; it must be 0 or more.`);
}
