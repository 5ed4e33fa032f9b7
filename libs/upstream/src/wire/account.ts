import { z } from 'zod';
import { looseId, looseText, parseWith } from './loose.ts';

const account = z.object({ id: looseId, billing_account_name: looseText, primary_organization_name: looseText });

/** GET /account. @throws WrongShape */
export function parseAccount(body: unknown): { readonly id: number; readonly name: string | null } {
  const { id, billing_account_name, primary_organization_name } = parseWith(account, body);
  return { id, name: billing_account_name ?? primary_organization_name };
}
