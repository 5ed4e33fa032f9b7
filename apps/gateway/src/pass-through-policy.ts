import type { PassThroughPolicy } from '@certfolio/access';
import { containerId } from '@certfolio/core';
import type { Configuration } from '@certfolio/runtime';

/** What the configuration lets keys do that are passed through. */
export function passThroughPolicy({ passThrough }: Pick<Configuration, 'passThrough'>): PassThroughPolicy {
  const { level, templates, containers, fields, account, limits, rest } = passThrough;
  return {
    level,
    templates: templates === 'all' ? 'all' : { names: new Set(templates.names), tags: new Set(templates.tags) },
    scope: { containers: containers === 'all' ? 'all' : new Set(containers.map(containerId)) },
    fields: fields === 'all' ? 'all' : new Set(fields),
    account,
    limits,
    rest,
  };
}
