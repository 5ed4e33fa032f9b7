import { describe, expect, it } from '@jest/globals';
import type { RestAnswer, RestRequest } from '../rest-exchange.ts';
import type { ServedPlan } from './served-route.ts';
import { servedRoutes } from './served-routes.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');

function planFor(
  key: string,
  search = '',
  more: Partial<RestRequest> = {},
  params: Record<string, string> = {},
): ServedPlan {
  const request = { method: 'GET', path: '', search, headers: new Map(), body: null, ...more };
  return servedRoutes.get(key)!.plan(request, new Map(Object.entries(params)), nowMs);
}

/** The answer that a plan makes of what the graph gives. */
function answerOf(plan: ServedPlan, data: Record<string, unknown>): RestAnswer {
  if (plan.kind !== 'run') throw new Error(`The plan is ${plan.kind}.`);
  const rendered = plan.render(data, { nowMs });
  if (rendered.kind !== 'answer') throw new Error(rendered.reason);
  return rendered.answer;
}
const textOf = ({ body }: RestAnswer) => String(body);

const orders = 'GET /order/certificate';
const info = 'GET /order/certificate/{id}';
const item = {
  id: 7,
  certificate: { id: 70, valid_till: '2026-12-03', days_remaining: 99 },
  status: 'issued',
  is_renewed: false,
  of_tomorrow: { kept: [1] },
  price: 238,
};
const node = (facts: object = {}) => ({
  restListItem: JSON.stringify(item),
  status: 'issued',
  isRenewed: false,
  disableRenewalNotifications: null,
  orderValidTill: null,
  cost: '238.00',
  container: null,
  organization: null,
  certificate: { id: '70', serialNumber: null, validFrom: null, validTill: '2026-12-03' },
  ...facts,
});

describe('the list of orders', () => {
  it('keeps members that nobody documented and counts the days that remain today', () => {
    const plan = planFor(orders, 'limit=1&offset=2');
    expect(plan).toMatchObject({ variables: { first: 1, offset: 2, filter: {}, orderBy: [] } });
    const answer = answerOf(plan, { orders: { totalCount: 9, nodes: [node()] } });
    expect(JSON.parse(textOf(answer))).toEqual({
      orders: [{ ...item, certificate: { ...item.certificate, days_remaining: 10 } }],
      page: { total: 9, limit: 1, offset: 2 },
    });
    expect(Object.fromEntries(answer.headers)).toEqual({
      'content-type': 'application/json',
      'cache-control': 'private,no-cache',
      etag: expect.stringMatching(/^"[0-9a-f]{40}"$/),
    });
  });

  it('shows what has changed since the item was read, in the spelling of the item', () => {
    const changed = node({ status: 'revoked', isRenewed: true, cost: null, container: { id: '14', name: 'Retail' } });
    const answer = answerOf(planFor(orders), { orders: { totalCount: 1, nodes: [changed] } });
    const [shown] = (JSON.parse(textOf(answer)) as { orders: readonly Record<string, unknown>[] }).orders;
    expect(shown).toMatchObject({ status: 'revoked', is_renewed: true, container: { id: 14, name: 'Retail' } });
    expect(shown).not.toHaveProperty('price');
  });

  it('is left to CertCentral while an order of the page was not read yet', () => {
    const plan = planFor(orders);
    if (plan.kind !== 'run') throw new Error('no run');
    const rendered = plan.render({ orders: { totalCount: 1, nodes: [node({ restListItem: null })] } }, { nowMs });
    expect(rendered).toMatchObject({ kind: 'cannot' });
  });

  it('sorts by what programs sort by, and by nothing else', () => {
    expect(planFor(orders, 'sort=date_created,-order_id')).toMatchObject({
      variables: {
        orderBy: [
          { field: 'dateCreated', direction: 'ASC' },
          { field: 'id', direction: 'DESC' },
        ],
      },
    });
    expect(planFor(orders, 'sort=valid_till')).toMatchObject({ kind: 'cannot' });
  });
});

