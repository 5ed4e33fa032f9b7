import { instantOf } from './mountain-time.ts';
import type { JsonObject } from './json-members.ts';
import { jsonAnswer, refusal, refuseOtherForms } from './rest-answers.ts';
import { cannot, readQuery } from './rest-query.ts';
import type { ServedPlan, ServedRoute } from './served-route.ts';

/** Of the window, however it is given. Source: vendor page "Status change list". */
const mostSeconds = 604_800;
const mostMinutes = 10_080;

/**
 * The list is read from CertCentral each time: it alone knows when a status changed. No change at all is `{}`.
 * Source: vendor page "Status change list".
 */
export const statusChanges: ServedRoute = {
  route: 'GET /order/certificate/status-changes',
  template: 'rest-status-changes',
  plan(request) {
    const other = refuseOtherForms(request, false);
    if (other !== null) return other;
    const read = readQuery(request, { parameters: ['minutes', 'seconds'], filters: ['status_last_updated'] });
    if (read.kind === 'cannot') return read;
    const { parameters, filters, sort } = read.query;
    if (sort.length > 0) return cannot('a sort of the status changes');
    const range = filters.get('status_last_updated');
    const minutes = parameters.get('minutes');
    const seconds = parameters.get('seconds');
    if (range !== undefined && (minutes !== undefined || seconds !== undefined)) return cannot('two windows at once');
    if (range !== undefined) return planRange(range);
    if ([minutes, seconds].some((text) => text !== undefined && !/^\d{1,9}$/.test(text)))
      return cannot('a window that is no number');
    const total = Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    if (total === 0) return cannot('no window');
    if (Number(minutes ?? 0) > mostMinutes || total > mostSeconds) return tooLong;
    return planOf({ lastSeconds: total });
  },
};

const tooLong: ServedPlan = {
  kind: 'answer',
  answer: refusal(400, 'time_frame_too_long', 'The time frame must not be longer than seven days.'),
};

/** Two times in Mountain Time, whose digits may be unpadded; what a day without a time means at the end is documented nowhere. */
function planRange(range: string): ServedPlan {
  const ends = range
    .split('...')
    .map((text) => /^(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})$/.exec(text));
  const [from, to] = ends.map((match) => (match === null ? null : instantOf(match.slice(1).map(Number))));
  if (ends.length !== 2 || from == null || to == null || to.instantMs <= from.instantMs)
    return cannot('a window of this form');
  // By the clock on the wall: the week in which summer time ends is not an hour too long for CertCentral, but is for the graph.
  if (to.wallMs - from.wallMs > mostSeconds * 1_000) return tooLong;
  if (to.instantMs - from.instantMs > mostSeconds * 1_000) return cannot('a window over the end of summer time');
  return planOf({ from: new Date(from.instantMs).toISOString(), to: new Date(to.instantMs).toISOString() });
}

function planOf(variables: Readonly<Record<string, unknown>>): ServedPlan {
  return {
    kind: 'run',
    variables,
    render({ statusChanges: changes }) {
      if (!Array.isArray(changes)) return cannot('changes of other divisions');
      const orders = (changes as readonly JsonObject[]).map(({ orderId, certificateId, status }) => ({
        order_id: Number(orderId),
        ...(certificateId === null ? {} : { certificate_id: Number(certificateId) }),
        status,
      }));
      return { kind: 'answer', answer: jsonAnswer(orders.length === 0 ? {} : { orders }) };
    },
  };
}
