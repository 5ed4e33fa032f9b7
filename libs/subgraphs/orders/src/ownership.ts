import type { Order, User } from '@certfolio/core';

/** What is missing to say whose a certificate is. */
export type OwnershipGap = 'no_user' | 'user_inactive' | 'no_owner_field' | 'no_additional_emails';

type Facts = Pick<Order, 'userId' | 'additionalEmails' | 'customFields'>;

/** A user that the account does not list any more counts as inactive. */
export const isActiveUser = (user: Pick<User, 'status'> | null | undefined): boolean => user?.status === 'active';

/** @param ownerField label of the custom field that names an owner; case is ignored */
export function ownershipGapsOf(
  { userId, additionalEmails, customFields }: Facts,
  { ownerField, hasActiveUser }: { readonly ownerField: string; readonly hasActiveUser: boolean },
): readonly OwnershipGap[] {
  const label = ownerField.toLowerCase();
  const hasOwner = (customFields ?? []).some((field) => field.label?.toLowerCase() === label && field.value !== '');
  return [
    ...(userId == null ? (['no_user'] as const) : hasActiveUser ? [] : (['user_inactive'] as const)),
    ...(hasOwner ? [] : (['no_owner_field'] as const)),
    ...((additionalEmails ?? []).length > 0 ? [] : (['no_additional_emails'] as const)),
  ];
}
