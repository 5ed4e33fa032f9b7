import { BadUserInput, Forbidden, hasScope, type Clock } from '@certfolio/core';
import { dateTimeScalar, type Resolvers } from '@certfolio/graph-kit';
import type { Template, TemplateState } from '@certfolio/templates';
import { fromEnumName } from './enum-names.ts';
import { exceeds } from './grants.ts';
import { policyOf, type CreateKeyInput } from './key-policy.ts';
import { requireAccount } from './known-account.ts';
import type { ControlPorts } from './ports.ts';
import { requireScope } from './require-scope.ts';
import { callerView, comparisonView, keyView, templateView, upstreamView } from './views.ts';
import { findVisible, listVisible } from './visible-templates.ts';

const templateStates = ['draft', 'approved', 'deprecated', 'retired'] as const satisfies readonly TemplateState[];

/** The caller's account when none is named. */
interface AccountArgument {
  readonly account?: string | null;
}

/** Every root field checks its scope first; what stands below it tells nothing that the root did not allow. */
export function controlResolvers({ keys, templates, upstream }: ControlPorts, clock: Clock): Resolvers {
  const view = (template: Template) => templateView(template, templates.costOf(template));
  return {
    DateTime: dateTimeScalar,
    Query: {
      me: (_root, _args, { principal }) => callerView(principal),
      templates: (_root, { state }: { state?: string | null }, { principal }) => {
        const wanted = state == null ? null : (fromEnumName(templateStates, state) ?? null);
        return listVisible(templates.registry(), principal, wanted).map(view);
      },
      template: (_root, { ref }: { ref: string }, { principal }) => {
        const found = findVisible(templates.registry(), principal, ref);
        return found && view(found);
      },
      keys: async (_root, _args, { principal }) => {
        requireScope(principal, 'keys:write', 'see keys');
        return (await keys.list()).map(keyView);
      },
      key: async (_root, { id }: { id: string }, { principal }) => {
        requireScope(principal, 'keys:write', 'see keys');
        const found = await keys.show(id);
        return found && keyView(found);
      },
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
      createKey: async (_root, { input }: { input: CreateKeyInput }, { principal }) => {
        requireScope(principal, 'keys:write', 'make keys');
        const policy = policyOf(input, principal, clock.nowMs());
        const mayRun = (name: string) => {
          const found = templates.registry().find(name, principal);
          return found.kind === 'found' && found.template.name === name;
        };
        const reasons = exceeds(principal, policy, mayRun);
        if (reasons.length > 0) throw new Forbidden(`This key cannot give what it has not: ${reasons.join('; ')}.`);
        requireAccount(policy.account, upstream.accounts());
        const created = await keys.create(policy, principal.keyId);
        return { key: keyView(created.key), secret: created.text };
      },
      revokeKey: async (_root, { id }: { id: string }, { principal }) => {
        requireScope(principal, 'keys:write', 'revoke keys');
        const found = await keys.show(id);
        if (found === null) throw new BadUserInput('There is no key of this id or name.');
        if (found.scopes.includes('admin') && !hasScope(principal, 'admin')) {
          throw new Forbidden('Only an admin key may revoke an admin key.', { scope: 'admin' });
        }
        await keys.revoke(found.id);
        return keyView((await keys.show(found.id)) ?? found);
      },
    },
  };
}
