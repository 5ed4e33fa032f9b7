import { mountainToInstant, parseDate, SECOND_MS } from '../dates.ts';
import { ApiError, badRequest } from '../http/api-error.ts';
import { type Query } from '../http/query.ts';
import { statusAt, statusChangedAt } from './order-status.ts';
import { type Order } from './order.ts';

const MAXIMUM_SECONDS = 604_800;
const MAXIMUM_MINUTES = 10_080;

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const tooLong = () => new ApiError(400, 'time_frame_too_long', 'The time frame must not be longer than seven days.');

function count(query: Query, name: string): number {
  const text = query.value(name);
  if (text === undefined) return 0;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`The value of ${name} is not a whole number.`);
  return Number(text);
}

function parseRange(text: string): Window {
  const [start, end] = text.split('...').map((part) => parseDate(part.trim()));
  if (start === undefined || end === undefined) throw badRequest('status_last_updated is not of the form start...end.');
  // By the clock on the wall: the week in which summer time ends is not an hour too long.
  if (end.atMs - start.atMs > MAXIMUM_SECONDS * SECOND_MS) throw tooLong();
  // Times of ranges are Mountain time; a day without a time means its midnight.
  return { fromMs: mountainToInstant(start.atMs), toMs: mountainToInstant(end.atMs) };
}

function parseWindow(query: Query, nowMs: number): Window {
  const range = query.filters.find(({ property }) => property === 'status_last_updated');
  const minutes = count(query, 'minutes');
  const seconds = count(query, 'seconds') + minutes * 60;
  if (minutes > MAXIMUM_MINUTES || seconds > MAXIMUM_SECONDS) throw tooLong();
  if (seconds > 0) return { fromMs: nowMs - seconds * SECOND_MS, toMs: nowMs };
  if (range === undefined) throw badRequest('One of minutes, seconds or filters[status_last_updated] is required.');
  return parseRange(range.value);
}

/**
 * Orders whose latest status change lies in the asked window, oldest change first; the status is the current one.
 * Source: vendor page "Status change list".
 *
 * @throws ApiError 400 without a window, or with one over seven days
 */
export function findChanged(orders: readonly Order[], query: Query, nowMs: number) {
  const { fromMs, toMs } = parseWindow(query, nowMs);
  return orders
    .map((order) => ({ order, atMs: statusChangedAt(order, nowMs) }))
    .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    .sort((one, other) => one.atMs - other.atMs)
    .map(({ order }) => ({ order_id: order.id, certificate_id: order.certificateId, status: statusAt(order, nowMs) }));
}
