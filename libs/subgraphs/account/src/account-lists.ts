import DataLoader from 'dataloader';
import {
  readOf,
  type AccountReader,
  type Container,
  type ContainerId,
  type Product,
  type RequestContext,
  type UnitBundle,
  type User,
} from '@certfolio/core';
import { unitUsageOf, type UnitUsage } from './unit-usage.ts';

/** What one request looks up, over lists that are read once and only when something of them is needed. */
export interface Lookups {
  readonly reader: AccountReader;
  readonly container: DataLoader<ContainerId, Container | null>;
  readonly user: DataLoader<number, User | null>;
  readonly product: DataLoader<string, Product | null>;
  readonly bundles: DataLoader<number, readonly UnitBundle[]>;
  containers(): Promise<readonly Container[]>;
  users(): Promise<readonly User[]>;
  products(): Promise<readonly Product[]>;
  /** Reads what every unit order is made of, and the orders of subaccounts. */
  unitUsage(): Promise<UnitUsage>;
}

export function createLookups(reader: AccountReader, context: RequestContext): Lookups {
  const read = readOf(context);
  const containers = once(() => reader.containers(read));
  const users = once(() => reader.users(read));
  const products = once(() => reader.products(read));
  const bundles = new DataLoader<number, readonly UnitBundle[]>(
    async (ids) => {
      const found = await reader.unitBundles(ids, read);
      return ids.map((id) => found.get(id) ?? []);
    },
    { name: 'bundles' },
  );
  const unitUsage = once(async () => {
    const [unitOrders, orders] = await Promise.all([reader.unitOrders(read), reader.subaccountOrders(read)]);
    const found = await Promise.all(unitOrders.map(async ({ id }) => [id, await bundles.load(id)] as const));
    return unitUsageOf(unitOrders, new Map(found), orders);
  });
  return {
    reader,
    containers,
    users,
    products,
    container: lookUp('container', containers, ({ id }) => id),
    user: lookUp('user', users, ({ id }) => id),
    product: lookUp('product', products, ({ nameId }) => nameId),
    bundles,
    unitUsage,
  };
}

/** One look through the list for all that a tick asks for. */
function lookUp<Key, T>(name: string, list: () => Promise<readonly T[]>, keyOf: (row: T) => Key) {
  return new DataLoader<Key, T | null>(
    async (keys) => {
      const byKey = new Map((await list()).map((row) => [keyOf(row), row]));
      return keys.map((key) => byKey.get(key) ?? null);
    },
    { name },
  );
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
