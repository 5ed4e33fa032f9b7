import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Lane } from '@certfolio/core';
import { FairQueue, laneOrder } from './fair-queue.ts';

const waiter = (text: string) => {
  const [lane, onBehalfOf] = text.split(' ') as [Lane, string];
  return { lane, onBehalfOf, text };
};
const queueOf = (...texts: string[]) => {
  const queue = new FairQueue<ReturnType<typeof waiter>>();
  for (const text of texts) queue.push(waiter(text));
  return queue;
};
const drain = (queue: FairQueue<ReturnType<typeof waiter>>) => {
  const texts: string[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) texts.push(next.text);
  return texts;
};

describe('FairQueue', () => {
  it('serves lanes by rank, whoever came first', () => {
    expect(drain(queueOf('backfill a', 'shadow a', 'scheduled a', 'interactive a'))).toEqual([
      'interactive a',
      'scheduled a',
      'shadow a',
      'backfill a',
    ]);
  });

  it('finds the first of the heads that may go, and gives the next turn to another key', () => {
    const queue = queueOf('interactive a 1', 'interactive a 2', 'interactive b 1', 'interactive b 2', 'backfill b 3');
    const found = queue.peek(({ onBehalfOf }) => onBehalfOf === 'b');
    expect(found!.text).toBe('interactive b 1');
    expect(queue.peek(({ text }) => text.endsWith('2'))).toBeUndefined();
    expect([queue.serve(found!), queue.serve(found!), queue.size]).toEqual([true, false, 4]);
    expect(drain(queue)).toEqual(['interactive a 1', 'interactive b 2', 'interactive a 2', 'backfill b 3']);
  });

  it('gives each key of a lane one call per round', () => {
    expect(
      drain(
        queueOf(
          'interactive a 1',
          'interactive a 2',
          'interactive a 3',
          'interactive b 1',
          'interactive c 1',
          'interactive c 2',
        ),
      ),
    ).toEqual([
      'interactive a 1',
      'interactive b 1',
      'interactive c 1',
      'interactive a 2',
      'interactive c 2',
      'interactive a 3',
    ]);
  });

  it('foresees its own order, and the place of a newcomer, for any queue', () => {
    const anyone = fc.record({
      lane: fc.constantFrom(...laneOrder),
      onBehalfOf: fc.constantFrom('a', 'b', 'c', '__proto__'),
    });
    fc.assert(
      fc.property(fc.array(fc.option(anyone, { nil: 'serve' as const })), anyone, (steps, newcomer) => {
        const queue = new FairQueue<{ lane: Lane; onBehalfOf: string }>();
        for (const step of steps) {
          if (step === 'serve') queue.shift();
          else queue.push({ ...step });
        }
        const foreseen = queue.inOrder();
        expect(foreseen).toHaveLength(queue.size);
        const place = queue.aheadOf(newcomer);
        queue.push(newcomer);
        const order = [];
        while (queue.size > 0) order.push(queue.shift());
        expect(order.indexOf(newcomer)).toBe(place);
        expect(order.filter((one) => one !== newcomer)).toEqual(foreseen);
      }),
    );
  });

  it('lets a waiter leave once', () => {
    const queue = queueOf('interactive a');
    const [only] = queue.inOrder();
    expect(queue.remove(only!)).toBe(true);
    expect(queue.remove(only!)).toBe(false);
    expect(queue.size).toBe(0);
  });
});
