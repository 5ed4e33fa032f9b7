import type { OrderNote, OrderRequest, OrderWithParts } from '@certfolio/core';
import { listOf } from './page.ts';
import { parseOrderInfo } from './order-info.ts';
import { requiredInteger } from './required.ts';
import { member, toText, toTimestamp } from './values.ts';

const isoTimestamp = toTimestamp('UTC');

/** GET /order/certificate/{order_id}, with the lists that stand in it. @throws WrongShape */
export function parseOrderWithParts(body: unknown): OrderWithParts {
  const order = parseOrderInfo(body);
  return { order, requests: listOf(body, 'requests', parseRequest), notes: listOf(body, 'notes', parseNote) };
}

function parseRequest(item: unknown): OrderRequest {
  return {
    id: requiredInteger(member(item, 'id', ''), 'id'),
    // The newest client of CertCentral knows a second name of it.
    date: isoTimestamp(member(item, 'date', '') ?? member(item, 'date_created', ''), 'date'),
    type: toText(member(item, 'type', ''), 'type'),
    status: toText(member(item, 'status', ''), 'status'),
    comments: toText(member(item, 'comments', ''), 'comments'),
  };
}

function parseNote(item: unknown): OrderNote {
  return {
    id: requiredInteger(member(item, 'id', ''), 'id'),
    text: toText(member(item, 'text', ''), 'text') ?? '',
  };
}
