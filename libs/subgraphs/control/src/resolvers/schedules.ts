import type { Key } from '@certfolio/access';
import { BadUserInput, Forbidden, hasScope, type Clock, type Principal, type RequestContext } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { nextSlots, parseScheduleFile, type Run, type Schedule, type ScheduleDefinition } from '@certfolio/reports';
import { exceeds } from '../grants.ts';
import { toEnumName } from '../enum-names.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';
import type { SchedulePorts } from '../schedule-ports.ts';

/** Runs that one answer lists at most. */
const maxListed = 200;
const maxSlots = 100;

interface ApplyArguments {
  readonly yaml: string;
  readonly managedBy?: string | null;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly runAs?: string | null;
}

/** Schedules and runs. An owner sees and changes its own; admins those of everybody. */
export function scheduleResolvers(
  { keys, schedules: ports, templates }: Pick<ControlPorts, 'keys' | 'schedules' | 'templates'>,
  clock: Clock,
): Resolvers {
  const { schedules, runs, destinations } = ports;
  const what = 'see or change schedules';

  async function ownSchedule(name: string, { principal }: RequestContext): Promise<Schedule> {
    requireScope(principal, 'schedules:write', what);
    const found = await schedules.find(name);
    if (found === null || !isOwn(found, principal)) throw noSchedule(name);
    return found;
  }

  async function runAsKey(id: string | null | undefined, principal: Principal): Promise<Key> {
    const key = await keys.show(id ?? principal.keyId);
    if (key === null || key.revokedAt !== null)
      throw new BadUserInput('There is no valid key of this id or name to run as.');
    if (key.id !== principal.keyId && key.owner !== principal.owner && !hasScope(principal, 'admin'))
      throw new Forbidden(`This key may not let schedules run as a key of "${key.owner}".`, { scope: 'admin' });
    // Who schedules also says where the report goes, so the other key must not see more.
    const mayRun = (name: string) => templates.registry().find(name, principal).kind === 'found';
    const seen: Key = { ...key, scopes: [], rest: 'none' };
    const reasons = key.id === principal.keyId ? [] : exceeds(principal, seen, false, mayRun);
    if (reasons.length > 0)
      throw new Forbidden(`This key cannot let schedules run as one that may do more: ${reasons.join('; ')}.`);
    return key;
  }

  async function apply({ yaml, managedBy = null, prune, dryRun, runAs }: ApplyArguments, context: RequestContext) {
    const { principal } = context;
    requireScope(principal, 'schedules:write', what);
    if (prune && managedBy === null)
      throw new BadUserInput(
        '"prune" removes what has the label "managedBy" and stands in the file no longer; give the label.',
      );
    const definitions = parseScheduleFile(yaml);
    const key = await runAsKey(runAs, principal);
    const known = new Map((await schedules.list()).map((each) => [each.definition.name, each]));
    const problems = definitions.flatMap((definition) => {
      const former = known.get(definition.name);
      const taken = former === undefined || isOwn(former, principal) ? [] : ['the name is taken'];
      return [...taken, ...ports.check(definition, key)].map((problem) => `${definition.name}: ${problem}`);
    });
    if (problems.length > 0)
      throw new BadUserInput(
        `The schedules have ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems.join('; ')}.`,
        { problems },
      );
    const gone = prune
      ? [...known.values()].filter(
          (each) =>
            each.managedBy === managedBy &&
            isOwn(each, principal) &&
            !definitions.some(({ name }) => name === each.definition.name),
        )
      : [];
    const applied: { name: string; outcome: string; schedule: Schedule | null }[] = [];
    for (const definition of definitions) {
      if (dryRun)
        applied.push({
          name: definition.name,
          outcome: wouldBe(known.get(definition.name), definition, key),
          schedule: null,
        });
      else {
        const { schedule, outcome } = await schedules.put({
          definition,
          owner: key.owner,
          keyId: key.id,
          managedBy,
          createdBy: principal.keyId,
        });
        applied.push({ name: definition.name, outcome, schedule });
      }
    }
    for (const { definition } of gone) {
      if (!dryRun) await schedules.remove(definition.name);
      applied.push({ name: definition.name, outcome: 'removed', schedule: null });
    }
    return applied;
  }

  async function changed(change: Promise<Schedule | null>, name: string): Promise<Schedule> {
    const schedule = await change;
    if (schedule === null) throw noSchedule(name);
    return schedule;
  }

  return {
    Query: {
      schedules: async (_root, _args, { principal }) => {
        requireScope(principal, 'schedules:write', what);
        return (await schedules.list()).filter((each) => isOwn(each, principal));
      },
      schedule: async (_root, { name }: { name: string }, { principal }) => {
        requireScope(principal, 'schedules:write', what);
        const found = await schedules.find(name);
        return found !== null && isOwn(found, principal) ? found : null;
      },
      runs: async (
        _root,
        { schedule, first, before }: { schedule?: string | null; first: number; before?: string | null },
        { principal },
      ) => {
        requireScope(principal, 'schedules:write', 'see runs');
        return runs.list({
          limit: rowsOf('first', first, maxListed),
          ...(schedule == null ? {} : { schedule }),
          ...(before == null ? {} : { before }),
          ...(hasScope(principal, 'admin') ? {} : { owner: principal.owner }),
        });
      },
      run: async (_root, { id }: { id: string }, { principal }) => {
        requireScope(principal, 'schedules:write', 'see runs');
        const found = await runs.find(id);
        return found !== null && isOwn(found, principal) ? found : null;
      },
      destinations: (_root, _args, { principal }) => {
        requireScope(principal, 'schedules:write', 'see destinations');
        return [...destinations.values()].map(({ name, kind, recipients }) => ({ name, kind, recipients }));
      },
    },
    Mutation: {
      applySchedules: (_root, args: ApplyArguments, context) => apply(args, context),
      pauseSchedule: async (
        _root,
        { name, until, reason }: { name: string; until?: string | null; reason?: string | null },
        context,
      ) => {
        await ownSchedule(name, context);
        const end = until == null ? null : new Date(until);
        if (end !== null && end.getTime() <= clock.nowMs()) throw new BadUserInput('"until" is in the past.');
        return changed(schedules.pause(name, end, reason ?? `Paused by ${context.principal.keyName}.`), name);
      },
      resumeSchedule: async (_root, { name }: { name: string }, context) => {
        await ownSchedule(name, context);
        return changed(schedules.resume(name), name);
      },
      removeSchedule: async (_root, { name }: { name: string }, context) => {
        await ownSchedule(name, context);
        return schedules.remove(name);
      },
      handOverSchedule: async (_root, { name, runAs }: { name: string; runAs: string }, context) => {
        const { definition } = await ownSchedule(name, context);
        const key = await runAsKey(runAs, context.principal);
        const problems = ports.check(definition, key);
        if (problems.length > 0)
          throw new BadUserInput(`"${name}" would not work with this key: ${problems.join('; ')}.`, { problems });
        return changed(schedules.handOver(name, key.id, key.owner), name);
      },
      runSchedule: async (_root, { name, onlyFor }: { name: string; onlyFor?: string | null }, context) => {
        const schedule = await ownSchedule(name, context);
        if (onlyFor != null && !recipientsOf(schedule.definition, destinations).has(onlyFor))
          throw new BadUserInput(`"${onlyFor.slice(0, 80)}" is no recipient of "${name}".`);
        const id = await runs.queueManual(schedule, context.principal.keyId, onlyFor ?? null);
        ports.wake();
        return runs.find(id);
      },
      testDestination: async (_root, { name, recipient }: { name: string; recipient?: string | null }, context) => {
        requireScope(context.principal, 'schedules:write', 'send test messages');
        const destination = destinations.get(name);
        if (destination === undefined)
          throw new BadUserInput(
            `The configuration has no destination "${name.slice(0, 80)}"; there are ${[...destinations.keys()].join(', ') || 'none'}.`,
          );
        const to = recipient ?? destination.recipients[0];
        if (to === undefined) throw new BadUserInput(`"${name}" has no recipient of its own; name one.`);
        const refusal = destination.refusalOf(to);
        if (refusal !== null) throw new BadUserInput(`"${to.slice(0, 80)}" is no recipient of "${name}": ${refusal}.`);
        const { reference } = await ports.test(destination, to, context);
        return { destination: name, recipient: to, reference };
      },
    },
    Schedule: {
      name: ({ definition }: Schedule) => definition.name,
      template: ({ definition }: Schedule) => definition.template,
      cron: ({ definition }: Schedule) => definition.cron,
      zone: ({ definition }: Schedule) => definition.zone,
      definition: ({ definition }: Schedule) => JSON.stringify(definition),
      state: ({ state }: Schedule) => toEnumName(state),
      runAs: ({ keyId }: Schedule) => keyId,
      nextSlots: ({ definition, state, nextSlot }: Schedule, { first }: { first: number }) => {
        if (state !== 'active' || nextSlot === null) return [];
        const count = rowsOf('first', first, maxSlots);
        return [nextSlot, ...nextSlots(definition, nextSlot, count - 1)]
          .slice(0, count)
          .map((at) => ({ at, local: localTime(at, definition.zone) }));
      },
      runs: ({ definition }: Schedule, { first }: { first: number }) =>
        runs.list({ schedule: definition.name, limit: rowsOf('first', first, maxListed) }),
    },
    ReportRun: {
      state: ({ state }: Run) => toEnumName(state),
      durationMs: ({ startedAt, finishedAt }: Run) =>
        startedAt === null || finishedAt === null ? null : finishedAt.getTime() - startedAt.getTime(),
      template: ({ facts }: Run) => (facts === null ? null : `${facts.template.name}@${facts.template.version}`),
      templateId: ({ facts }: Run) => facts?.template.id ?? null,
      variables: ({ facts }: Run) => (facts === null ? null : JSON.stringify(facts.variables)),
      rows: ({ facts }: Run) => facts?.rows ?? null,
      totalRows: ({ facts }: Run) => facts?.totalRows ?? null,
      truncated: ({ facts }: Run) => facts?.truncated ?? null,
      dataAsOf: ({ facts }: Run) => (facts?.dataAsOf == null ? null : new Date(facts.dataAsOf)),
      source: ({ facts }: Run) => facts?.source ?? null,
      stale: ({ facts }: Run) => facts?.stale ?? null,
      upstreamCalls: ({ facts }: Run) => facts?.upstreamCalls ?? null,
      difference: ({ facts }: Run) => facts?.difference ?? null,
      files: async ({ id }: Run) =>
        (await runs.files(id)).map((file) => ({
          ...file,
          path: `/runs/${encodeURIComponent(id)}/files/${encodeURIComponent(file.name)}`,
        })),
      deliveries: ({ id }: Run) => runs.deliveries(id),
    },
  };
}

