import { randomUUID } from 'node:crypto';
import { beforeAll } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { dataOf } from './caller.ts';
import type { ProductProcess } from './product-process.ts';
import type { Stage } from './stage.ts';

/** Products that know nothing of their upstream yet, on one database of the file: a start is 1 s instead of 3. */
export function createFreshProducts(stage: Stage) {
  let databaseUrl: string;
  beforeAll(async () => {
    const database = await createTestDatabase();
    stage.defer(() => database.drop());
    databaseUrl = database.url;
  });
  /** @param upstreamKey by default one of its own, since CertCentral counts calls by key */
  return (emulator: EmulatorProcess, upstreamKey: string = randomUUID()) =>
    stage.productOn(emulator, { upstreamKey, env: { CERTFOLIO_DATABASE_URL: databaseUrl } });
}

/** The 62 fields of `order_details` that DigiCert documents; `purchase_dns_names` is a second spelling of ours. */
export async function customReportsFields({ admin }: ProductProcess): Promise<readonly string[]> {
  const { __type } = dataOf<{ __type: { fields: { name: string }[] } }>(
    await admin.graphql('{ __type(name: "OrderDetails") { fields { name } } }'),
  );
  return __type.fields.map(({ name }) => name).filter((name) => name !== 'purchase_dns_names');
}
