import { expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import type { RestFallback, RestUse } from './rest-usage.ts';
import { createRestUsageRecorder, otherKind, type CountedRestCall } from './rest-usage-recorder.ts';

const call: CountedRestCall = {
  keyId: 'k',
  route: 'GET /domain',
  shape: 'limit',
  userAgent: 'script/1',
  isTest: false,
  atMs: Date.parse('2026-11-23T12:00:00Z'),
  isFromGraph: false,
  isRefused: false,
  isFailed: false,
  upstreamCalls: 1,
  fallback: null,
};

function recorder(more: { maxPending?: number; maxKinds?: number } = {}) {
  const written: { uses: readonly RestUse[]; fallbacks: readonly RestFallback[] }[] = [];
  let isAway = false;
  const made = createRestUsageRecorder({
    store: {
      add: async (uses, fallbacks) => {
        if (isAway) throw new Error('away');
        written.push({ uses, fallbacks });
      },
      forget: async () => 0,
    },
    clock: new FakeClock(),
    logger: silentLogger,
    ...more,
  });
  return { ...made, written, setAway: (away: boolean) => (isAway = away) };
}

it('calls alike are one count; tests, forms and programs count apart', async () => {
  const { record, flush, written } = recorder();
  record(call);
  record({ ...call, isFromGraph: true, upstreamCalls: 0, atMs: call.atMs + 5_000 });
  record({ ...call, isTest: true });
  record({ ...call, shape: '' });
  record({ ...call, userAgent: 'script/2', isFailed: true });
  await flush();
  expect(written[0]!.uses.map(({ shape, userAgent, isTest, calls }) => [shape, userAgent, isTest, calls])).toEqual([
    ['limit', 'script/1', false, 2],
    ['limit', 'script/1', true, 1],
    ['', 'script/1', false, 1],
    ['limit', 'script/2', false, 1],
  ]);
  expect(written[0]!.uses[0]).toMatchObject({
    fromGraph: 1,
    upstreamCalls: 1,
    firstUsedAt: new Date(call.atMs),
    lastUsedAt: new Date(call.atMs + 5_000),
  });
});

it('why the graph did not answer is counted by its reason', async () => {
  const { record, flush, written } = recorder();
  record({ ...call, fallback: 'sort by price' });
  record({ ...call, fallback: 'sort by price', shape: 'sort' });
  record({ ...call, fallback: 'GATEWAY_TIMEOUT' });
  await flush();
  expect(written[0]!.fallbacks.map(({ reason, calls }) => [reason, calls])).toEqual([
    ['sort by price', 2],
    ['GATEWAY_TIMEOUT', 1],
  ]);
});

it('what could not be written is written the next time, with what came in between', async () => {
  const { record, flush, written, setAway } = recorder();
  record(call);
  setAway(true);
  await flush();
  record(call);
  setAway(false);
  await flush();
  expect(written.map(({ uses }) => uses.map(({ calls }) => calls))).toEqual([[2]]);
});

it('a key that sends ever other names and programs fills no table', async () => {
  const { record, flush, written } = recorder({ maxKinds: 2 });
  for (let nth = 0; nth < 10; nth += 1) record({ ...call, userAgent: `random/${nth}` });
  record({ ...call, keyId: 'other' });
  await flush();
  expect(written[0]!.uses.map(({ keyId, userAgent, calls }) => [keyId, userAgent, calls])).toEqual([
    ['k', 'random/0', 1],
    ['k', 'random/1', 1],
    ['k', otherKind, 8],
    ['other', 'script/1', 1],
  ]);
});

it('a name that no table keeps does not hold back what is written with it', async () => {
  const { record, flush, written } = recorder();
  record({ ...call, shape: 'a\u0000b', userAgent: 'x\ud800', fallback: 'the filter "\u0000"' });
  await flush();
  expect(written[0]).toMatchObject({
    uses: [{ shape: 'a\ufffdb', userAgent: 'x\ufffd' }],
    fallbacks: [{ reason: 'the filter "\ufffd"' }],
  });
});
