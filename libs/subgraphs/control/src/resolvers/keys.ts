import { BadUserInput, Forbidden, hasScope, type Clock } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { exceeds } from '../grants.ts';
import { policyOf, type CreateKeyInput } from '../key-policy.ts';
import { requireAccount } from '../known-account.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';
import { callerView, keyView } from '../views.ts';

/** Every root field checks its scope first; what stands below it tells nothing that the root did not allow. */
export function keyResolvers({ keys, templates, upstream }: ControlPorts, clock: Clock): Resolvers {
  return {
    Query: {
      me: (_root, _args, { principal }) => callerView(principal),
      keys: async (_root, _args, { principal }) => {
        requireScope(principal, 'keys:write', 'see keys');
        return (await keys.list()).map(keyView);
      },
      key: async (_root, { id }: { id: string }, { principal }) => {
        requireScope(principal, 'keys:write', 'see keys');
        const found = await keys.show(id);
        return found && keyView(found);
      },
    },
    Mutation: {
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
