import type { Clock } from '@certfolio/core';
import { dateScalar, dateTimeScalar, type Resolver, type Resolvers } from '@certfolio/graph-kit';
import type { ControlPorts } from './ports.ts';
import { recordedActs } from './recorded-acts.ts';
import { auditResolvers } from './resolvers/audit.ts';
import { keyResolvers } from './resolvers/keys.ts';
import { scheduleResolvers } from './resolvers/schedules.ts';
import { publishingResolvers } from './resolvers/publishing.ts';
import { limitResolvers } from './resolvers/limits.ts';
import { migrationResolvers } from './resolvers/migration.ts';
import { seenResolvers } from './resolvers/seen.ts';
import { importResolvers } from './resolvers/imports.ts';
import { schemaResolvers } from './resolvers/schema.ts';
import { templateChangeResolvers } from './resolvers/template-changes.ts';
import { templateResolvers } from './resolvers/templates.ts';
import { usageResolvers } from './resolvers/usage.ts';
import { upstreamResolvers } from './resolvers/upstream.ts';

/** One file of root fields per noun; here they become one map. */
export function controlResolvers(ports: ControlPorts, clock: Clock): Resolvers {
  const nouns = [
    keyResolvers(ports, clock),
    templateResolvers(ports),
    publishingResolvers(ports),
    limitResolvers(ports),
    auditResolvers(ports, clock),
    seenResolvers(ports),
    templateChangeResolvers(ports),
    usageResolvers(ports, clock),
    schemaResolvers(ports),
    importResolvers(ports),
    upstreamResolvers(ports, clock),
    scheduleResolvers(ports, clock),
    migrationResolvers(ports, clock),
  ];
  const fieldsOf = (type: string): Record<string, Resolver> => Object.assign({}, ...nouns.map((each) => each[type]));
  const types = new Set(nouns.flatMap((each) => Object.keys(each)));
  const resolvers = Object.fromEntries([...types].map((type) => [type, fieldsOf(type)]));
  return {
    Date: dateScalar,
    DateTime: dateTimeScalar,
    ...resolvers,
    // Every mutation of every noun: there is none that leaves no trace.
    Mutation: recordedActs(resolvers['Mutation']!, ports.audit.trail),
  };
}
