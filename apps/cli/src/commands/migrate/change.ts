import { exitCodes, type ExitCode } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import { day, routeFields, routeText, stateText, type RouteAnswer } from './migration-fields.ts';
import { rampVariables, type RampFlags } from './ramp-options.ts';
import { setRouteVariables, type RouteFlags } from './route-options.ts';

async function change(
  operation: string,
  variables: Readonly<Record<string, unknown>>,
  key: string | undefined,
  session: Session,
): Promise<ExitCode> {
  const client = await session.client();
  const { route } = await client.query<{ route: RouteAnswer }>(operation.replace('FIELDS', routeFields(0)), variables, {
    signal: session.signal,
  });
  session.terminal.line(session.json ? JSON.stringify(route, null, 2) : changedText(route, key));
  return exitCodes.ok;
}

/** `list-orders: ramping 5 % (was shadowed); waits for 200 more samples` */
function changedText(route: RouteAnswer, key: string | undefined): string {
  const own = route.keys.find(({ keyId, keyName }) => keyId === key || keyName === key);
  if (key !== undefined && own !== undefined) return `${routeText(route)} for ${printable(key)}: ${stateText(own)}`;
  const was = route.previous === null || route.previous === route.state ? '' : ` (was ${route.previous.toLowerCase()})`;
  const until = route.deadline === null || route.state !== 'SUNSET' ? '' : `, gone on ${day(route.deadline)}`;
  const waits =
    route.ramp === null || route.ramp.waitingFor.length === 0 ? '' : `; waits for ${route.ramp.waitingFor.join('; ')}`;
  return `${routeText(route)}: ${stateText(route)}${was}${until}${waits}`;
}

export function setRoute(route: string, state: string, flags: RouteFlags, session: Session): Promise<ExitCode> {
  if (state === 'inherit') return inherit(route, flags, session);
  return change(
    `mutation ($route: String!, $state: RouteStateName!, $keyId: ID, $deadline: DateTime, $brownouts: [BrownoutInput!], $sampleRate: Float, $reason: String! = "") {
       route: setRoute(route: $route, state: $state, keyId: $keyId, deadline: $deadline, brownouts: $brownouts, sampleRate: $sampleRate, reason: $reason) { FIELDS } }`,
    setRouteVariables(route, state, flags, session.nowMs()),
    flags.key,
    session,
  );
}

function inherit(route: string, { key }: RouteFlags, session: Session): Promise<ExitCode> {
  if (key === undefined) throw new UsageError('"inherit" ends the state of a key; name it with --key.');
  return change(
    'mutation ($route: String!, $keyId: ID!) { route: inheritRoute(route: $route, keyId: $keyId) { FIELDS } }',
    { route, keyId: key },
    key,
    session,
  );
}

export const rampRoute = (
  route: string,
  percent: string | undefined,
  flags: RampFlags,
  session: Session,
): Promise<ExitCode> =>
  change(
    `mutation ($route: String!, $percent: Float, $plan: RampPlanInput, $reason: String! = "") {
       route: rampRoute(route: $route, percent: $percent, plan: $plan, reason: $reason) { FIELDS } }`,
    rampVariables(route, percent, flags),
    undefined,
    session,
  );

export const rollBackRoute = (
  route: string,
  { key, reason }: { readonly key?: string; readonly reason?: string },
  session: Session,
): Promise<ExitCode> =>
  change(
    `mutation ($route: String!, $keyId: ID, $reason: String! = "") {
       route: rollBackRoute(route: $route, keyId: $keyId, reason: $reason) { FIELDS } }`,
    { route, ...(key === undefined ? {} : { keyId: key }), ...(reason === undefined ? {} : { reason }) },
    key,
    session,
  );
