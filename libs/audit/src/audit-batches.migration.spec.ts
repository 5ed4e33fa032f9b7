import { expect, it } from '@jest/globals';
import { applyMigrations, knownMigrations } from '@certfolio/database';
import { createEmptyDatabase } from '@certfolio/database/testing';
import { createAuditStore } from './audit-store.postgres.ts';
import { beginning, hashOf } from './chain.ts';
import { EntryLines } from './entry-lines.ts';
import { verifyChain } from './verify.ts';

it('takes over a log that has a row for each entry, and its chain still holds', async () => {
  const { pool, drop } = await createEmptyDatabase();
  const client = await pool.connect();
  try {
    const batches = knownMigrations.indexOf('0009-audit-batches');
    await applyMigrations(client, knownMigrations.slice(0, batches));
    let last = beginning.hash;
    for (let seq = 1; seq <= 1_203; seq += 1) {
      const json = `{"at":"2026-11-23T12:00:00.${String(seq % 1_000).padStart(3, '0')}Z","keyId":"k${seq % 2}","keyName":"é","kind":"request","seq":${seq},"template":"daily@1"}`;
      const hash = hashOf(last, json);
      await client.query('insert into audit_entries values ($1, $2, $3, $4)', [
        ...[seq, Buffer.from(last, 'hex'), Buffer.from(hash, 'hex'), json],
      ]);
      last = hash;
    }
    await applyMigrations(client, knownMigrations.slice(batches));

    const store = createAuditStore(pool);
    const verified = await verifyChain(store, { from: null, expect: null, nowMs: () => 0, budgetMs: 1_000 });
    expect(verified).toMatchObject({ entries: 1_203, isWhole: true, problem: null, last: { seq: 1_203, hash: last } });
    const found = await store.find({ key: 'k1', template: 'daily' }, { order: 'newest', beyond: 1_200, limit: 2 });
    expect(found.map(({ seq }) => seq)).toEqual([1_199, 1_197]);
    await store.append(EntryLines.of({ kind: 'unknown-keys', at: '2026', from: null, requests: 1, withoutKey: 1 }));
    expect(await verifyChain(store, { from: null, expect: null, nowMs: () => 0, budgetMs: 1_000 })).toMatchObject({
      entries: 1_204,
      isWhole: true,
      problem: null,
    });
  } finally {
    client.release();
    await drop();
  }
});
