import { isObject, parseDocument, type JsonObject } from './json-members.ts';
import { settleDaysRemaining } from './list-orders.ts';
import { jsonAnswer, notFound, refuseOtherForms } from './rest-answers.ts';
import { cannot, readFlag, readQuery } from './rest-query.ts';
import type { RenderedAnswer, ServedRoute } from './served-route.ts';

/** Duplicates and reissues have lists of one form. Sources: vendor pages "List duplicates" and "List reissues". */
function copiesOf(kind: 'duplicate' | 'reissue', list: 'duplicates' | 'reissues'): ServedRoute {
  return {
    route: `GET /order/certificate/{id}/${kind}`,
    template: `rest-${list}`,
    plan(request, params) {
      const other = refuseOtherForms(request, false);
      if (other !== null) return other;
      const read = readQuery(request, { parameters: ['show_archived'] });
      if (read.kind === 'cannot') return read;
      // The graph reads the list as it comes without.
      if (readFlag(read.query, 'show_archived') !== false) return cannot('archived certificates');
      const id = params.get('id') ?? '';
      if (!/^\d{1,9}$/.test(id)) return cannot('a reference that is no id');
      return {
        kind: 'run',
        variables: { id: String(Number(id)) },
        render: ({ order }, { nowMs }) => render(order, list, nowMs),
      };
    },
  };
}

export const duplicates = copiesOf('duplicate', 'duplicates');
export const reissues = copiesOf('reissue', 'reissues');

function render(order: unknown, list: string, nowMs: number): RenderedAnswer {
  if (!isObject(order)) return { kind: 'answer', answer: notFound('order') };
  const copies = order[list];
  if (!Array.isArray(copies)) return cannot('an order whose certificates could not be read');
  // One that is not done yet is not counted by the list, so that the graph may take it for none.
  if (list === 'reissues' && copies.length === 0 && order['status'] === 'reissue_pending')
    return cannot('a reissue that is not done yet');
  const certificates = (copies as readonly JsonObject[]).map((copy) => parseDocument(copy['restDocument']));
  for (const certificate of certificates) {
    if (certificate === null) return cannot('a certificate that was not read yet');
    if (certificate['days_remaining'] !== undefined) settleDaysRemaining(certificate, nowMs);
  }
  return { kind: 'answer', answer: jsonAnswer({ certificates }) };
}
