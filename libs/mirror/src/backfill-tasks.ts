import type { OrderId } from '@certfolio/core';

/** What is to be read of one order. */
export interface BackfillTask {
  readonly id: OrderId;
  readonly part: 'info' | 'duplicates' | 'reissues';
}

/**
 * What an order's row says, in SQL, when a part of it has to be read. The size of the key comes with order info where the row
 * has no certificate request. Orders that have no duplicates or reissues by their
 * row are known to have none; but a reissue that is not done yet is not counted by CertCentral's list.
 */
export const lacks: Readonly<Record<BackfillTask['part'] | 'key', string>> = {
  key: 'info_at is null and csr is null',
  info: 'info_at is null',
  duplicates: '(duplicates_at is null and has_duplicates is not false)',
  reissues: `(reissues_at is null and (has_reissues is not false or status = 'reissue_pending'))`,
};
