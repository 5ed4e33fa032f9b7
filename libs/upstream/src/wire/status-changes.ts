import type { ChangeWindow, OrderId, StatusChange } from '@certfolio/core';
import { z } from 'zod';
import { localOf } from '../zoned-time.ts';
import { looseId, looseInteger, parseWith, requiredLooseText } from './loose.ts';
import { parseList } from './page.ts';

const longestWindowSeconds = 604_800;
/** The page says "MDT" without saying what holds in winter; callers overlap their windows by an hour. */
const documentedZone = 'America/Denver';

/**
 * The query of GET /order/certificate/status-changes (dev.digicert.com, Services API, Status change list; ADR 0004).
 *
 * @throws TypeError for a window that is empty or longer than seven days
 */
export function statusChangesQuery(window: ChangeWindow): string {
  const seconds = 'lastSeconds' in window ? window.lastSeconds : (window.to.getTime() - window.from.getTime()) / 1_000;
  if (!(seconds >= 1) || seconds > longestWindowSeconds)
    throw new TypeError(`A window of ${seconds} s is not within 1 s and seven days.`);
  if ('lastSeconds' in window) return `seconds=${Math.ceil(window.lastSeconds)}`;
  const moment = (date: Date) => localOf(date.getTime(), documentedZone).replace('T', '+');
  return `filters[status_last_updated]=${moment(window.from)}...${moment(window.to)}`;
}

const change = z.object({ order_id: looseId, certificate_id: looseInteger, status: requiredLooseText });

/** @throws WrongShape */
export function parseStatusChanges(body: unknown): readonly StatusChange[] {
  return parseList(body, 'orders', (item) => {
    const { order_id, certificate_id, status } = parseWith(change, item);
    return { orderId: order_id as OrderId, certificateId: certificate_id, status };
  });
}
