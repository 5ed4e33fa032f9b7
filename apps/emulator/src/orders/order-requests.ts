import { type User } from '../account/users.ts';
import { SECOND_MS } from '../dates.ts';
import { type Order } from './order.ts';

/** An approval request of an order. Source: vendor pages "List requests", "Request info". */
export interface OrderRequest {
  readonly id: number;
  readonly atMs: number;
  readonly type: 'new_request' | 'revoke';
  readonly status: 'pending' | 'approved' | 'rejected';
  readonly requester: User;
  /** Missing while the request is pending. */
  readonly processor?: User;
  readonly processedMs?: number;
  readonly comments?: string;
}

const APPROVAL_SECONDS = 1_080;

export function requestsOf(order: Order): readonly OrderRequest[] {
  const isWaiting = order.status === 'needs_approval';
  const processed: Partial<OrderRequest> = isWaiting
    ? { status: 'pending' }
    : {
        processor: order.approver ?? order.user,
        processedMs: order.createdMs + APPROVAL_SECONDS * SECOND_MS,
        comments: order.status === 'rejected' ? 'not needed' : 'ok',
      };
  const first: OrderRequest = {
    id: order.requestId,
    atMs: order.createdMs,
    type: 'new_request',
    status: order.status === 'rejected' ? 'rejected' : 'approved',
    requester: order.user,
    ...processed,
  };
  if (order.pendingRevocation === undefined) return [first];
  const { id, atMs, comments } = order.pendingRevocation;
  return [first, { id, atMs, type: 'revoke', status: 'pending', requester: order.user, comments }];
}
