import { beforeEach, expect, it } from '@jest/globals';
import { Unauthenticated, UpstreamUnavailable, type UpstreamKey } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { hashKey } from './key-format.ts';
import { createPassThrough, type PassThroughOptions } from './pass-through.ts';

const policy = {
  level: 'audit',
  templates: 'all',
  scope: { containers: 'all' },
  fields: 'all',
  limits: { requestsPerMinute: 60, burst: 60, costPerMinute: 5_000_000, rows: 1_000, concurrent: 2, mode: 'enforce' },
  account: 'default',
} as const;

let clock: FakeClock;
let proofs: string[];
let answer: (key: UpstreamKey) => Promise<boolean>;

beforeEach(() => {
  clock = new FakeClock();
  proofs = [];
  answer = async () => true;
});

function open(options: Partial<PassThroughOptions> = {}) {
  const passThrough = createPassThrough({
    policy,
    clock,
    prove(key, account) {
      proofs.push(`${account} ${key.text()}`);
      return answer(key);
    },
    ...options,
  });
  return (text: string) => passThrough.authenticate(text, hashKey(text));
}

const key = 'A-CERTCENTRAL-KEY-OF-32-CHARACTERS-OR-MORE';
const other = (n: number) => `${key}-${n}`;
const unknown = { name: 'Unauthenticated', message: 'Unknown, expired or revoked key.' };

it('proves a key once and takes it for ten minutes, with the policy and the key itself', async () => {
  const authenticate = open();
  const principal = await authenticate(key);
  expect(principal).toMatchObject({ ...policy, lane: 'interactive', owner: 'passthrough' });
  expect([...principal.scopes]).toEqual(['templates:run']);
  expect(principal.keyId).toMatch(/^pt_[0-9a-f]{16}$/);
  expect(principal.upstreamKey?.text()).toBe(key);
  expect(JSON.stringify(principal)).not.toContain(key);
  await clock.advance(599_999);
  await authenticate(key);
  expect(proofs).toEqual([`default ${key}`]);
  await clock.advance(1);
  await authenticate(key);
  expect(proofs).toHaveLength(2);
});

it('proves a key once for all who send it at the same time', async () => {
  const authenticate = open();
  await Promise.all([authenticate(key), authenticate(key), authenticate(key)]);
  expect(proofs).toHaveLength(1);
});

it('remembers for a minute that a key was refused', async () => {
  answer = async () => false;
  const authenticate = open();
  await expect(authenticate(key)).rejects.toMatchObject(unknown);
  await clock.advance(59_999);
  await expect(authenticate(key)).rejects.toMatchObject(unknown);
  expect(proofs).toHaveLength(1);
  await clock.advance(1);
  answer = async () => true;
  await authenticate(key);
});

it('spends no call on texts that cannot be keys', async () => {
  await expect(open()('x'.repeat(31))).rejects.toThrow(Unauthenticated);
  expect(proofs).toEqual([]);
});

it('proves so many unknown keys a minute and no more; those that were proved before are not held up', async () => {
  const authenticate = open({ proofsPerMinute: 2 });
  await authenticate(key);
  answer = async () => false;
  await expect(authenticate(other(1))).rejects.toMatchObject(unknown);
  await expect(authenticate(other(2))).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    retryAfterMs: 30_000,
    message: expect.stringContaining('2 times a minute at most; the next proof is free in 30000 ms'),
  });
  expect(proofs).toHaveLength(2);
  answer = async () => true;
  await clock.advance(600_000);
  await Promise.all([1, 2].map((n) => authenticate(other(n + 10))));
  await authenticate(key);
});

it('remembers nothing of a proof that could not be made', async () => {
  answer = async () => {
    throw new UpstreamUnavailable('GET /account', 'it is away');
  };
  const authenticate = open();
  await expect(authenticate(key)).rejects.toThrow('it is away');
  answer = async () => true;
  await authenticate(key);
});
