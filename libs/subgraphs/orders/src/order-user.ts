import type { Order } from '@certfolio/core';

type UserFacts = Pick<Order, 'userId' | 'userFirstName' | 'userLastName' | 'userEmail'>;

/** The user that an order or a copy of its certificate names; null when it names none. */
export function userOf({ userId, userFirstName, userLastName, userEmail }: UserFacts) {
  if (userId == null && userEmail == null && userFirstName == null && userLastName == null) return null;
  return {
    id: userId,
    firstName: userFirstName,
    lastName: userLastName,
    email: userEmail,
    user: userId == null ? null : { __typename: 'User', id: userId },
  };
}
