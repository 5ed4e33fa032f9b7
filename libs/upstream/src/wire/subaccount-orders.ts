import type { Page, SubaccountOrder } from '@certfolio/core';
import { z } from 'zod';
import { looseId, looseInteger, looseText, looseTimestamp, parseWith } from './loose.ts';
import { parsePage } from './page.ts';

const order = z.object({
  id: looseId,
  status: looseText,
  date_created: looseTimestamp,
  subaccount: z.object({ account_id: looseInteger }).nullish(),
  product: z.object({ name_id: looseText }).nullish(),
});

/** GET /account/subaccount/order; the certificate is there for accounts right below this one alone. @throws WrongShape */
export function parseSubaccountOrders(body: unknown, offset: number): Page<SubaccountOrder> {
  return parsePage(body, 'orders', offset, (item) => {
    const wire = parseWith(order, item);
    return {
      id: wire.id,
      accountId: wire.subaccount?.account_id ?? null,
      productNameId: wire.product?.name_id ?? null,
      status: wire.status,
      createdAt: wire.date_created,
    };
  });
}
