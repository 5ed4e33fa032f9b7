import { shortNameOf } from '../routes/route-name.ts';
import { catalogRoute } from '../routes/route-catalog.ts';
import type { RouteKey } from '../routes/legacy-route.ts';
import type { KeyProgress, RouteProgress } from '../scoreboard/scoreboard.ts';

/** What an owner is told once a week of its keys that still call REST routes. */
export interface OwnerMessage {
  readonly owner: string;
  readonly title: string;
  readonly headline: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly excerpt: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

interface Line {
  readonly route: RouteProgress;
  readonly key: KeyProgress;
  readonly keyName: string;
}

/** Rows of one message; what is left out is counted. */
export const maxMessageRows = 30;

const grouped = new Intl.NumberFormat('en-US');
const counted = (count: number, noun: string) => `${grouped.format(count)} ${noun}${count === 1 ? '' : 's'}`;
const day = (at: Date) => at.toISOString().slice(0, 10);

/**
 * One message for each owner whose keys called REST routes, test traffic apart; an owner without calls gets none.
 *
 * @param routes of the days that are told of
 * @param keys name and owner by id; calls of other keys belong to nobody who could be told
 */
export function ownerMessages(
  routes: readonly RouteProgress[],
  keys: ReadonlyMap<string, { readonly name: string; readonly owner: string }>,
  { days, publicUrl }: { readonly days: number; readonly publicUrl: string },
): OwnerMessage[] {
  const lines = routes.flatMap((route) =>
    route.keys.flatMap((key) => {
      const known = keys.get(key.keyId);
      return known === undefined || key.calls === 0 ? [] : [{ route, key, keyName: known.name, owner: known.owner }];
    }),
  );
  const byOwner = Map.groupBy(lines, ({ owner }) => owner);
  return [...byOwner]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([owner, own]) => messageOf(owner, own.toSorted(mostUrgentFirst), days, publicUrl));
}

/** The nearest deadline first, then the most calls. */
function mostUrgentFirst(a: Line, b: Line): number {
  const at = ({ key }: Line) => key.state.deadline?.getTime() ?? Infinity;
  return (at(a) === at(b) ? 0 : at(a) - at(b)) || b.key.calls - a.key.calls;
}

function messageOf(owner: string, lines: readonly Line[], days: number, publicUrl: string): OwnerMessage {
  const calls = lines.reduce((sum, { key }) => sum + key.calls, 0);
  const keys = new Set(lines.map(({ key }) => key.keyId)).size;
  const routes = new Set(lines.map(({ route }) => route.route)).size;
  const deadline = lines[0]?.key.state.deadline ?? null;
  const left = lines.length - maxMessageRows;
  return {
    owner,
    title: `REST calls of ${owner}`,
    headline:
      `${counted(calls, 'call')} of ${counted(routes, 'route')} by ${counted(keys, 'key')} in ${days} days; ` +
      (deadline === null ? 'no deadline is set.' : `the first deadline is ${day(deadline)}.`),
    facts: [
      [
        'What to do',
        `Put the template in place of the call, such as ${publicUrl}/r/expiring-soon.json, and look here again in a week.`,
      ],
      ['See it all', 'certfolio migrate status'],
      ...(left > 0 ? ([['Left out', counted(left, 'line')]] as const) : []),
    ],
    excerpt: {
      columns: ['Key', 'Route', 'Calls', 'State', 'Replaced by', 'Deadline'],
      rows: lines
        .slice(0, maxMessageRows)
        .map(({ route, key, keyName }) => [
          keyName,
          nameOf(route.route),
          grouped.format(key.calls),
          key.state.state,
          replacement(key),
          key.state.deadline === null ? '' : day(key.state.deadline),
        ]),
    },
  };
}

function nameOf(route: string): string {
  const known = catalogRoute(route as RouteKey);
  return (known === null ? null : shortNameOf(known)) ?? route;
}

function replacement({ replacement: by }: KeyProgress): string {
  if (by === null) return 'CertCentral alone';
  return by.template ?? `field ${by.field}`;
}
