import { everything, readOf, type RequestContext, type User } from '@certfolio/core';
import type { OrdersPorts } from './ports.ts';

/** Whether users of the account are active today; the list is read once per request, and only when that is asked. */
export interface UserLoader {
  all(): Promise<ReadonlyMap<number, User>>;
}

/** Orders that a caller sees name their users, whatever division these belong to: the list is read whole. */
export function createUserLoader(usersOf: OrdersPorts['usersOf'], context: RequestContext): UserLoader {
  let reading: Promise<ReadonlyMap<number, User>> | null = null;
  const read = async () => {
    const users = await usersOf(context.principal.account).users({ ...readOf(context), scope: everything });
    return new Map(users.map((user) => [user.id, user]));
  };
  return { all: () => (reading ??= read()) };
}
