import { BadUserInput, type AccessRole, type User } from '@certfolio/core';

/** What an auditor asks about. */
export const userAuditFlags = ['unrestricted_key', 'administrator', 'inactive', 'dormant', 'never_signed_in'] as const;
export type UserAuditFlag = (typeof userAuditFlags)[number];

/** Numbers of CertCentral's API-key roles (vendor glossary, "API key roles"). */
const restrictions: ReadonlyMap<number, string> = new Map([
  [0, 'none'],
  [100, 'orders'],
  [101, 'orders_domains_organizations'],
  [102, 'view_only'],
  [103, 'user_management'],
]);

/** A service user without a role is restricted by none. */
export function restrictionOf(roles: readonly AccessRole[]): string {
  const [role] = roles;
  return role === undefined ? 'none' : (restrictions.get(role.id) ?? 'other');
}

/** Number of the role of people who may do everything (vendor glossary, "access roles"). */
const administratorRole = 1;
const dayMs = 86_400_000;

export interface AuditRules {
  /** A person who did not sign in for so many days is dormant. */
  readonly dormantDays: number;
  readonly nowMs: number;
}

/** @throws BadUserInput for days below 1 */
export function auditFlagsOf(user: User, { dormantDays, nowMs }: AuditRules): readonly UserAuditFlag[] {
  if (dormantDays < 1) throw new BadUserInput(`dormantDays is ${dormantDays}; it must be 1 or more.`);
  const { status, lastLogin, roles, isServiceUser } = user;
  const isPerson = !isServiceUser && status === 'active';
  const is: Readonly<Record<UserAuditFlag, boolean>> = {
    unrestricted_key: isServiceUser && restrictionOf(roles) === 'none',
    administrator: !isServiceUser && roles.some(({ id }) => id === administratorRole),
    inactive: status !== 'active',
    dormant: isPerson && lastLogin !== null && nowMs - Date.parse(lastLogin) > dormantDays * dayMs,
    never_signed_in: isPerson && lastLogin === null,
  };
  return userAuditFlags.filter((flag) => is[flag]);
}
