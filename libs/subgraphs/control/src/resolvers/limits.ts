import type { KeyLimits } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { toEnumName } from '../enum-names.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';

/** Every key may see how its own limits stand. */
export function limitResolvers({ keys, limits }: ControlPorts): Resolvers {
  const stateOf = async (keyId: string, name: string, own: KeyLimits) => ({
    keyId,
    name,
    mode: toEnumName(own.mode),
    rows: own.rows,
    concurrent: own.concurrent,
    running: limits.inFlight(keyId),
    buckets: (await limits.levels(keyId, own)).map(({ fullMs, ...level }) => ({ ...level, fullInMs: fullMs })),
  });
  return {
    Query: {
      limits: async (_root, { key }: { key?: string | null }, { principal }) => {
        const { keyId, keyName } = principal;
        if (key == null || key === keyId || key === keyName) return stateOf(keyId, keyName, principal.limits);
        requireScope(principal, 'keys:write', 'see the limits of other keys');
        const found = await keys.show(key);
        return found && stateOf(found.id, found.name, found.limits);
      },
    },
  };
}
