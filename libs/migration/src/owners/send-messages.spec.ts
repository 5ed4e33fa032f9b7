import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createMessageStore } from './message-store.postgres.ts';
import { sendDueMessages, type MessagePorts } from './send-messages.ts';

const slot = new Date('2026-11-23T07:00:00Z');
const signal = new AbortController().signal;
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.pool.query('truncate migration_messages'));
afterAll(() => database.drop());

const message = (owner: string) => ({
  owner,
  title: owner,
  headline: '',
  facts: [],
  excerpt: { columns: [], rows: [] },
});

/** Two processes on one database. */
function stand(more: Partial<MessagePorts> = {}) {
  const clock = new FakeClock('2026-11-23T07:00:10Z');
  const sent: string[] = [];
  const ports: MessagePorts = {
    store: createMessageStore(database.pool),
    slotBefore: () => slot,
    messages: async () => [message('web'), message('money')],
    recipientsOf: (owner) => [`${owner}@corp.test`, 'pki@corp.test'],
    ...{ destination: 'mail', mayResend: false, clock, logger: silentLogger },
    async send({ owner }, { recipient }) {
      sent.push(`${owner} to ${recipient}`);
      return { reference: 'ok' };
    },
    ...more,
  };
  return { ports, clock, sent };
}
const rows = async () =>
  (await database.pool.query('select owner, recipient, state, attempts, error from migration_messages order by 1, 2'))
    .rows;

it('sends each message once, however many processes look and however often', async () => {
  const { ports, sent, clock } = stand();
  await Promise.all([sendDueMessages(ports, signal), sendDueMessages(ports, signal)]);
  await clock.advance(3_600_000);
  await sendDueMessages(ports, signal);
  expect(sent.toSorted()).toEqual([
    'money to money@corp.test',
    'money to pki@corp.test',
    'web to pki@corp.test',
    'web to web@corp.test',
  ]);
  expect(await rows()).toMatchObject([1, 2, 3, 4].map(() => ({ state: 'delivered', attempts: 1 })));
});

it('sends nothing before its time, and nothing days late', async () => {
  const none = stand({ slotBefore: () => null });
  await sendDueMessages(none.ports, signal);
  const late = stand();
  await late.clock.advance(25 * 3_600_000);
  await sendDueMessages(late.ports, signal);
  expect([none.sent, late.sent]).toEqual([[], []]);
});

it('tries again after a pause, and not when that cannot help', async () => {
  let transient = true;
  const { ports, clock } = stand({
    messages: async () => [message('web')],
    recipientsOf: () => ['web@corp.test'],
    send: () => Promise.reject(Object.assign(new Error('no such user'), { isTransient: transient })),
  });
  await sendDueMessages(ports, signal);
  await clock.advance(59_000);
  await sendDueMessages(ports, signal);
  expect(await rows()).toMatchObject([{ state: 'failed', attempts: 1, error: 'no such user' }]);
  transient = false;
  await clock.advance(1_000);
  await sendDueMessages(ports, signal);
  await clock.advance(3_600_000);
  await sendDueMessages(ports, signal);
  expect(await rows()).toMatchObject([{ state: 'failed', attempts: 2 }]);
});

it('leaves a message whose process died while sending unconfirmed, but sends it again where that does no harm', async () => {
  const target = { slot, owner: 'web', destination: 'mail', recipient: 'web@corp.test' };
  const one = { messages: async () => [message('web')], recipientsOf: () => ['web@corp.test'] };
  const { ports, clock, sent } = stand(one);
  await ports.store.claim(target, {
    now: new Date(clock.nowMs()),
    leaseUntil: new Date(clock.nowMs() + 60_000),
    mayResend: false,
  });
  await sendDueMessages(ports, signal);
  await clock.advance(60_000);
  await sendDueMessages(ports, signal);
  expect([sent, await rows()]).toEqual([[], [expect.objectContaining({ state: 'unconfirmed' })]]);

  await database.pool.query("update migration_messages set state = 'sending'");
  await sendDueMessages({ ...ports, mayResend: true }, signal);
  expect(sent).toEqual(['web to web@corp.test']);
});
