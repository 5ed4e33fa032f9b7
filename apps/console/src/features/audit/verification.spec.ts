import { expect, it } from '@jest/globals';
import { removedInWords, verdictOf, walkLog, type VerificationStep } from './verification.ts';

const step: VerificationStep = {
  ok: true,
  whole: false,
  entries: 1_000,
  position: '1000:aa',
  headSeq: '1000',
  headHash: 'aa',
  removedEntries: 0,
  brokenSeq: null,
  problem: null,
};
const end = { ...step, whole: true, entries: 5, position: '1005:bb', headSeq: '1005', headHash: 'bb' };

const walk = async (steps: readonly VerificationStep[]) => {
  const asked: (string | null)[] = [];
  const told: number[] = [];
  const ask = async (from: string | null) => steps[asked.push(from) - 1] ?? end;
  const verified = await walkLog(ask, (entries) => told.push(entries));
  return { verified, asked, told };
};

it('goes on where the last call stopped, until the end', async () => {
  const { verified, asked, told } = await walk([step, end]);
  expect(asked).toEqual([null, '1000:aa']);
  expect(told).toEqual([1_000, 1_005]);
  expect(verdictOf(verified)).toBe('None of its 1,005 entries is altered, missing or in another place.');
});

it('stops at the first entry that does not hold', async () => {
  const { verified, asked } = await walk([
    { ...step, ok: false, brokenSeq: '17', problem: 'the hash is another' },
    end,
  ]);
  expect(asked).toEqual([null]);
  expect(verdictOf(verified)).toBe('Entry 17: the hash is another. Nothing after it was looked at.');
});

it('gives up when the gateway stands still', async () => {
  await expect(walk([step, step, step])).rejects.toThrow('does not get on');
});

it('tells what retention removed', () => {
  expect(removedInWords(step)).toBeNull();
  expect(removedInWords({ ...step, removedEntries: 2_000 })).toBe('Retention removed 2,000 older entries before.');
});
