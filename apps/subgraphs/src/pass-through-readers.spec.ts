import { beforeEach, expect, it } from '@jest/globals';
import { silentLogger, type UpstreamKey } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { PassThroughReaders } from './pass-through-readers.ts';

let clock: FakeClock;
let events: string[];
/** What a client would be handed when it makes a call. */
let keysAtHand: Map<string, () => string>;
let readers: PassThroughReaders;

beforeEach(() => {
  clock = new FakeClock();
  events = [];
  keysAtHand = new Map();
  readers = new PassThroughReaders({
    open(key, apiKey) {
      events.push(`open ${key.id}`);
      keysAtHand.set(key.id, apiKey);
      return { close: async () => void events.push(`close ${key.id}`) } as never;
    },
    clock,
    logger: silentLogger,
    maxKeys: 2,
  });
});

const key = (id: string): UpstreamKey => ({ id, text: () => `text of ${id}` });
const textOf = (id: string) => keysAtHand.get(id)!();
const idle = async () => undefined;

it('has the text of a key while somebody reads with it, and lets it go after the last', async () => {
  const done: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => done.push(resolve));
  const both = [readers.use(key('a'), work), readers.use(key('a'), work)];
  expect(textOf('a')).toBe('text of a');
  done[0]!();
  await both[0];
  expect(textOf('a')).toBe('text of a');
  done[1]!();
  await both[1];
  expect(() => textOf('a')).toThrow('Nobody reads with this key any more');
  await readers.use(key('a'), async () => expect(textOf('a')).toBe('text of a'));
  expect(events).toEqual(['open a']);
});

it('lets the text go when reading fails, too', async () => {
  await expect(readers.use(key('a'), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(() => textOf('a')).toThrow();
});

it('keeps a key for five minutes after its last use, so that its call log outlives every window', async () => {
  await readers.use(key('a'), idle);
  await clock.advance(200_000);
  await readers.use(key('a'), idle);
  await clock.advance(299_999);
  expect(events).toEqual(['open a']);
  await clock.advance(75_001);
  expect(events).toEqual(['open a', 'close a']);
  expect(readers.size).toBe(0);
});

it('refuses another key while all are in use or their calls still count, and says when there is room', async () => {
  await readers.use(key('a'), idle);
  await clock.advance(1_000);
  await readers.use(key('b'), idle);
  await expect(readers.use(key('c'), idle)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    retryAfterMs: 180_000,
    message: expect.stringContaining('2 CertCentral keys are being passed through; there is room for another in 180 s'),
  });
  await clock.advance(180_000);
  await readers.use(key('c'), idle);
  expect(events).toEqual(['open a', 'open b', 'close a', 'open c']);
});

it('closes all of them in the end, and one that was refused at once', async () => {
  await readers.use(key('a'), async () => readers.forget(key('a')));
  await readers.use(key('b'), idle);
  readers.forget(key('b'));
  readers.forget(key('unknown'));
  expect(events).toEqual(['open a', 'open b', 'close b']);
  await readers.stop();
  expect(events).toEqual(['open a', 'open b', 'close b', 'close a']);
});
