import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError, type Clock, type Logger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createPool, type Pool } from '@certfolio/database';
import { createDatabaseGate, createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { systemClock } from '@certfolio/runtime';
import { DeliveryFailed } from '../src/delivery-failed.ts';
import type { Delivery, Destination } from '../src/destination.ts';
import type { SnapshotRow } from '../src/difference.ts';
import { createRunStore, createScheduleStore } from '../src/postgres.ts';
import { runReport, type RunParts } from '../src/run-report.ts';
import type { RunStore } from '../src/run-store.ts';
import { parseSchedule } from '../src/schedule-definition.ts';
import type { ScheduleStore } from '../src/schedule-store.ts';

const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Sent deliveries by recipient; what `trouble` throws is thrown instead. */
class Outbox implements Destination {
  readonly kind = 'memory';
  readonly recipients = ['a', 'b'];
  readonly sent: { readonly recipient: string; readonly delivery: Delivery; readonly idempotencyKey: string }[] = [];
  trouble: ((recipient: string) => Error | null) | null = null;
  readonly name: string;
  readonly onUnconfirmed: 'resend' | 'tell';

  constructor(name: string, onUnconfirmed: 'resend' | 'tell' = 'tell') {
    this.name = name;
    this.onUnconfirmed = onUnconfirmed;
  }

  refusalOf(): null {
    return null;
  }

  async send(delivery: Delivery, { recipient, idempotencyKey }: Parameters<Destination['send']>[1]) {
    const error = this.trouble?.(recipient) ?? null;
    if (error !== null) throw error;
    this.sent.push({ recipient, delivery, idempotencyKey });
    return { reference: `${recipient}-ok`, bytes: 1 };
  }
}

let database: TestDatabase;
let pool: Pool;
let clock: FakeClock;
let schedules: ScheduleStore;
let runs: RunStore;
let rows: readonly SnapshotRow[];
let failure: Error | null;
let mail: Outbox;
let folder: Outbox;
let second: Outbox;
let ids = 0;

beforeEach(async () => {
  await pool?.end();
  await database?.drop();
  database = await createTestDatabase();
  pool = createPool(database.url, { applicationName: 'test', max: 5, logger: silentLogger });
  await pool.query(
    `insert into api_keys (id, name, owner, origin, level, templates, limits, scopes, created_at, created_by) values ('key0000001', 'k', 'pki', 'created', 'listed', '"all"', '{}', '{}', now(), 'x')`,
  );
  clock = new FakeClock('2026-11-23T06:59:00Z');
  schedules = createScheduleStore(pool, clock);
  runs = createRunStore(pool, { clock, newId: () => `run-${String((ids += 1)).padStart(4, '0')}`, random: () => 0.5 });
  rows = [
    ['1', 'a'],
    ['2', 'b'],
  ];
  failure = null;
  mail = new Outbox('mail');
  folder = new Outbox('folder', 'resend');
  second = new Outbox('second');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const parts = (theClock: Clock = clock): RunParts => ({
  runs,
  clock: theClock,
  logger: silentLogger,
  onEnded: () => undefined,
  linkOf: (id) => `https://reports.test/runs/${id}`,
  destinations: new Map([mail, folder, second].map((each) => [each.name, each])),
  settings: { leaseMs: 30_000, retryMs: 60_000, maxRetryMs: 3_600_000 },
  templates: {
    async start({ template, variables }) {
      if (failure !== null) throw failure;
      const columns = [
        { title: 'id', type: 'text' },
        { title: 'name', type: 'text' },
      ];
      return {
        columns,
        async *rows() {
          yield* rows;
        },
        facts: () => ({
          template: { name: template, version: 1, id: 'a'.repeat(64) },
          title: 'Expiring soon',
          question: 'What?',
          variables,
          columns,
          rows: rows.length,
          totalRows: rows.length,
          truncated: false,
          dataAsOf: null,
          source: 'mirror',
          stale: false,
          unavailableFields: [],
          errorCount: 0,
          upstreamCalls: 0,
        }),
      };
    },
  },
  exporter: {
    refusalOf: () => null,
    csv: async function* (columns, table) {
      yield Buffer.from(`${columns.join(',')}\n`);
      for await (const row of table) yield Buffer.from(`${row.join(',')}\n`);
    },
    write: (format, _facts, table) => ({
      extension: format,
      mediaType: 'text/plain',
      content: (async function* () {
        for await (const row of table) yield Buffer.from(`${row.join(',')}\n`);
      })(),
    }),
  },
});

async function schedule(overrides: Record<string, unknown> = {}) {
  const definition = parseSchedule({
    name: 'daily',
    template: 'expiring-soon',
    cron: '0 7 * * *',
    to: ['mail'],
    ...overrides,
  });
  return (await schedules.put({ definition, owner: 'pki', keyId: 'key0000001', managedBy: null, createdBy: 'test' }))
    .schedule;
}

/** Queues what is due now and makes one attempt at it. */
async function attempt() {
  await runs.queueDue(300_000);
  const run = await runs.claimNext(30_000);
  if (run === null) return null;
  await runReport(parts(), run, new AbortController().signal);
  return (await runs.find(run.id))!;
}
const toSlot = (time: string) => clock.advance(Date.parse(`2026-11-${time}:00Z`) - clock.nowMs());
const text = async (id: string, name: string) => {
  let all = '';
  for await (const chunk of runs.readFile(id, name)) all += Buffer.from(chunk).toString();
  return all;
};

describe('a run', () => {
  it('makes its files of one snapshot and sends them to everybody, once', async () => {
    await schedule({ formats: ['csv', 'ndjson'] });
    expect(await attempt()).toBeNull();
    await toSlot('23T07:00');
    const run = (await attempt())!;
    expect(run).toMatchObject({ state: 'delivered', trigger: 'slot', attempts: 1, facts: { rows: 2 } });
    expect(run.slot.toISOString()).toBe('2026-11-23T07:00:00.000Z');
    expect((await runs.files(run.id)).map(({ name }) => name)).toEqual([
      'expiring-soon-2026-11-23T0700Z.csv',
      'expiring-soon-2026-11-23T0700Z.ndjson',
      'rows.ndjson.gz',
    ]);
    expect(await text(run.id, 'expiring-soon-2026-11-23T0700Z.csv')).toBe('1,a\n2,b\n');
    expect(mail.sent.map(({ recipient }) => recipient)).toEqual(['a', 'b']);
    expect(mail.sent[0]!.delivery).toMatchObject({
      headline: '2 of 2 rows',
      link: `https://reports.test/runs/${run.id}`,
    });
    expect((await runs.deliveries(run.id)).map(({ state, reference }) => [state, reference])).toEqual([
      ['delivered', 'a-ok'],
      ['delivered', 'b-ok'],
    ]);
    expect(await attempt()).toBeNull();
  });

  it('says what changed since the last one, in the message and as a file', async () => {
    await schedule();
    await toSlot('23T07:00');
    const first = (await attempt())!;
    expect(first.facts!.difference).toBeNull();
    rows = [
      ['2', 'B'],
      ['3', 'c'],
    ];
    await toSlot('24T07:00');
    const run = (await attempt())!;
    const listed = [
      { kind: 'removed', key: '1', columns: [] },
      { kind: 'changed', key: '2', columns: ['name'] },
      { kind: 'added', key: '3', columns: [] },
    ];
    expect(run.facts!.difference).toEqual({
      added: 1,
      removed: 1,
      changed: 1,
      comparedWith: first.id,
      key: ['id'],
      listed,
    });
    expect(mail.sent.at(-1)!.delivery.changes).toEqual({
      columns: ['Change', 'id', 'Changed columns'],
      rows: [
        ['removed', '1', ''],
        ['changed', '2', 'name'],
        ['added', '3', ''],
      ],
      total: 3,
    });
    expect(await text(run.id, 'difference.csv')).toBe(
      'change,changed_columns,id,name\nremoved,,1,a\nbefore,name,2,b\nafter,name,2,B\nadded,,3,c\n',
    );
    expect(mail.sent.at(-1)!.delivery.facts).toContainEqual(['Since the last run', '1 added, 1 removed, 1 changed']);
    expect(mail.sent.at(-1)!.delivery.files.map(({ name }) => name)).toContain('difference.csv');
  });

  it.each([
    ['non_empty', [], 'There are no rows.'],
    [{ minRows: 3 }, [['1', 'a']], 'There are 1 rows, and 3 are needed.'],
  ])('is recorded as nothing to send under %j', async (condition, found, reason) => {
    rows = found;
    await schedule({ condition });
    await toSlot('23T07:00');
    expect(await attempt()).toMatchObject({ state: 'nothing_to_send', reason });
    expect(mail.sent).toEqual([]);
  });

  it('is sent when something changed, and only then', async () => {
    await schedule({ condition: 'changed' });
    const states: unknown[] = [];
    for (const day of ['23', '24', '25']) {
      if (day === '25') rows = [['9', 'z']];
      await toSlot(`${day}T07:00`);
      states.push((await attempt())!.state);
    }
    expect(states).toEqual(['delivered', 'nothing_to_send', 'delivered']);
  });

  it('by hand is sent whatever the condition, to one alone when asked to', async () => {
    rows = [];
    const { definition } = await schedule({ condition: 'non_empty' });
    const id = await runs.queueManual((await schedules.find(definition.name))!, 'key0000001', 'b');
    expect(await attempt()).toMatchObject({ id, state: 'delivered', trigger: 'manual', onlyFor: 'b' });
    expect(mail.sent.map(({ recipient }) => recipient)).toEqual(['b']);
  });
});

describe('trouble', () => {
  it('that passes is tried again, later each time, and nobody gets it twice', async () => {
    mail.trouble = (recipient) =>
      recipient === 'b' ? new DeliveryFailed('mail', 'busy', { isTransient: true }) : null;
    await schedule({ retries: 2 });
    await toSlot('23T07:00');
    expect(await attempt()).toMatchObject({ state: 'queued', reason: /busy/, attempts: 1 });
    expect(await attempt()).toBeNull();
    await clock.advance(60_000);
    expect(await attempt()).toMatchObject({ state: 'queued', attempts: 2 });
    await clock.advance(60_000);
    expect(await attempt()).toBeNull();
    mail.trouble = null;
    await clock.advance(60_000);
    expect(await attempt()).toMatchObject({ state: 'delivered', attempts: 3 });
    expect(mail.sent.map(({ recipient }) => recipient)).toEqual(['a', 'b']);
  });

  it('that stays fails the run with its cause; the other recipients have theirs', async () => {
    mail.trouble = (recipient) =>
      recipient === 'a' ? new DeliveryFailed('mail', 'no such user', { isTransient: false }) : null;
    await schedule();
    await toSlot('23T07:00');
    expect(await attempt()).toMatchObject({
      state: 'failed',
      errorCode: 'DESTINATION_REJECTED',
      reason: /no such user/,
      attempts: 1,
    });
    expect(mail.sent.map(({ recipient }) => recipient)).toEqual(['b']);
  });

  it('of the report itself is tried again where that helps, and fails at once where it does not', async () => {
    await schedule({ retries: 1 });
    failure = new AppError('UPSTREAM_UNAVAILABLE', 'CertCentral is away.');
    await toSlot('23T07:00');
    expect(await attempt()).toMatchObject({ state: 'queued', errorCode: 'UPSTREAM_UNAVAILABLE' });
    await clock.advance(60_000);
    expect(await attempt()).toMatchObject({ state: 'failed', reason: 'CertCentral is away.' });
    failure = new AppError('FORBIDDEN', 'The key is revoked.');
    await toSlot('24T07:00');
    expect(await attempt()).toMatchObject({ state: 'failed', errorCode: 'FORBIDDEN', attempts: 1 });
  });

  it('is told on the second channel: the first failure, then when their number doubled, then the pause', async () => {
    await schedule({ onFailure: 'second', pauseAfterFailures: 5 });
    failure = new AppError('FORBIDDEN', 'The key is revoked.');
    const told: number[] = [];
    for (let day = 23; day <= 28; day += 1) {
      await toSlot(`${day}T07:00`);
      await attempt();
      told.push(second.sent.filter(({ recipient }) => recipient === 'a').length);
    }
    expect(told).toEqual([1, 2, 2, 3, 4, 4]);
    expect(second.sent.at(-1)!.delivery).toMatchObject({
      kind: 'failure',
      headline: 'The key is revoked.',
      facts: [
        ['Code', 'FORBIDDEN'],
        ['Failed runs in a row', '5'],
        ['Schedule', 'paused; resume it once the cause is gone'],
      ],
    });
    expect(await schedules.find('daily')).toMatchObject({
      state: 'paused',
      pausedReason: '5 runs failed one after the other.',
    });
    await schedules.resume('daily');
    expect((await schedules.find('daily'))!.nextSlot!.toISOString()).toBe('2026-11-29T07:00:00.000Z');
  });

  it('a destination that is gone from the configuration is a failure that names it', async () => {
    await schedule({ to: ['mail', 'pigeon'] });
    await toSlot('23T07:00');
    expect(await attempt()).toMatchObject({ state: 'failed', reason: /"pigeon".*no destination of this name/ });
    expect(mail.sent).toHaveLength(2);
  });
});

describe('a process that dies', () => {
  /** A process that was killed while a recipient's delivery was under way. */
  async function dieWhileSending(to: string) {
    await schedule({ to: [to] });
    await toSlot('23T07:00');
    await runs.queueDue(300_000);
    const run = (await runs.claimNext(30_000))!;
    const dying = to === 'mail' ? mail : folder;
    const hung = new Promise<void>((resolve) => {
      dying.send = async () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    void runReport(parts(new FakeClock('2026-11-23T07:00:00Z')), run, new AbortController().signal);
    await hung;
    return run.id;
  }

  it('loses its run when its lease is over; what nobody knows of is told, not sent twice', async () => {
    const id = await dieWhileSending('mail');
    expect(await runs.claimNext(30_000)).toBeNull();
    mail = new Outbox('mail');
    await clock.advance(31_000);
    const run = (await attempt())!;
    expect(run).toMatchObject({
      id,
      state: 'failed',
      attempts: 2,
      reason: /nobody knows whether it arrived; it is not sent twice/,
    });
    expect((await runs.deliveries(id)).map(({ recipient, state }) => [recipient, state])).toEqual([
      ['a', 'unconfirmed'],
      ['b', 'delivered'],
    ]);
    expect(mail.sent.map(({ recipient }) => recipient)).toEqual(['b']);
  });

  it('time and again with the same report is stopped by an end, and the owner is told', async () => {
    await schedule({ retries: 0, onFailure: 'second' });
    await toSlot('23T07:00');
    await runs.queueDue(300_000);
    for (let died = 1; died <= 4; died += 1) {
      expect(await runs.claimNext(30_000)).toMatchObject({ attempts: died });
      await clock.advance(31_000);
    }
    expect(await attempt()).toMatchObject({ state: 'failed', attempts: 5, reason: /begun 4 times/ });
    expect([mail.sent.length, second.sent.length]).toEqual([0, 2]);
  });

  it('after another took its run has nothing more to say of it', async () => {
    await schedule();
    await toSlot('23T07:00');
    await runs.queueDue(300_000);
    const lost = (await runs.claimNext(30_000))!;
    await clock.advance(31_000);
    expect(await runs.claimNext(30_000, [lost.id])).toBeNull();
    const run = (await runs.claimNext(30_000))!;
    const end = { state: 'failed', reason: 'late', errorCode: null } as const;
    expect(await runs.finish(lost, end)).toBe(false);
    expect(await runs.release(lost, new Date(clock.nowMs()), 'late', 'SERVICE_UNAVAILABLE')).toBe(false);
    expect(await runs.find(run.id)).toMatchObject({ state: 'running', attempts: 2, reason: null });
  });

  it('where a second time replaces the first, it is sent again', async () => {
    const id = await dieWhileSending('folder');
    folder = new Outbox('folder', 'resend');
    await clock.advance(31_000);
    expect(await attempt()).toMatchObject({ id, state: 'delivered' });
    expect(folder.sent.map(({ recipient }) => recipient)).toEqual(['a', 'b']);
  });
});

describe('a database that goes away', () => {
  it('after a delivery was sent and before that is written down: it is written down later, and nothing is sent twice', async () => {
    const gate = await createDatabaseGate(database.url);
    const gated = createPool(gate.url, { applicationName: 'gated', max: 2, logger: silentLogger });
    const gatedRuns = createRunStore(gated, { clock: systemClock, newId: () => 'gated', random: () => 0.5 });
    await schedule({ retries: 0 });
    await toSlot('23T07:00');
    await runs.queueDue(300_000);
    const run = (await runs.claimNext(30_000))!;
    mail.trouble = (recipient) => {
      if (recipient === 'a') void gate.close().then(() => setTimeout(() => void gate.open(), 300));
      return null;
    };
    await runReport({ ...parts(systemClock), runs: gatedRuns }, run, new AbortController().signal);
    expect(await runs.find(run.id)).toMatchObject({ state: 'delivered', attempts: 1, reason: null });
    expect(mail.sent.map(({ recipient }) => recipient)).toEqual(['a', 'b']);
    await gated.end();
    await gate.close();
  });

  it('while rows are read fails the run with that cause once it is back, and the owner is told', async () => {
    const gate = await createDatabaseGate(database.url);
    const gated = createPool(gate.url, { applicationName: 'gated', max: 2, logger: silentLogger });
    const gatedRuns = createRunStore(gated, { clock: systemClock, newId: () => 'gated', random: () => 0.5 });
    await schedule({ retries: 0, onFailure: 'second' });
    await toSlot('23T07:00');
    await runs.queueDue(300_000);
    const run = (await runs.claimNext(30_000))!;
    const { templates, ...others } = parts(systemClock);
    const cut: RunParts['templates'] = {
      async start(asked) {
        await gate.close();
        setTimeout(() => void gate.open(), 300);
        return templates.start(asked);
      },
    };
    await runReport({ ...others, templates: cut, runs: gatedRuns }, run, new AbortController().signal);
    expect(await runs.find(run.id)).toMatchObject({
      state: 'failed',
      errorCode: 'SERVICE_UNAVAILABLE',
      reason: /^The database could not be reached \(.+\)\.$/,
    });
    expect([mail.sent.length, second.sent.length]).toEqual([0, 2]);
    await gated.end();
    await gate.close();
  });
});

it('a process that stops puts its run back, also when it may not be tried again', async () => {
  await schedule({ retries: 0 });
  await toSlot('23T07:00');
  await runs.queueDue(300_000);
  const run = (await runs.claimNext(30_000))!;
  const stopping = new AbortController();
  mail.trouble = () => {
    stopping.abort(new Error('The process is stopping.'));
    return new DeliveryFailed('mail', 'the run was stopped', { isTransient: true });
  };
  await runReport(parts(), run, stopping.signal);
  expect(await runs.find(run.id)).toMatchObject({ state: 'queued', reason: /stopped/ });
  mail.trouble = null;
  expect(await attempt()).toMatchObject({ state: 'delivered' });
  expect(mail.sent.map(({ recipient }) => recipient)).toEqual(['a', 'b']);
});

describe('the queue', () => {
  it('has one run per slot however many look, and one run of a schedule at a time', async () => {
    await schedule({ cron: '* * * * *' });
    await toSlot('23T07:00');
    const queued = await Promise.all(Array.from({ length: 8 }, () => runs.queueDue(300_000)));
    expect(queued.flat()).toHaveLength(1);
    await toSlot('23T07:01');
    await runs.queueDue(300_000);
    const claimed = await Promise.all(Array.from({ length: 4 }, () => runs.claimNext(30_000)));
    expect(claimed.filter((run) => run !== null)).toHaveLength(1);
  });

  it('records slots that passed while nobody could run them, and runs the last one late', async () => {
    await schedule({ cron: '0 * * * *' });
    await toSlot('23T10:30');
    expect(await attempt()).toMatchObject({
      state: 'delivered',
      trigger: 'catch_up',
      slot: new Date('2026-11-23T10:00:00Z'),
    });
    const all = await runs.list({ schedule: 'daily', limit: 10 });
    expect(
      all
        .filter(({ state }) => state === 'skipped')
        .map(({ slot }) => slot.toISOString().slice(11, 16))
        .sort(),
    ).toEqual(['07:00', '08:00', '09:00']);
    expect(mail.sent[0]!.delivery.facts).toContainEqual(['Late', 'its time passed while nobody could run it']);
  });

  it('waits for the jitter, and skips a pause', async () => {
    await schedule({ jitterSeconds: 60 });
    await toSlot('23T07:00');
    expect(await attempt()).toBeNull();
    await clock.advance(30_000);
    expect(await attempt()).toMatchObject({ state: 'delivered' });
    await schedules.pause('daily', new Date('2026-11-25T12:00:00Z'), 'holiday');
    for (const day of ['24', '25']) {
      await toSlot(`${day}T07:01`);
      expect(await attempt()).toBeNull();
    }
    await toSlot('26T07:01');
    expect(await attempt()).toMatchObject({ state: 'delivered', slot: new Date('2026-11-26T07:00:00Z') });
  });

  it('keeps what it is to keep, and no longer', async () => {
    await schedule({ retentionDays: 2 });
    await toSlot('23T07:00');
    const run = (await attempt())!;
    await toSlot('25T06:59');
    expect(await runs.prune()).toBe(0);
    await toSlot('25T07:01');
    expect(await runs.prune()).toBe(1);
    // That it ended well then is known for as long as nothing newer is: whoever watches the schedule asks for it.
    expect(await runs.find(run.id)).toMatchObject({ state: 'delivered', facts: null });
    expect(await runs.standings()).toEqual([
      { schedule: 'daily', isActive: true, failures: 0, lastSuccessAt: run.finishedAt, lastState: 'delivered' },
    ]);
    expect((await pool.query('select 1 from run_file_parts')).rowCount).toBe(0);
    expect((await pool.query('select 1 from run_deliveries')).rowCount).toBe(0);
    expect(await runs.prune()).toBe(0);
    await schedules.remove('daily');
    expect(await runs.prune()).toBe(1);
    expect(await runs.find(run.id)).toBeNull();
  });
});
