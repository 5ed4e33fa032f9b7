import { daysUntil, type JsonObject } from './json-members.ts';
import { jsonAnswer, refuseOtherForms } from './rest-answers.ts';
import { cannot, readFlag, readQuery } from './rest-query.ts';
import type { ServedRoute } from './served-route.ts';

/** Days left, of each count. Source: vendor page "Expiring certificates"; the last one has expired in the week before. */
const buckets = [
  { name: 90, from: 60, to: 90 },
  { name: 60, from: 30, to: 59 },
  { name: 30, from: 1, to: 29 },
  { name: -7, from: -7, to: 0 },
] as const;
const dayMs = 86_400_000;

/** Orders with a certificate that has not been renewed, by the last day of its validity. */
export const expiringSummary: ServedRoute = {
  route: 'GET /report/order/expiring',
  template: 'rest-expiring',
  plan(request, _params, nowMs) {
    const other = refuseOtherForms(request, false);
    if (other !== null) return other;
    const read = readQuery(request, { parameters: ['container_id', 'include_expiring_certs'] });
    if (read.kind === 'cannot') return read;
    // The name of the count that it adds is documented nowhere.
    if (readFlag(read.query, 'include_expiring_certs') !== false) return cannot('the count of certificates');
    const container = read.query.parameters.get('container_id');
    if (container !== undefined && !/^\d{1,9}$/.test(container)) return cannot('a division that is no number');
    const day = (days: number) => new Date(nowMs + days * dayMs).toISOString().slice(0, 10);
    const filter = {
      status: { in: ['issued', 'expired'] },
      isRenewed: false,
      validTill: { gte: day(-7), lte: day(90) },
      ...(container === undefined ? {} : { containerId: { in: [container] } }),
    };
    return {
      kind: 'run',
      variables: { filter },
      render({ orderBuckets }) {
        if (!Array.isArray(orderBuckets)) return cannot('the counts could not be read');
        const days = (orderBuckets as readonly JsonObject[]).map(({ key, count }) => ({
          left: daysUntil(String((key as readonly unknown[])[0]), nowMs),
          count: Number(count),
        }));
        const expiring = buckets.map(({ name, from, to }) => ({
          days_expiring: name,
          order_count: days.reduce((sum, { left, count }) => (left >= from && left <= to ? sum + count : sum), 0),
        }));
        return { kind: 'answer', answer: jsonAnswer({ expiring_orders: expiring }) };
      },
    };
  },
};
