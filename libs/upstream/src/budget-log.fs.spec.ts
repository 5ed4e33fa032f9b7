import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { openBudgetLog } from './budget-log.fs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'budget-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (clock: FakeClock, callsAtMs: () => readonly number[] = () => [], name = 'calls.json') =>
  openBudgetLog({ path: join(folder, name), clock, logger: silentLogger, callsAtMs });
const stored = () => JSON.parse(readFileSync(join(folder, 'calls.json'), 'utf8')) as unknown;
/** Waits for file operations that are under way to leave this behind. */
async function expectStored(log: unknown): Promise<void> {
  for (let look = 0; look < 100; look += 1) {
    try {
      return expect(stored()).toEqual(log);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  expect(stored()).toEqual(log);
}

describe('the call log file', () => {
  it('is written at most once a second, and only after a change', async () => {
    const clock = new FakeClock(0);
    let writes = 0;
    const log = open(clock, () => [(writes += 1)]);
    await clock.advance(5_000);
    expect(writes).toBe(0);
    for (let change = 0; change < 100; change += 1) log.changed();
    await clock.advance(5_000);
    // The first at once, the other 99 together a second later.
    await expectStored({ version: 1, clean: false, callsAtMs: [2] });
    log.changed();
    await expectStored({ version: 1, clean: false, callsAtMs: [3] });
    expect(writes).toBe(3);
  });

  it('is marked clean by its close, leaves no other file, and is found by the next process', async () => {
    const clock = new FakeClock(0);
    const log = open(clock, () => [7]);
    expect(log.earlier).toEqual({ found: 'nothing' });
    log.changed();
    await log.close();
    expect(readdirSync(folder)).toEqual(['calls.json']);
    expect(open(clock).earlier).toEqual({ found: 'log', log: { version: 1, clean: true, callsAtMs: [7] } });
  });

  it('that is half a file is unreadable, not empty', () => {
    writeFileSync(join(folder, 'calls.json'), '{"version":1,"cl');
    expect(open(new FakeClock()).earlier).toEqual({ found: 'unreadable' });
  });

  it('that cannot be written is a warning', async () => {
    writeFileSync(join(folder, 'blocked'), '');
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_facts: object, sentence: string) => void warnings.push(sentence) };
    const log = openBudgetLog({
      path: join(folder, 'blocked', 'calls.json'),
      clock: new FakeClock(),
      logger,
      callsAtMs: () => [],
    });
    await log.close();
    expect(warnings.some((sentence) => sentence.includes('cannot be written'))).toBe(true);
  });
});
