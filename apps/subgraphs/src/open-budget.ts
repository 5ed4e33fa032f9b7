import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '@certfolio/core';
import type { CertCentralOptions, RollingWindow } from '@certfolio/upstream';
import { connectRedisForBudget, createSharedCallBudget } from '@certfolio/upstream/redis';

/** Whose calls are counted. */
export interface BudgetOwner {
  readonly baseUrl: string;
  readonly apiKey: () => string;
  /** Settings of its client that differ from the defaults. */
  readonly client?: { readonly windows?: readonly RollingWindow[] };
}

export interface OpenBudgetOptions {
  /** Where the call logs are kept; null keeps none over a restart. */
  readonly dataDir: string | null;
  /** Where calls are counted together with other processes; without it this process counts alone. */
  readonly redisUrl?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OpenBudget {
  /** For the client of the account. */
  readonly options: Pick<CertCentralOptions, 'budget' | 'budgetLogPath'>;
  /** After the client has stopped. */
  close(): Promise<void>;
}

/** The call budget of an account: shared through Redis when there is one, else of this process. */
export function openBudget(owner: BudgetOwner, { dataDir, redisUrl, clock, logger }: OpenBudgetOptions): OpenBudget {
  // CertCentral counts calls by key, so the log belongs to base URL and key. The name shows neither.
  const name = createHash('sha256').update(`${owner.baseUrl}\n${owner.apiKey()}`).digest('hex').slice(0, 24);
  const logPath = dataDir === null ? null : pathOfLog(dataDir, name);
  if (redisUrl === undefined)
    return { options: logPath === null ? {} : { budgetLogPath: logPath }, close: async () => undefined };

  const redis = connectRedisForBudget(redisUrl, logger);
  const windows = owner.client?.windows;
  const budget = createSharedCallBudget({
    ...{ redis, name, clock, logger },
    ...(logPath === null ? {} : { logPath }),
    newName: () => randomBytes(8).toString('hex'),
    ...(windows === undefined ? {} : { windows }),
  });
  return {
    options: { budget },
    async close() {
      await budget.close();
      redis.disconnect();
    },
  };
}

function pathOfLog(dataDir: string, name: string): string {
  const folder = join(dataDir, 'call-budget');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.json`);
}
