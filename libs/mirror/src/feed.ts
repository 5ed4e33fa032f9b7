import type { CertCentral, CertCentralChanges, CertCentralOrderParts, Order, UpstreamCall } from '@certfolio/core';

/** What the mirror reads of CertCentral. */
export type MirrorFeed = Pick<CertCentral, 'listOrders' | 'orderReport' | 'customReport' | 'outlook'> &
  CertCentralChanges &
  Pick<CertCentralOrderParts, 'duplicates' | 'reissues' | 'orderWithParts'>;

/** Who pays for the calls of a round and notes them. Asked before each call: somebody may begin to wait meanwhile. */
export type CallMaker = () => UpstreamCall;

/** Rows of one page of the order list. */
export const listPageRows = 1_000;
/** Rows of one order report. */
export const reportPageRows = 100_000;
/** Rows that two neighbouring pages both ask for, so that a row that moves between two reads is seen. */
export const pageOverlap = 1;

/** The newest orders and the count of all, in one call. */
export async function readNewest(
  feed: MirrorFeed,
  call: CallMaker,
  limit: number,
): Promise<{ readonly orders: readonly Order[]; readonly total: number }> {
  return feed.listOrders(
    { where: [], sort: { field: 'dateCreated', direction: 'desc' }, limit, offset: 0, withDocuments: true },
    call(),
  );
}

/** The count of all orders. */
export async function countOrders(feed: MirrorFeed, call: CallMaker): Promise<number> {
  return (await feed.listOrders({ where: [], sort: null, limit: 1, offset: 0 }, call())).total;
}