describe('order info', () => {
  it.each([
    ['730011', 'rest-order-info', { id: '730011' }],
    [
      '5b1f0c2e9a7744d01122334455667788990aabbc',
      'rest-order-by-certificate',
      { thumbprint: '5b1f0c2e9a7744d01122334455667788990aabbc' },
    ],
    ['0C1F6E1B5A', 'rest-order-by-certificate', { serialNumber: '0C1F6E1B5A' }],
  ])('is found by %s', (id, template, variables) => {
    const plan = planFor(info, '', {}, { id });
    expect(plan).toMatchObject({ kind: 'run', variables });
    expect(plan.kind === 'run' ? (plan.template ?? servedRoutes.get(info)!.template) : null).toBe(template);
  });

  it('is not found by a duplicate, as CertCentral finds none', () => {
    const answer = answerOf(planFor(info, '', {}, { id: '0C1F6E1B5A' }), {
      certificate: { kind: 'duplicate', serialNumber: '0C1F6E1B5A', order: {} },
    });
    expect([answer.status, textOf(answer)]).toEqual([
      404,
      '{"errors":[{"code":"not_found|order","message":"The specified order was not found."}]}',
    ]);
  });

  it('tells the CAA status of no order that waits for it', () => {
    const plan = planFor(info, 'include_caa_status=true', {}, { id: '7' });
    const order = (status: string) => ({ order: { restOrderInfo: JSON.stringify({ id: 7, status }), status } });
    expect(textOf(answerOf(plan, order('issued')))).toBe('{"id":7,"status":"issued"}');
    expect(() => answerOf(plan, order('pending'))).toThrow('CAA');
  });
});

describe('a read of another form', () => {
  it('is refused where nobody serves it and left alone where CertCentral may', () => {
    const accepting = (accept: string) => planFor(orders, '', { headers: new Map([['accept', accept]]) });
    expect(accepting('image/png')).toMatchObject({ kind: 'answer', answer: { status: 406 } });
    expect(accepting('text/csv')).toMatchObject({ kind: 'cannot' });
    expect(accepting('application/xml')).toMatchObject({ kind: 'cannot' });
    expect(accepting('text/html, */*;q=0.1')).toMatchObject({ kind: 'run' });
    expect(planFor(orders, '', { headers: new Map([['if-none-match', '"x"']]) })).toMatchObject({ kind: 'cannot' });
    expect(planFor(orders, '', { method: 'HEAD' })).toMatchObject({ kind: 'cannot' });
  });
});

describe('status changes', () => {
  const key = 'GET /order/certificate/status-changes';
  it('are read for minutes and seconds together, at most a week', () => {
    expect(planFor(key, 'minutes=2&seconds=5')).toMatchObject({ variables: { lastSeconds: 125 } });
    expect(planFor(key, 'minutes=10080&seconds=1')).toMatchObject({ kind: 'answer', answer: { status: 400 } });
    expect(planFor(key, 'minutes=10081')).toMatchObject({ kind: 'answer', answer: { status: 400 } });
    expect(planFor(key, '')).toMatchObject({ kind: 'cannot' });
  });

  it('are read for a window in Mountain Time, digits padded or not', () => {
    expect(planFor(key, 'filters[status_last_updated]=2026-3-7+4:5:9...2026-03-08+04:05:09')).toMatchObject({
      variables: { from: '2026-03-07T11:05:09.000Z', to: '2026-03-08T10:05:09.000Z' },
    });
    expect(planFor(key, 'filters[status_last_updated]=2026-11-01...2026-11-02')).toMatchObject({ kind: 'cannot' });
  });

  it('are an empty object where nothing changed', () => {
    expect(textOf(answerOf(planFor(key, 'minutes=1'), { statusChanges: [] }))).toBe('{}');
  });
});

it('domains: validations and times only for who asks, days in Mountain Time for others', () => {
  const document = JSON.stringify({
    id: 1,
    name: 'acme.test',
    validations: [],
    dcv_expiration: { ov: '2026-11-02T05:00:00+00:00', ov_status: 'valid' },
  });
  const list = { restDomains: { total: 1, documents: [document] } };
  const shown = (search: string) => textOf(answerOf(planFor('GET /domain', search), list));
  expect(shown('')).toBe(
    '{"domains":[{"id":1,"name":"acme.test","dcv_expiration":{"ov":"2026-11-01"}}],"page":{"total":1,"limit":1000,"offset":0}}',
  );
  expect(shown('include_dcv_expiration_time=true&filters[include_validation_reuse_status]=true')).toContain(
    '"validations":[],"dcv_expiration":{"ov":"2026-11-02T05:00:00+00:00","ov_status":"valid"}',
  );
});

it('the expiring summary counts by days left', () => {
  const plan = planFor('GET /report/order/expiring');
  const days = [
    ['2026-11-23', 2], // today
    ['2026-11-16', 1],
    ['2026-11-24', 4],
    ['2026-12-23', 8], // 30 days
    ['2027-01-22', 16], // 60 days
  ].map(([day, count]) => ({ key: [day], count }));
  expect(JSON.parse(textOf(answerOf(plan, { orderBuckets: days })))).toEqual({
    expiring_orders: [
      { days_expiring: 90, order_count: 16 },
      { days_expiring: 60, order_count: 8 },
      { days_expiring: 30, order_count: 4 },
      { days_expiring: -7, order_count: 3 },
    ],
  });
});
