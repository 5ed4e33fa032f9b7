import type { Page, UnitBundle, UnitOrder } from '@certfolio/core';
import { z } from 'zod';
import {
  looseDate,
  looseDecimal,
  looseId,
  looseInteger,
  looseText,
  looseTimestampIn,
  parseWith,
  requiredLooseText,
} from './loose.ts';
import { parsePage } from './page.ts';

const unitOrderIn = (zone: string) =>
  z.object({
    id: looseId,
    unit_account_id: looseInteger,
    unit_account_name: looseText,
    cost: looseDecimal,
    currency: looseText,
    status: looseText,
    expiration_date: looseDate,
    created_date: looseTimestampIn(zone),
  });

/**
 * GET /units/order.
 *
 * @param zone of its times, which carry none
 * @throws WrongShape
 */
export function parseUnitOrders(body: unknown, offset: number, zone: string): Page<UnitOrder> {
  const unitOrder = unitOrderIn(zone);
  return parsePage(body, 'orders', offset, (item) => {
    const wire = parseWith(unitOrder, item);
    return {
      id: wire.id,
      unitAccountId: wire.unit_account_id,
      unitAccountName: wire.unit_account_name,
      cost: wire.cost,
      currency: wire.currency,
      status: wire.status,
      expirationDate: wire.expiration_date,
      createdAt: wire.created_date,
    };
  });
}

const details = z.object({
  id: looseId,
  bundle: z
    .array(
      z.object({
        product_name_id: requiredLooseText,
        product_name: looseText,
        units: looseInteger,
        cost: looseDecimal,
      }),
    )
    .nullish(),
});

/** What GET /units/order/{id} adds to the list. @throws WrongShape */
export function parseUnitBundles(body: unknown): readonly UnitBundle[] {
  return (parseWith(details, body).bundle ?? []).map((wire) => ({
    productNameId: wire.product_name_id,
    productName: wire.product_name,
    units: wire.units ?? 0,
    cost: wire.cost,
  }));
}
