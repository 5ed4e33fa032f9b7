import { restRightOf, type Key, type SecretFacts } from '@certfolio/access';
import type { KeyLimits, Principal } from '@certfolio/core';
import { documentDefaults, type Template } from '@certfolio/templates';

import { toEnumName } from './enum-names.ts';
import type { UpstreamComparison, UpstreamStatus } from './ports.ts';

export function callerView({
  keyId,
  keyName: name,
  owner,
  level,
  scopes,
  templates,
  scope,
  fields,
  limits,
  account,
  rest = 'none',
}: Principal) {
  return {
    keyId,
    name,
    owner,
    account,
    level: toEnumName(level),
    scopes: [...scopes].sort(),
    templates: templates === 'all' ? everyTemplate : grantView(templates),
    containers: scope.containers === 'all' ? null : [...scope.containers].sort((a, b) => a - b),
    fields: fields === 'all' ? null : [...fields].sort(),
    limits: limitsView(limits),
    rest: toEnumName(rest),
  };
}

/** The key's public part, named member by member so that a store that hands over more gives nothing away. */
export function keyView(key: Key) {
  const { id, name, owner, account, level, scopes, templates, containers, fields, limits, ...times } = key;
  const { createdAt, expiresAt, revokedAt, lastUsedAt, tier, managedBy, variables, inUrl, rest } = times;
  return {
    id,
    name,
    owner,
    account,
    level: toEnumName(level),
    scopes: scopes.toSorted(),
    templates: templates === 'all' ? everyTemplate : grantView(templates),
    containers: containers?.toSorted((a, b) => a - b) ?? null,
    fields: fields?.toSorted() ?? null,
    limits: limitsView(limits),
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
    tier,
    managedBy,
    variables: [...variables].map(([variable, values]) => ({ name: variable, values })),
    inUrl,
    rest: toEnumName(restRightOf(key, key.isAdopted)),
    restAsSet: rest === null ? null : toEnumName(rest),
  };
}

/** Named member by member for the same reason. */
export function secretView({ kind, createdAt, expiresAt, lastUsedAt }: SecretFacts) {
  return { kind: toEnumName(kind), createdAt, expiresAt, lastUsedAt };
}

export function templateView(template: Template, cost: number | null) {
  // One that does not fit the schema has no variables to show.
  const defaults = template.variables.length === 0 ? new Map<string, unknown>() : documentDefaults(template.text);
  const {
    name,
    version,
    state,
    title,
    question,
    description,
    owner,
    tags,
    ids,
    text,
    variables,
    oneOf,
    columns,
    rows,
  } = template;
  const { schedule, picture } = template;
  return {
    name,
    version,
    ref: `${name}@${version}`,
    state: toEnumName(state),
    title,
    question,
    description,
    owner,
    tags,
    ids: ids.map(({ kind, id }) => ({ kind, id })),
    document: text,
    variables: variables.map((variable) => ({
      name: variable.name,
      type: variable.type,
      required: variable.isRequired,
      default: asJson(variable.default ?? defaults.get(variable.name)),
      description: variable.description,
      values: variable.values?.map(asJson) ?? null,
      min: asJson(variable.min),
      max: asJson(variable.max),
    })),
    oneOf,
    columns: columns.map((column) => ({ title: column.title, path: column.path.join('.'), type: column.type })),
    rows: { path: rows.join('.') },
    schedule,
    picture,
    cost,
  };
}

export function upstreamView({ accountId, ...status }: UpstreamStatus) {
  return { ...status, accountId: accountId === null ? null : String(accountId) };
}

export function comparisonView(account: string, { host, calls, findings, reads }: UpstreamComparison, nowMs: number) {
  const bundle = {
    kind: 'certfolio-probe',
    version: 1,
    host,
    at: new Date(nowMs).toISOString(),
    calls,
    findings,
    reads,
  };
  return {
    account,
    host,
    calls,
    findings: findings.map((finding) => ({ ...finding, state: toEnumName(finding.state) })),
    bundle: JSON.stringify(bundle),
  };
}

const everyTemplate = { all: true, names: [], tags: [] };
const grantView = ({ names, tags }: { readonly names: Iterable<string>; readonly tags: Iterable<string> }) => ({
  all: false,
  names: [...names].sort(),
  tags: [...tags].sort(),
});
const limitsView = ({ mode, ...limits }: KeyLimits) => ({ ...limits, mode: toEnumName(mode) });
const asJson = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);
