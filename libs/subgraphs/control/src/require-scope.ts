import { Forbidden, hasScope, type KeyScope, type Principal } from '@certfolio/core';

/** @throws Forbidden naming the scope that is missing */
export function requireScope(principal: Principal, scope: KeyScope, what: string): void {
  if (hasScope(principal, scope)) return;
  throw new Forbidden(`This key may not ${what}; that needs the scope "${scope}".`, { scope });
}
