import { createHash } from 'node:crypto';
import type { Pool } from '@certfolio/database';

/** The account that a mirror is bound to. */
export interface MirrorBinding {
  readonly upstreamId: number;
  readonly baseUrl: string;
  readonly accountId: number;
}

export interface OpenMirrorOptions {
  /** Of the account in the configuration; for people. */
  readonly name: string;
  readonly baseUrl: string;
  /** As CertCentral says it. */
  readonly accountId: number;
  /**
   * What was read earlier counts as never read: for a source whose data is not the same from one start to the next.
   * The rows stay, and are compared with what is read now.
   */
  readonly distrustBefore?: Date;
}

/** Finds or makes the mirror of an account. Two base URLs, or two accounts, never share one. */
export async function openMirror(pool: Pool, options: OpenMirrorOptions): Promise<MirrorBinding> {
  const { name, baseUrl, accountId, distrustBefore } = options;
  const { rows } = await pool.query<{ id: number }>(
    `insert into upstreams (name, base_url, account_id) values ($1, $2, $3)
     on conflict (base_url, account_id) do update set name = excluded.name
     returning id`,
    [name, baseUrl, accountId],
  );
  const upstreamId = rows[0]!.id;
  await pool.query('insert into mirrors (upstream_id) values ($1) on conflict do nothing', [upstreamId]);
  if (distrustBefore !== undefined) {
    await pool.query(
      `with distrusted as (
         update mirror_groups set as_of = null, is_complete = false
         where upstream_id = $1 and as_of < $2 returning 1
       )
       update mirrors set version = version + 1 where upstream_id = $1 and exists (select from distrusted)`,
      [upstreamId, distrustBefore],
    );
  }
  return { upstreamId, baseUrl, accountId };
}

/** Whether the mirror is still that of this database: a restore gives every account a new number. */
export async function isMirrorThere(pool: Pool, { upstreamId }: Pick<MirrorBinding, 'upstreamId'>): Promise<boolean> {
  const { rows } = await pool.query('select from upstreams where id = $1', [upstreamId]);
  return rows.length > 0;
}

/** A key as its owner sends it, and where it is sent to. */
export interface UpstreamKey {
  readonly baseUrl: string;
  readonly key: string;
}

/** Writes down that CertCentral answered this key as this account. */
export async function rememberKey(pool: Pool, upstreamId: number, key: UpstreamKey, provenAt: Date): Promise<void> {
  await pool.query(
    `insert into upstream_keys (sha256, upstream_id, proven_at) values ($1, $2, $3)
     on conflict (sha256) do update set upstream_id = excluded.upstream_id, proven_at = excluded.proven_at`,
    [fingerprintOf(key), upstreamId, provenAt],
  );
}

/** The mirror of the account that the key belonged to when it was proven last; null for a key that never was. */
export async function findMirrorOfKey(pool: Pool, key: UpstreamKey): Promise<MirrorBinding | null> {
  const { rows } = await pool.query<{ id: number; account_id: number }>(
    `select upstreams.id, account_id from upstream_keys
     join upstreams on upstreams.id = upstream_keys.upstream_id
     join mirrors on mirrors.upstream_id = upstreams.id
     where sha256 = $1 and base_url = $2`,
    [fingerprintOf(key), key.baseUrl],
  );
  const found = rows[0];
  return found === undefined ? null : { upstreamId: found.id, baseUrl: key.baseUrl, accountId: found.account_id };
}

function fingerprintOf({ baseUrl, key }: UpstreamKey): Buffer {
  return createHash('sha256').update(`${baseUrl}\n${key}`).digest();
}
