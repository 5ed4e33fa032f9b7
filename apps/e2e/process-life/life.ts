import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { spawnCertfolio, startCertfolio, type CertfolioOptions, type CertfolioProcess } from '@certfolio/testing';
import { processesOf } from './process-tree.fs.ts';

export const adminKey = 'process-life-admin-key-0123456789abcdef';

/** The product on data folders of one test file, which go with the file. */
export interface Life {
  /** A data folder by name; made by the product. */
  folder(name: string): string;
  start(dataDir: string, env?: Readonly<Record<string, string>>, options?: CertfolioOptions): Promise<CertfolioProcess>;
  /** Started, and not waited for. */
  spawn(dataDir: string, env?: Readonly<Record<string, string>>): ReturnType<typeof spawnCertfolio>;
}

export function createLife(): Life {
  let base = '';
  const started: CertfolioProcess[] = [];
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'certfolio-life-'));
  });
  afterAll(async () => {
    await Promise.all(started.map((each) => each.stop('SIGKILL')));
    await rm(base, { recursive: true, force: true, maxRetries: 3 });
  });
  const withFolder = (dataDir: string, env: Readonly<Record<string, string>>) => ({
    EMULATOR_ORDERS: '200',
    CERTFOLIO_DATA_DIR: dataDir,
    CERTFOLIO_ADMIN_KEY: adminKey,
    ...env,
  });
  return {
    folder: (name) => join(base, name),
    async start(dataDir, env = {}, options = {}) {
      const process = await startCertfolio({ ...options, env: withFolder(dataDir, env) });
      started.push(process);
      return process;
    },
    spawn: (dataDir, env = {}) => spawnCertfolio({ env: withFolder(dataDir, env) }),
  };
}

/** Ends are quick, but not instant: the database notices that its parent is gone. */
export async function expectNoProcessOf(dataDir: string): Promise<void> {
  for (let waitedMs = 0; (processesOf(dataDir)?.length ?? 0) > 0 && waitedMs < 8_000; waitedMs += 50) await sleep(50);
  expect(processesOf(dataDir) ?? []).toEqual([]);
}
