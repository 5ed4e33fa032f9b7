import type { Clock } from '@certfolio/core';
import { dateTimeScalar, type Resolver, type Resolvers } from '@certfolio/graph-kit';
import type { ControlPorts } from './ports.ts';
import { importResolvers } from './resolvers/imports.ts';
import { keyResolvers } from './resolvers/keys.ts';
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
    templateChangeResolvers(ports),
    usageResolvers(ports, clock),
    schemaResolvers(ports),
    importResolvers(ports),
    upstreamResolvers(ports, clock),
  ];
  const fieldsOf = (type: string): Record<string, Resolver> => Object.assign({}, ...nouns.map((each) => each[type]));
  const types = new Set(nouns.flatMap((each) => Object.keys(each)));
  return { DateTime: dateTimeScalar, ...Object.fromEntries([...types].map((type) => [type, fieldsOf(type)])) };
}
