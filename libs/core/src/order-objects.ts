import type { OrderField } from './order.ts';

/**
 * Objects that stand below an order and that a mirror can count, since not every order has them or some have several: by the
 * field of the graph's `Order` that holds them, with the fields of the order that say whether it has any.
 */
const fieldsOfObjects = {
  organization: ['organizationId'],
  container: ['containerId'],
  product: ['productNameId'],
  user: ['userId', 'userEmail', 'userFirstName', 'userLastName'],
  technicalContact: ['techFirstName', 'techLastName', 'techEmail', 'techTelephone', 'techTitle'],
  customFields: ['customFields'],
  duplicates: ['hasDuplicates'],
  reissues: ['hasReissues'],
  requests: [],
  notes: [],
} as const satisfies Readonly<Record<string, readonly OrderField[]>>;

export type OrderObjects = keyof typeof fieldsOfObjects;

export const orderObjects: ReadonlyMap<OrderObjects, readonly OrderField[]> = new Map(
  Object.entries(fieldsOfObjects) as [OrderObjects, readonly OrderField[]][],
);

/** Orders that match, and what they hold. */
export interface OrderCount {
  readonly orders: number;
  /** A kind of which nothing is known is left out. */
  readonly below: ReadonlyMap<OrderObjects, ObjectsPerOrder>;
}

export interface ObjectsPerOrder {
  /** On average of the orders that match. */
  readonly ratio: number;
  /** None of the lists that they stand in was read yet. */
  readonly isGuess: boolean;
}
