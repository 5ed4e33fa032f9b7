import type { CreatedKey, Key, KeyPolicy } from '@certfolio/access';
import { BadUserInput, Forbidden, hasScope, type Clock, type Principal } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { exceeds } from '../grants.ts';
import { changedPolicy, policyOf, readSha256, type CreateKeyInput, type UpdateKeyInput } from '../key-policy.ts';
import { requireAccount } from '../known-account.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';
import { callerView, keyView, secretView } from '../views.ts';

/** A year: who wants both secrets for longer wants two keys. */
const longestOverlapSeconds = 366 * 86_400;

/** Every root field checks its scope first; what stands below it tells nothing that the root did not allow. */
export function keyResolvers(
  { keys, templates, upstream, publicUrl, schedules }: ControlPorts,
  clock: Clock,
): Resolvers {
  /** What gives a key also gives what it may do, so nobody may do that to a key which may do more. @throws Forbidden */
  function requireWithin(policy: KeyPolicy, isAdopted: boolean, principal: Principal, begin: string): void {
    const mayRun = (name: string) => {
      const found = templates.registry().find(name, principal);
      return found.kind === 'found' && found.template.name === name;
    };
    const reasons = exceeds(principal, policy, isAdopted, mayRun);
    if (reasons.length > 0) throw new Forbidden(`${begin}: ${reasons.join('; ')}.`);
  }
  const cannotGive = 'This key cannot give what it has not';
  const cannotTouch = 'This key cannot change a key that may do more than itself';

  /** What a policy names has to be there. @throws BadUserInput */
  function requireKnown(policy: KeyPolicy, principal: Principal): void {
    requireAccount(policy.account, upstream.accounts());
    if ((policy.variables.size === 0 && !policy.inUrl) || policy.templates === 'all') return;
    const [name = ''] = policy.templates.names;
    const found = templates.registry().find(name, principal);
    if (found.kind !== 'found' || found.template.name !== name)
      throw new BadUserInput(`There is no template "${name}" that this key may run.`);
    const problems = templates.fixedProblems(found.template, policy.variables);
    if (problems.length > 0)
      throw new BadUserInput(`The variables of "${name}" cannot be fixed: ${problems.join('; ')}.`, { problems });
  }

  async function idOf(idOrName: string): Promise<string> {
    const found = await keys.show(idOrName);
    if (found === null) throw new BadUserInput('There is no key of this id or name.');
    return found.id;
  }

  function createdView({ key, text }: CreatedKey) {
    const [template] = key.templates === 'all' ? [] : key.templates.names;
    const url = key.inUrl && template !== undefined ? `${publicUrl()}/r/${template}.csv?key=${text}` : null;
    return { key: keyView(key), secret: text, url };
  }

  return {
    ApiKey: {
      secrets: async ({ id }: Key) => (await keys.secrets(id)).map(secretView),
      schedules: async ({ id }: Key) =>
        (await schedules.schedules.list()).flatMap(({ keyId, definition }) => (keyId === id ? [definition.name] : [])),
    },
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
        requireWithin(policy, input.adoptSha256 != null, principal, cannotGive);
        requireKnown(policy, principal);
        const adopt = input.adoptSha256 == null ? undefined : readSha256(input.adoptSha256);
        return createdView(await keys.create(policy, principal.keyId, adopt));
      },
      updateKey: async (_root, { id, input }: { id: string; input: UpdateKeyInput }, { principal }) => {
        requireScope(principal, 'keys:write', 'change keys');
        const change = (key: Key) => {
          requireWithin(key, key.isAdopted, principal, cannotTouch);
          const policy = changedPolicy(key, input, clock.nowMs());
          requireWithin(policy, key.isAdopted, principal, cannotGive);
          requireKnown(policy, principal);
          return policy;
        };
        return keyView(await keys.update(await idOf(id), change));
      },
      rotateKey: async (
        _root,
        { id, overlapSeconds, adopted }: { id: string; overlapSeconds: number; adopted: boolean },
        { principal },
      ) => {
        requireScope(principal, 'keys:write', 'rotate keys');
        if (overlapSeconds < 0 || overlapSeconds > longestOverlapSeconds)
          throw new BadUserInput(`The overlap is 0 to ${longestOverlapSeconds} seconds, not ${overlapSeconds}.`);
        const rotation = { overlapMs: overlapSeconds * 1_000, endsAdopted: adopted };
        const check = (key: Key) => requireWithin(key, key.isAdopted, principal, cannotTouch);
        return createdView(await keys.rotate(await idOf(id), rotation, check));
      },
      adoptKey: async (_root, { id, sha256 }: { id: string; sha256: string }, { principal }) => {
        requireScope(principal, 'keys:write', 'adopt CertCentral keys');
        const hash = readSha256(sha256);
        const check = (key: Key) => requireWithin(key, true, principal, cannotTouch);
        return keyView(await keys.adopt(await idOf(id), hash, check));
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
