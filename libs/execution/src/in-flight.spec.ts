import { describe, expect, it } from '@jest/globals';
import { InFlight } from './in-flight.ts';

const never = new AbortController().signal;

/** A run that the test ends, and the signals it was given. */
function controlledRun() {
  const runs: { signal: AbortSignal; end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const start = (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    runs.push({ signal, end: resolve, fail: reject });
    return promise;
  };
  return { runs, start };
}

describe('runs in flight', () => {
  it('are shared by callers of one key; the first is told that it was its own', async () => {
    const flights = new InFlight<string>();
    const { runs, start } = controlledRun();
    const both = [flights.join('a', never, start), flights.join('a', never, start)];
    runs[0]!.end('rows');
    expect(await Promise.all(both)).toEqual([
      { value: 'rows', shared: false },
      { value: 'rows', shared: true },
    ]);
    expect(runs).toHaveLength(1);
    expect(flights.size).toBe(0);
  });

  it('are kept apart by their keys, and forgotten when they end', async () => {
    const flights = new InFlight<string>();
    const { runs, start } = controlledRun();
    const first = flights.join('a', never, start);
    const other = flights.join('b', never, start);
    runs[0]!.end('a');
    runs[1]!.end('b');
    expect([(await first).value, (await other).value]).toEqual(['a', 'b']);
    const later = flights.join('a', never, start);
    expect(runs).toHaveLength(3);
    runs[2]!.end('again');
    expect(await later).toEqual({ value: 'again', shared: false });
  });

  it('go on for the others when one caller leaves', async () => {
    const flights = new InFlight<string>();
    const { runs, start } = controlledRun();
    const leaving = new AbortController();
    const gone = flights.join('a', leaving.signal, start);
    const staying = flights.join('a', never, start);
    leaving.abort(new Error('client gone'));
    await expect(gone).rejects.toThrow('client gone');
    expect(runs[0]!.signal.aborted).toBe(false);
    runs[0]!.end('rows');
    expect(await staying).toEqual({ value: 'rows', shared: true });
  });

  it('are aborted when all callers have left; who comes then starts anew', async () => {
    const flights = new InFlight<string>();
    const { runs, start } = controlledRun();
    const leaving = [new AbortController(), new AbortController()];
    const gone = leaving.map(({ signal }) => flights.join('a', signal, start));
    leaving[0]!.abort(new Error('gone'));
    leaving[1]!.abort(new Error('gone'));
    await Promise.allSettled(gone);
    expect(runs[0]!.signal.aborted).toBe(true);
    expect(flights.size).toBe(0);
    const later = flights.join('a', never, start);
    runs[0]!.fail(new Error('aborted'));
    runs[1]!.end('rows');
    expect(await later).toEqual({ value: 'rows', shared: false });
  });

  it('fail for all callers alike, and the next caller starts anew', async () => {
    const flights = new InFlight<string>();
    const { runs, start } = controlledRun();
    const both = [flights.join('a', never, start), flights.join('a', never, start)];
    runs[0]!.fail(new Error('upstream down'));
    for (const result of await Promise.allSettled(both))
      expect(result).toMatchObject({ status: 'rejected', reason: new Error('upstream down') });
    const later = flights.join('a', never, start);
    runs[1]!.end('rows');
    expect((await later).value).toBe('rows');
  });

  it('are not begun for a caller who has left already', async () => {
    const flights = new InFlight<string>();
    const { runs, start } = controlledRun();
    await expect(flights.join('a', AbortSignal.abort(new Error('gone')), start)).rejects.toThrow('gone');
    expect(runs).toHaveLength(0);
    expect(flights.size).toBe(0);
  });

  it('that fail to begin leave nothing behind', async () => {
    const flights = new InFlight<string>();
    await expect(flights.join('a', never, () => { throw new Error('no plan'); })).rejects.toThrow('no plan'); // prettier-ignore
    expect(flights.size).toBe(0);
  });
});
