import type { Clock } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { requireAccount } from '../known-account.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';
import { comparisonView, upstreamView } from '../views.ts';

/** The caller's account when none is named. */
interface AccountArgument {
  readonly account?: string | null;
}

export function upstreamResolvers({ upstream }: ControlPorts, clock: Clock): Resolvers {
  return {
    Query: {
      upstream: async (_root, { account }: AccountArgument, context) => {
        requireScope(context.principal, 'admin', 'see the upstream account');
        const name = account ?? context.principal.account;
        requireAccount(name, upstream.accounts());
        return upstreamView(await upstream.status(name, context));
      },
    },
    Mutation: {
      probeUpstream: async (_root, { account }: AccountArgument, context) => {
        requireScope(context.principal, 'admin', 'probe the upstream account');
        const name = account ?? context.principal.account;
        requireAccount(name, upstream.accounts());
        return comparisonView(name, await upstream.compare(name, context), clock.nowMs());
      },
      refreshMirror: async (_root, { account, full }: AccountArgument & { readonly full: boolean }, context) => {
        requireScope(context.principal, 'admin', 'refresh the mirror');
        const name = account ?? context.principal.account;
        requireAccount(name, upstream.accounts());
        return upstream.refreshMirror(name, full, context);
      },
    },
  };
}