const isOwn = ({ owner }: { readonly owner: string }, principal: Principal): boolean =>
  owner === principal.owner || hasScope(principal, 'admin');

function noSchedule(name: string): BadUserInput {
  return new BadUserInput(`There is no schedule "${name.slice(0, 80)}" that this key may see.`);
}

function wouldBe(former: Schedule | undefined, definition: ScheduleDefinition, key: Key): string {
  if (former === undefined) return 'created';
  return JSON.stringify(former.definition) === JSON.stringify(definition) && former.keyId === key.id
    ? 'unchanged'
    : 'changed';
}

function recipientsOf({ to }: ScheduleDefinition, destinations: SchedulePorts['destinations']): ReadonlySet<string> {
  return new Set(
    to.flatMap(({ destination, recipients }) => recipients ?? destinations.get(destination)?.recipients ?? []),
  );
}

function rowsOf(name: string, count: number, max: number): number {
  if (count >= 1 && count <= max) return count;
  throw new BadUserInput(`"${name}" is ${count}; it may be 1 to ${max}.`);
}

/** `2026-11-23 07:00 GMT+1`. */
function localTime(at: Date, zone: string): string {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at);
  const offset = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at);
  return `${shown} ${offset.find(({ type }) => type === 'timeZoneName')?.value ?? ''}`.trim();
}
