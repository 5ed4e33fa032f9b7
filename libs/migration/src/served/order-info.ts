import { isObject, parseDocument, settle, type JsonObject } from './json-members.ts';
import { settleDaysRemaining } from './list-orders.ts';
import { jsonAnswer, notFound, refuseOtherForms } from './rest-answers.ts';
import { cannot, readFlag, readQuery } from './rest-query.ts';
import type { RenderedAnswer, ServedFacts, ServedPlan, ServedRoute } from './served-route.ts';

const byCertificate = 'rest-order-by-certificate';
/** Ids have up to 9 digits; what has more may be a serial number. Source: the path of the vendor page "Order info" takes all three. */
const isOrderId = (text: string) => /^\d{1,9}$/.test(text);
const isThumbprint = (text: string) => /^[0-9a-f]{40}$/i.test(text);
/** With a letter in it, so that it cannot be taken for an id. */
const isSerialNumber = (text: string) => /^[0-9a-f]{8,39}$/i.test(text) && /[a-f]/i.test(text);

/** Statuses under which a caller that asks for the CAA status may be told of it. */
const isWaiting = (status: unknown) => ['pending', 'processing', 'reissue_pending'].includes(String(status));

export const orderInfo: ServedRoute = {
  route: 'GET /order/certificate/{id}',
  template: 'rest-order-info',
  plan(request, params): ServedPlan {
    const other = refuseOtherForms(request, false);
    if (other !== null) return other;
    const read = readQuery(request, { parameters: ['include_caa_status'] });
    if (read.kind === 'cannot') return read;
    const wantsCaa = readFlag(read.query, 'include_caa_status');
    if (wantsCaa === null) return cannot('a flag that is neither true nor false');
    const ref = params.get('id') ?? '';
    const render = (order: unknown, facts: ServedFacts) => renderInfo(order, wantsCaa, facts);
    if (isOrderId(ref))
      return {
        kind: 'run',
        variables: { id: String(Number(ref)) },
        render: ({ order }, facts) => render(order, facts),
      };
    if (!isThumbprint(ref) && !isSerialNumber(ref))
      return cannot('a reference that is no id, serial number or thumbprint');
    const name = isThumbprint(ref) ? 'thumbprint' : 'serialNumber';
    return {
      kind: 'run',
      template: byCertificate,
      variables: { [name]: ref },
      render({ certificate }, facts) {
        if (!isObject(certificate)) return { kind: 'answer', answer: notFound('order') };
        // CertCentral finds the present certificate of an order only, the graph its copies as well.
        if (certificate['kind'] !== 'primary') return { kind: 'answer', answer: notFound('order') };
        if (String(certificate[name]).toUpperCase() !== ref.toUpperCase()) return cannot('a number with leading zeros');
        return render(certificate['order'], facts);
      },
    };
  },
};

function renderInfo(order: unknown, wantsCaa: boolean, { nowMs }: ServedFacts): RenderedAnswer {
  if (!isObject(order)) return { kind: 'answer', answer: notFound('order') };
  const info = parseDocument(order['restOrderInfo']);
  if (info === null) return cannot('an order whose info was not read yet');
  settleInfo(info, order, nowMs);
  if (wantsCaa && isWaiting(info['status'])) return cannot('the CAA status of an order that waits');
  return { kind: 'answer', answer: jsonAnswer(info) };
}

/** Order info as it was read, with what may have changed since, or changes by the day, as it is now. */
function settleInfo(info: JsonObject, order: JsonObject, nowMs: number): void {
  if (order['status'] !== 'other') settle(info, 'status', order['status']);
  settle(info, 'is_renewed', order['isRenewed']);
  if (isObject(info['certificate'])) settleDaysRemaining(info['certificate'], nowMs);
}
