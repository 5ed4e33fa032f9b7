import { hasScope, type Principal, type RequestContext } from '@certfolio/core';
import { perRequest } from '@certfolio/graph-kit';
import type { TemplateUse, UsageOf } from '@certfolio/templates';
import type { ControlPorts } from './ports.ts';

type Use = Pick<TemplateUse, 'keyId' | 'runs' | 'firstUsedAt' | 'lastUsedAt'>;

/** Those who publish see everyone's use; others their own, so that one key never learns of another. */
export function usageOf(principal: Principal): UsageOf {
  return hasScope(principal, 'templates:publish') ? 'everyone' : { keyId: principal.keyId };
}

/** What keys did, with their names; read once per request, however many templates are asked for. */
export function createKeyUses({ usage, keys }: Pick<ControlPorts, 'usage' | 'keys'>) {
  const templateUses = perRequest(async ({ principal }) => {
    const byRef = new Map<string, TemplateUse[]>();
    for (const use of await usage.templateUses(usageOf(principal))) {
      const ref = `${use.name}@${use.version}`;
      byRef.set(ref, [...(byRef.get(ref) ?? []), use]);
    }
    return byRef;
  });
  const keysById = perRequest(async ({ principal }) => {
    const own = [principal.keyId, { name: principal.keyName, owner: principal.owner }] as const;
    if (usageOf(principal) !== 'everyone') return new Map([own]);
    return new Map((await keys.list()).map(({ id, name, owner }) => [id, { name, owner }]));
  });

  return {
    /** Uses of one version, by `name@version`, the latest first. */
    ofTemplate: async (ref: string, context: RequestContext) => (await templateUses(context)).get(ref) ?? [],
    /** As the graph shows them, the latest first. */
    async view(uses: readonly Use[], context: RequestContext) {
      const known = await keysById(context);
      return uses
        .toSorted((a, b) => b.lastUsedAt.getTime() - a.lastUsedAt.getTime())
        .map(({ keyId, runs, firstUsedAt, lastUsedAt }) => {
          const key = known.get(keyId);
          return {
            keyId,
            keyName: key?.name ?? null,
            keyOwner: key?.owner ?? null,
            runs: Math.min(runs, maxInt),
            firstUsedAt,
            lastUsedAt,
          };
        });
    },
  };
}

export type KeyUses = ReturnType<typeof createKeyUses>;

/** GraphQL's Int. */
export const maxInt = 2_147_483_647;
