import { mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Logger } from '@certfolio/core';
import { parseBudgetLog, type BudgetLog, type EarlierLog } from './budget-log.ts';

/** Keeps one key's call log in a file, so that a restart does not spend the windows twice. */
export interface BudgetLogFile {
  readonly earlier: EarlierLog;
  /** Something changed; it is written within a second. */
  changed(): void;
  /** Writes a last time and marks the end as clean. */
  close(): Promise<void>;
}

export interface BudgetLogOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Wall-clock times of the calls that count, asked for at every write. */
  readonly callsAtMs: () => readonly number[];
}

const writeEveryMs = 1_000;

/** Reads what the process before left. A log that cannot be written later is said once and stops nothing. */
export function openBudgetLog({ path, clock, logger, callsAtMs }: BudgetLogOptions): BudgetLogFile {
  const earlier = readEarlier(path);
  if (earlier.found === 'unreadable')
    logger.warn({ path }, 'The call log cannot be read; all calls of the longest window are taken as spent.');

  const closing = new AbortController();
  let writing: Promise<void> = Promise.resolve();
  let isResting = false;
  let hasNews = false;
  let hasFailed = false;

  const write = (clean: boolean): Promise<void> => {
    writing = writing.then(async () => {
      const log: BudgetLog = { version: 1, clean, callsAtMs: callsAtMs() };
      try {
        mkdirSync(dirname(path), { recursive: true });
        await writeFile(`${path}.new`, JSON.stringify(log), { mode: 0o600, flush: true });
        await rename(`${path}.new`, path);
      } catch (cause) {
        if (!hasFailed)
          logger.warn(
            { path, err: cause },
            'The call log cannot be written; a restart will not know of the calls made.',
          );
        hasFailed = true;
      }
    });
    return writing;
  };

  // The first change is written at once: from then on the file says that its writer has not ended cleanly.
  const writeThenRest = (): void => {
    hasNews = false;
    isResting = true;
    void write(false);
    clock.sleep(writeEveryMs, closing.signal).then(
      () => {
        isResting = false;
        if (hasNews) writeThenRest();
      },
      () => undefined,
    );
  };

  return {
    earlier,
    changed() {
      hasNews = true;
      if (!isResting && !closing.signal.aborted) writeThenRest();
    },
    async close() {
      if (closing.signal.aborted) return writing;
      closing.abort();
      await write(true);
    },
  };
}

function readEarlier(path: string): EarlierLog {
  try {
    const log = parseBudgetLog(readFileSync(path, 'utf8'));
    return log === null ? { found: 'unreadable' } : { found: 'log', log };
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ENOENT' ? { found: 'nothing' } : { found: 'unreadable' };
  }
}
