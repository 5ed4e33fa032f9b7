import { AppError, type UpstreamCall } from '@certfolio/core';
import { upstreamCode } from '../call-failure.ts';
import type { Transport } from '../transport.http.ts';

/**
 * `view-only` may only GET, which is enough for this product. A key may not be asked for its restriction: `GET /user/me`
 * tells the role of its user. So it is told by a query that changes nothing and is sent by POST; an account without the
 * right to Custom Reports may look like a key that is restricted.
 */
export type KeyKind = 'view-only' | 'more-than-view-only';

export interface KeyState {
  /** Null when the answer does not tell. */
  readonly keyKind: KeyKind | null;
  /** Milliseconds that CertCentral's clock is ahead of ours, exact to a second; null when it tells no time. */
  readonly clockAheadMs: number | null;
}

const request = {
  route: 'POST /reports/query',
  path: '/reports/query',
  body: JSON.stringify({ query: '{ order_details(limit: 1) { id } }' }),
};

/** Asks by one call. That there is no answer is an answer: nothing is known. */
export async function readKeyState(transport: Transport, nowMs: () => number, call: UpstreamCall): Promise<KeyState> {
  const sentMs = nowMs();
  try {
    const { status, text, header } = await transport.plain(request, call);
    return { keyKind: kindOf(status, text), clockAheadMs: aheadMs(header('date'), sentMs, nowMs()) };
  } catch (error) {
    if (error instanceof AppError) return { keyKind: null, clockAheadMs: null };
    throw error;
  }
}

function kindOf(status: number, body: string): KeyKind | null {
  if (status === 200 || status === 400) return 'more-than-view-only';
  return status === 403 && !upstreamCode(body).includes('invalid_key') ? 'view-only' : null;
}

/** The `Date` header has whole seconds; it is taken for the middle of its second, and the answer for halfway. */
export function aheadMs(date: string | undefined, sentMs: number, receivedMs: number): number | null {
  const dateMs = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(dateMs) ? null : Math.round(dateMs + 500 - (sentMs + receivedMs) / 2);
}
