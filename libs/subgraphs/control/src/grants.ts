import { restRightOf, type KeyPolicy } from '@certfolio/access';
import { hasScope, keyLevels, restRights, type KeyLevel, type Principal } from '@certfolio/core';

/**
 * What a new key would have that the key asking for it has not, as sentences; none when it may be made.
 * Divisions and sensitive fields bind an administrator's key too, else it could make itself one without bounds.
 * Limits are no rights and are not compared.
 *
 * @param isAdopted a CertCentral key opens the new key
 * @param mayRun whether the asking key may run the template of this name
 */
export function exceeds(
  principal: Principal,
  policy: KeyPolicy,
  isAdopted: boolean,
  mayRun: (name: string) => boolean,
): string[] {
  const { rest = 'none' } = principal;
  const { scope } = principal;
  const always = [
    !isWithin(policy.containers, scope.containers) && `it sees rows of the divisions ${listed(scope.containers)} only`,
    !isWithin(policy.fields, principal.fields) && `it may select the sensitive fields ${listed(principal.fields)} only`,
  ];
  const unlessAdmin = [
    !isWithin(policy.scopes, principal.scopes) && `it has the scopes ${listed(principal.scopes)} only`,
    rank(policy.level) > rank(principal.level) && `its level is "${principal.level}"`,
    !isGrantWithin(policy.templates, principal.templates, mayRun) && 'it may not run all of these templates',
    restRights.indexOf(restRightOf(policy, isAdopted)) > restRights.indexOf(rest) &&
      `its right at the REST façade is "${rest}", and the other would have more unless it is told what it has`,
    policy.account !== principal.account && `it belongs to the account "${principal.account}"`,
  ];
  return [...always, ...(hasScope(principal, 'admin') ? [] : unlessAdmin)].filter((reason) => reason !== false);
}

/** Later levels may do less: `keyLevels` goes from any operation to ids only. */
const rank = (level: KeyLevel) => -keyLevels.indexOf(level);

/** @param wanted null is all */
function isWithin(wanted: readonly unknown[] | null, own: 'all' | ReadonlySet<unknown>): boolean {
  return own === 'all' || (wanted !== null && wanted.every((member) => own.has(member)));
}

function isGrantWithin(
  wanted: KeyPolicy['templates'],
  own: Principal['templates'],
  mayRun: (name: string) => boolean,
): boolean {
  if (own === 'all') return true;
  return (
    wanted !== 'all' &&
    isWithin(wanted.tags, own.tags) &&
    wanted.names.every((name) => own.names.has(name) || mayRun(name))
  );
}

const listed = (members: 'all' | ReadonlySet<string | number>) =>
  members === 'all' ? 'all' : [...members].sort().join(', ') || '(none)';
