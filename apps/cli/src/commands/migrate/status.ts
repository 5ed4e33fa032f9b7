import { exitCodes, type ExitCode } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { minute } from '../keys/key-fields.ts';
import {
  day,
  lastCall,
  number,
  parityText,
  routeFields,
  routeText,
  ruleFields,
  stateText,
  type RouteAnswer,
  type RuleAnswer,
} from './migration-fields.ts';

export interface StatusFlags {
  readonly route?: string;
  readonly key?: string;
  readonly days?: string;
  readonly samples?: true;
}

interface Answer {
  readonly routes: readonly RouteAnswer[];
  readonly rules: readonly RuleAnswer[];
  readonly upstreamCallsSaved: number;
}

const shownSamples = 20;

/** The scoreboard of the way off REST. */
export async function migrateStatus(flags: StatusFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { migration } = await client.query<{ migration: Answer }>(
    `query ($route: String, $keyId: ID, $days: Int! = 28) { migration(route: $route, keyId: $keyId, days: $days) {
       upstreamCallsSaved rules { ${ruleFields} } routes { ${routeFields(flags.samples ? shownSamples : 0)} } } }`,
    {
      route: flags.route ?? null,
      keyId: flags.key ?? null,
      ...(flags.days === undefined ? {} : { days: readDays(flags.days) }),
    },
    { signal },
  );
  if (json) {
    terminal.line(JSON.stringify(migration, null, 2));
    return exitCodes.ok;
  }
  for (const table of tablesOf(migration, session)) terminal.line(`${table}\n`);
  terminal.line(summaryOf(migration));
  return exitCodes.ok;
}

function tablesOf({ routes, rules }: Answer, { terminal }: Session): string[] {
  const table = (titles: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : [renderTable(titles, rows, terminal)];
  return [
    ...table(
      [
        'ROUTE',
        'STATE',
        'CALLS',
        'TESTS',
        'LAST CALL',
        'FROM GRAPH',
        'SAVED',
        'PARITY',
        'DEADLINE',
        'ENDS',
        'REPLACED BY',
      ],
      routes.map(routeRow),
    ),
    ...table(
      ['KEY', 'OWNER', 'ROUTE', 'STATE', 'CALLS', 'TESTS', 'LAST CALL', 'PARITY', 'DEADLINE', 'REPLACED BY'],
      routes.flatMap(keyRows),
    ),
    ...table(['ROUTE', 'FIELD THAT DIFFERS', 'DIFFERENT', 'PARITY'], routes.flatMap(fieldRows)),
    ...table(['ROUTE', 'ANSWERED BY CERTCENTRAL SINCE', 'CALLS'], routes.flatMap(fallbackRows)),
    ...table(['ROUTE', 'FIELD', 'CERTCENTRAL', 'GRAPH', 'OWNER', 'KEY', 'WHEN', 'CALL'], routes.flatMap(sampleRows)),
    ...notesOf(routes, rules),
  ];
}

function routeRow(route: RouteAnswer): string[] {
  return [
    routeText(route),
    stateText(route),
    number(route.calls),
    number(route.testCalls),
    lastCall(route.lastCallAt),
    number(route.callsFromGraph),
    number(route.upstreamCallsSaved),
    parityText(route.parity),
    day(route.deadline),
    day(route.projectedEnd),
    replacement(route),
  ];
}

const keyRows = (route: RouteAnswer): string[][] =>
  route.keys.map((key) => [
    key.keyName ?? key.keyId,
    key.owner ?? '',
    routeText(route),
    key.isOverride ? `${stateText(key)} (own)` : stateText(key),
    number(key.calls),
    number(key.testCalls),
    lastCall(key.lastCallAt),
    parityText(key.parity),
    day(key.deadline),
    replacement(key),
  ]);

const fieldRows = (route: RouteAnswer): string[][] =>
  route.fields
    .filter(({ parity }) => parity.different > 0)
    .map(({ field, parity }) => [routeText(route), field, number(parity.different), parityText(parity)]);

const fallbackRows = (route: RouteAnswer): string[][] =>
  route.fallbacks.map(({ reason, calls }) => [routeText(route), reason, number(calls)]);

function sampleRows(route: RouteAnswer): string[][] {
  const names = new Map(route.keys.map(({ keyId, keyName }) => [keyId, keyName]));
  return (route.samples ?? []).map((sample) => [
    routeText(route),
    sample.place,
    valueText(sample.isShown, sample.legacy),
    valueText(sample.isShown, sample.graph),
    sample.owner,
    names.get(sample.keyId) ?? sample.keyId,
    minute(sample.at) ?? '',
    sample.call,
  ]);
}

const valueText = (isShown: boolean, value: string | null) => (isShown ? (value ?? '(absent)') : '(not for this key)');

const replacement = ({ template, replacementField }: Pick<RouteAnswer, 'template' | 'replacementField'>): string =>
  template ?? (replacementField === null ? '' : `field ${replacementField}`);

/** What a table has no place for: why a ramp went back, what it waits for, rules that count again. */
function notesOf(routes: readonly RouteAnswer[], rules: readonly RuleAnswer[]): string[] {
  const notes = routes.flatMap((route) => [
    ...(route.changedBy === 'automatic' ? [`${routeText(route)}, by itself: ${printable(route.reason)}`] : []),
    ...(route.ramp === null || route.ramp.waitingFor.length === 0
      ? []
      : [`${routeText(route)} waits for ${route.ramp.waitingFor.join('; ')}.`]),
  ]);
  const expired = rules
    .filter(({ isExpired }) => isExpired)
    .map(
      ({ id, field, expiresAt }) =>
        `Rule ${id} for ${printable(field)} expired on ${day(expiresAt)}; its differences count.`,
    );
  return notes.length + expired.length === 0 ? [] : [[...notes, ...expired].join('\n')];
}

function summaryOf({ routes, rules, upstreamCallsSaved }: Answer): string {
  const keys = new Set(
    routes.flatMap((route) => route.keys.filter(({ calls }) => calls > 0).map(({ keyId }) => keyId)),
  );
  const active = rules.filter(({ isExpired }) => !isExpired).length;
  return `${counted(routes.length, 'route')}, ${counted(keys.size, 'key')} that still call, ${number(upstreamCallsSaved)} calls of CertCentral saved, ${counted(active, 'ignore rule')}`;
}

function readDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= 90) return days;
  throw new UsageError(`--days takes 1 to 90; "${text}" is not.`);
}
