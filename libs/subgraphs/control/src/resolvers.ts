import { BadUserInput, Forbidden, hasScope, type Clock, type Principal } from '@certfolio/core';
import { dateTimeScalar, type Resolvers } from '@certfolio/graph-kit';
import { fromEnumName, toEnumName } from './enum-names.ts';
import { exceeds } from './grants.ts';
import { draftOf, type CreateKeyInput } from './key-draft.ts';
import type { ControlPorts, KeyRecord, TemplateRecord, UpstreamStatus } from './ports.ts';
import { requireScope } from './require-scope.ts';
import { maySee, visibleTemplates } from './visible-templates.ts';

const templateStates = ['draft', 'approved', 'deprecated', 'retired'] as const;

/** Every root field checks its scope first; what stands below it tells nothing that the root did not allow. */
export function controlResolvers({ keys, templates, upstream }: ControlPorts, clock: Clock): Resolvers {
  const tagsOf = (name: string) => templates.find(name)?.tags ?? [];
  return {
    DateTime: dateTimeScalar,
    Query: {
      me: (_root, _args, { principal }) => callerOf(principal),
      templates: (_root, { state }: { state?: string | null }, { principal }) =>
        visibleTemplates(templates, principal, state == null ? null : (fromEnumName(templateStates, state) ?? null)),
      template: (_root, { ref }: { ref: string }, { principal }) => {
        const found = templates.find(ref);
        return found !== null && maySee(principal, found) ? found : null;
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
      upstream: async (_root, _args, context) => {
        requireScope(context.principal, 'admin', 'see the upstream account');
        return upstreamView(await upstream.status(context.principal.account, context));
      },
    },
    Mutation: {
      createKey: async (_root, { input }: { input: CreateKeyInput }, { principal }) => {
        requireScope(principal, 'keys:write', 'make keys');
        const draft = draftOf(input, principal, clock.nowMs());
        const reasons = exceeds(principal, draft, tagsOf);
        if (reasons.length > 0) throw new Forbidden(`This key cannot give what it has not: ${reasons.join('; ')}.`);
        const { key, secret } = await keys.create(draft, principal.keyId);
        return { key: keyView(key), secret };
      },
      revokeKey: async (_root, { id }: { id: string }, { principal }) => {
        requireScope(principal, 'keys:write', 'revoke keys');
        const found = await keys.show(id);
        if (found?.scopes.has('admin') && !hasScope(principal, 'admin')) {
          throw new Forbidden('Only an admin key may revoke an admin key.', { scope: 'admin' });
        }
        const revoked = found && (await keys.revoke(id));
        if (!revoked) throw new BadUserInput(`There is no key "${id}".`, { id });
        return keyView(revoked);
      },
    },
    Template: {
      ref: ({ name, version }: TemplateRecord) => `${name}@${version}`,
      state: ({ state }: TemplateRecord) => toEnumName(state),
      variables: ({ variables }: TemplateRecord) =>
        variables.map((variable) => ({
          ...variable,
          default: asJson(variable.default),
          values: variable.values?.map(asJson) ?? null,
          min: asJson(variable.min),
          max: asJson(variable.max),
        })),
    },
  };
}

function callerOf(principal: Principal) {
  const { keyId, keyName: name, owner, account, scope } = principal;
  return { keyId, name, owner, account, ...policyView({ ...principal, containers: scope.containers }) };
}

/** The record's public part, named field by field so that a port that hands over more gives nothing away. */
function keyView(key: KeyRecord) {
  const { id, name, owner, account, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
  return { id, name, owner, account, createdAt, expiresAt, revokedAt, lastUsedAt, ...policyView(key) };
}

function policyView({
  level,
  scopes,
  templates,
  containers,
  fields,
  limits,
}: Pick<KeyRecord, 'level' | 'scopes' | 'templates' | 'containers' | 'fields' | 'limits'>) {
  return {
    level: toEnumName(level),
    scopes: [...scopes].sort(),
    templates:
      templates === 'all'
        ? { all: true, names: [], tags: [] }
        : { all: false, names: [...templates.names].sort(), tags: [...templates.tags].sort() },
    containers: containers === 'all' ? null : [...containers].sort((a, b) => a - b),
    fields: fields === 'all' ? null : [...fields].sort(),
    limits: { ...limits, mode: toEnumName(limits.mode) },
  };
}

function upstreamView({ accountId, ...status }: UpstreamStatus) {
  return { ...status, accountId: accountId === null ? null : String(accountId) };
}

const asJson = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);
