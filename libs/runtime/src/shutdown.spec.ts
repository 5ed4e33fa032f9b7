import { describe, expect, it } from '@jest/globals';
import { Shutdown } from './shutdown.ts';

function loggerAtHand() {
  const lines: { readonly level: string; readonly part: unknown }[] = [];
  const at = (level: string) => (facts: object) => void lines.push({ level, part: (facts as { part?: unknown }).part });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

describe('a shutdown', () => {
  it('ends the parts in the reverse order of their start, one after the other', async () => {
    const shutdown = new Shutdown(loggerAtHand(), 1_000);
    const steps: string[] = [];
    for (const name of ['database', 'worker', 'http']) {
      shutdown.add(name, async () => {
        steps.push(`${name} ends`);
        await new Promise((resolve) => setImmediate(resolve));
        steps.push(`${name} ended`);
      });
    }
    expect(await shutdown.end()).toBe(true);
    expect(steps).toEqual([
      'http ends',
      'http ended',
      'worker ends',
      'worker ended',
      'database ends',
      'database ended',
    ]);
  });

  it('goes on after a part that fails, be it at once or later, and says so', async () => {
    const logger = loggerAtHand();
    const shutdown = new Shutdown(logger, 1_000);
    let ended = 0;
    shutdown.add('first', () => void (ended += 1));
    shutdown.add('throws', () => {
      throw new Error('no');
    });
    shutdown.add('rejects', () => Promise.reject(new Error('no')));
    expect(await shutdown.end()).toBe(false);
    expect(ended).toBe(1);
    expect(logger.lines).toEqual([
      { level: 'error', part: 'rejects' },
      { level: 'error', part: 'throws' },
    ]);
  });

  it('waits for all parts together no longer than its limit, and still asks each to end', async () => {
    const logger = loggerAtHand();
    const shutdown = new Shutdown(logger, 30);
    const asked: string[] = [];
    for (const name of ['a', 'b', 'c']) shutdown.add(name, () => void asked.push(name));
    shutdown.add('hangs', () => new Promise(() => undefined));
    const startedMs = performance.now();
    expect(await shutdown.end()).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(asked).toEqual(['c', 'b', 'a']);
    expect(logger.lines[0]).toEqual({ level: 'warn', part: 'hangs' });
  });

  it('happens once, however often it is asked for', async () => {
    const shutdown = new Shutdown(loggerAtHand(), 1_000);
    let ended = 0;
    shutdown.add('part', () => void (ended += 1));
    expect(await Promise.all([shutdown.end(), shutdown.end()])).toEqual([true, true]);
    expect(await shutdown.end()).toBe(true);
    expect(ended).toBe(1);
  });
});
