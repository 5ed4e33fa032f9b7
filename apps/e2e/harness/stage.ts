import { rm } from 'node:fs/promises';
import { afterAll } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { startEmulator, type EmulatorProcess, type EmulatorProcessOptions } from '@certfolio/testing';
import { startProduct, type ProductOptions, type ProductProcess } from './product-process.ts';

/** Processes of one test file. All of them end, and their folders go, when the file is done. */
export interface Stage {
  /**
   * The product on its bundled emulator, unless the environment names another upstream, and on a database of its own of the
   * test run: a start is 1 s instead of 3.
   */
  product(options?: StagedProductOptions): Promise<ProductProcess>;
  emulator(options?: EmulatorProcessOptions): Promise<EmulatorProcess>;
  /** The product on this emulator, reached as CertCentral is: by address and key. */
  productOn(
    emulator: EmulatorProcess,
    options?: StagedProductOptions & { readonly upstreamKey?: string },
  ): Promise<ProductProcess>;
  /** Whatever else has to end with the file; last come, first ended. */
  defer(end: () => Promise<unknown>): void;
}

export interface StagedProductOptions extends ProductOptions {
  /** It starts its embedded database, as it does with a `dataDir`. */
  readonly isEmbedded?: boolean;
}

export function createStage(): Stage {
  const ends: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  }, 60_000);

  const databaseFor = async ({ env, dataDir, isEmbedded }: StagedProductOptions) => {
    if (isEmbedded === true || dataDir !== undefined || env?.['CERTFOLIO_DATABASE_URL'] !== undefined) return {};
    const database = await createTestDatabase();
    ends.push(() => database.drop());
    return { CERTFOLIO_DATABASE_URL: database.url };
  };
  const product = async (options: StagedProductOptions = {}) => {
    const env = { ...(await databaseFor(options)), ...options.env };
    const started = await startProduct({ ...options, env });
    ends.push(async () => {
      await started.stop();
      if (options.dataDir === undefined) await rm(started.dataDir, { recursive: true, force: true, maxRetries: 3 });
    });
    return started;
  };
  return {
    product,
    async emulator(options) {
      const started = await startEmulator(options);
      ends.push(() => started.stop());
      return started;
    },
    productOn: (emulator, { upstreamKey = 'upstream-key', env, ...options } = {}) =>
      product({
        ...options,
        env: { CERTCENTRAL_API_KEY: upstreamKey, CERTCENTRAL_BASE_URL: emulator.baseUrl, ...env },
      }),
    defer: (end) => void ends.push(end),
  };
}
