import { expect, it } from '@jest/globals';
import { ServiceUnavailable, silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import type { AuditEntry } from './audit-entry.ts';
import { ActCutShort, createAuditTrail, type Act } from './audit-trail.ts';
import { beginning } from './chain.ts';
import { entriesIn } from '../test/entries-in.ts';

const act: Act = {
  principal: { keyId: 'k1', keyName: 'admin', owner: 'ops' } as Act['principal'],
  requestId: 'r1',
  act: 'createKey',
  arguments: { input: { name: 'robot', adoptedSha256: 'ab' } },
};

/** A trail whose store takes so many entries and no more. */
function rig(takes = Infinity) {
  const written: AuditEntry[] = [];
  const noted: AuditEntry[] = [];
  const trail = createAuditTrail({
    store: {
      async append(entries) {
        if (written.length >= takes) throw new Error('away');
        written.push(...entriesIn(entries));
        return beginning;
      },
    },
    writer: { note: (entry) => void noted.push(entry) },
    codeOf: () => 'FORBIDDEN',
    clock: new FakeClock(),
    logger: silentLogger,
  });
  return { trail, written, noted };
}

it('writes that an act begins, with secrets masked, before it is done, and then how it ended', async () => {
  const { trail, written } = rig();
  const result = await trail.act(act, () => {
    expect(written).toHaveLength(1);
    return 'made';
  });
  expect(result).toBe('made');
  expect(written).toMatchObject([
    {
      kind: 'act',
      phase: 'begins',
      act: 'createKey',
      keyId: 'k1',
      requestId: 'r1',
      arguments: { input: { name: 'robot', adoptedSha256: '[masked]' } },
      outcome: null,
    },
    { kind: 'act', phase: 'ended', outcome: 'ok' },
  ]);
});

it('does not do what it cannot write down', async () => {
  const { trail } = rig(0);
  let isDone = false;
  const acting = trail.act(act, () => {
    isDone = true;
  });
  await expect(acting).rejects.toThrow(ServiceUnavailable);
  await expect(acting).rejects.toThrow(/"createKey" is not done: the audit log cannot be written/);
  expect(isDone).toBe(false);
});

it('tells of a failure by its code, of what was cut short by what cut it, and passes both on', async () => {
  const { trail, written } = rig();
  const refusal = new Error('no');
  await expect(trail.act(act, () => Promise.reject(refusal))).rejects.toBe(refusal);
  await expect(trail.act(act, () => Promise.reject(new ActCutShort('CLIENT_CLOSED')))).rejects.toThrow(/CLIENT_CLOSED/);
  expect(written.map((entry) => entry.kind === 'act' && entry.outcome)).toEqual([
    null,
    'FORBIDDEN',
    null,
    'CLIENT_CLOSED',
  ]);
});

it('writes later how an act ended when the database went away meanwhile; the act counts', async () => {
  const { trail, noted } = rig(1);
  expect(await trail.act(act, () => 'made')).toBe('made');
  expect(noted).toMatchObject([{ phase: 'ended', outcome: 'ok' }]);
});
