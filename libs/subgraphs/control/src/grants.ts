import {
  hasScope,
  keyLevels,
  mayRunTemplate,
  type KeyLevel,
  type Principal,
  type TemplateGrant,
} from '@certfolio/core';
import type { KeyPolicy } from './ports.ts';

/** What is known of a template when a grant names it. */
export type TagsOf = (name: string) => readonly string[];

/**
 * What a new key would have that the key asking for it has not, as sentences; none when it may be made.
 * Divisions and sensitive fields bind an administrator's key too, else it could make itself one without bounds.
 * Limits are no rights and are not compared.
 */
export function exceeds(principal: Principal, policy: KeyPolicy, tagsOf: TagsOf): string[] {
  const { scope } = principal;
  const always = [
    !isWithin(policy.containers, scope.containers) && `it sees rows of the divisions ${listed(scope.containers)} only`,
    !isWithin(policy.fields, principal.fields) && `it may select the sensitive fields ${listed(principal.fields)} only`,
  ];
  const unlessAdmin = [
    ![...policy.scopes].every((wanted) => principal.scopes.has(wanted)) &&
      `it has the scopes ${listed(principal.scopes)} only`,
    rank(policy.level) > rank(principal.level) && `its level is "${principal.level}"`,
    !isGrantWithin(policy.templates, principal.templates, tagsOf) && 'it may not run all of these templates',
    policy.account !== principal.account && `it belongs to the account "${principal.account}"`,
  ];
  return [...always, ...(hasScope(principal, 'admin') ? [] : unlessAdmin)].filter((reason) => reason !== false);
}

/** Later levels may do less: `keyLevels` goes from any operation to ids only. */
const rank = (level: KeyLevel) => -keyLevels.indexOf(level);

function isWithin<T>(wanted: 'all' | ReadonlySet<T>, own: 'all' | ReadonlySet<T>): boolean {
  return own === 'all' || (wanted !== 'all' && [...wanted].every((member) => own.has(member)));
}

function isGrantWithin(wanted: TemplateGrant, own: TemplateGrant, tagsOf: TagsOf): boolean {
  if (own === 'all') return true;
  if (wanted === 'all') return false;
  return (
    isWithin(wanted.tags, own.tags) &&
    [...wanted.names].every((name) => mayRunTemplate(own, { name, tags: tagsOf(name) }))
  );
}

const listed = (members: 'all' | ReadonlySet<string | number>) =>
  members === 'all' ? 'all' : [...members].join(', ') || '(none)';
