import { type User } from '../account/users.ts';
import { SECOND_MS } from '../dates.ts';
import { type Order } from './order.ts';

/** An approval request of an order. Source: vendor pages "List requests", "Request info". */
export interface OrderRequest {
  readonly id: number;
  readonly atMs: number;
  readonly type: 'new_request' | 'revoke' | 'reissue' | 'duplicate';
  readonly status: 'submitted' | 'pending' | 'approved' | 'rejected';
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
  return [first, ...copyRequests(order), ...revocationRequests(order)];
}

/** Requests for a reissue or a duplicate; their ids stand a million and two above that of the order's first. */
function copyRequests(order: Order): readonly OrderRequest[] {
  const { requestId, user: requester, approver: processor = order.user, issuance } = order;
  if (order.status === 'reissue_pending') {
    const status = order.id % 2 === 0 ? 'pending' : 'submitted';
    return [{ id: requestId + 1_000_000, atMs: order.statusChangedMs, type: 'reissue', status, requester }];
  }
  if (order.duplicatesCount === 0 || issuance === undefined) return [];
  const atMs = issuance.issuedMs + 3_600 * SECOND_MS;
  return [
    {
      id: requestId + 2_000_000,
      atMs,
      type: 'duplicate',
      status: 'approved',
      requester,
      processor,
      processedMs: atMs + APPROVAL_SECONDS * SECOND_MS,
    },
  ];
}

function revocationRequests(order: Order): readonly OrderRequest[] {
  if (order.pendingRevocation === undefined) return [];
  const { id, atMs, comments } = order.pendingRevocation;
  return [{ id, atMs, type: 'revoke', status: 'pending', requester: order.user, comments }];
}

/** Somebody still has to decide about something of the order. */
export const hasOpenRequest = (order: Order): boolean =>
  requestsOf(order).some(({ status }) => status === 'pending' || status === 'submitted');
