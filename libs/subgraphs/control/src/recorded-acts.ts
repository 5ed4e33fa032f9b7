import type { AuditTrail } from '@certfolio/audit';
import type { RequestContext } from '@certfolio/core';
import type { Resolver } from '@certfolio/graph-kit';

/** Mutations that are written into the audit log before they begin, and refused when they cannot be. */
export function recordedActs(
  mutations: Readonly<Record<string, Resolver>>,
  trail: AuditTrail,
): Record<string, Resolver> {
  return Object.fromEntries(
    Object.entries(mutations).map(([act, resolve]) => [
      act,
      (parent: unknown, args: Readonly<Record<string, unknown>>, context: RequestContext, info) => {
        const { principal, requestId } = context;
        return trail.act({ principal, requestId, act, arguments: args }, () => resolve(parent, args, context, info));
      },
    ]),
  );
}
