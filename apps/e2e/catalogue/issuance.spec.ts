import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { callsOf, createFreshProducts, createStage, type ProductProcess } from '../harness/index.ts';
import { dayIn, instantIn, putOrders, rowsOf } from './known-orders.ts';

const stage = createStage();
const freshProductOn = createFreshProducts(stage);
let emulator: EmulatorProcess;
let product: ProductProcess;
let ids: Readonly<Record<string, string>>;

/** Service user with an unrestricted key, and a person. */
const robot = { id: 3036 };
const person = { id: 3001 };
const plus = {
  product: { name_id: 'ssl_plus' },
  container: { id: 14 },
  organization: { id: 5001 },
  dcv_method: 'dns-txt-token',
  user: person,
  payment_method: 'balance',
  price: 218,
};
const named = (name: string) => ({ certificate: { common_name: name, dns_names: [] } });

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 0 });
  product = await freshProductOn(emulator);
  ids = await putOrders(emulator, {
    stuck: { ...plus, ...named('stuck.meridian.test'), status: 'pending', date_created: instantIn(-25) },
    stuckLong: { ...plus, ...named('stuck-long.acme.test'), status: 'waiting_pickup', date_created: instantIn(-75) },
    young: { ...plus, ...named('young.acme.test'), status: 'pending', date_created: instantIn(-23) },
    asked: { ...plus, ...named('asked.acme.test'), status: 'needs_approval', date_created: instantIn(-5) },
    askedJustNow: { ...plus, ...named('just-now.acme.test'), status: 'needs_approval', date_created: instantIn(-3) },
    byRobot: { ...plus, ...named('robot.acme.test'), user: robot, date_created: instantIn(-25) },
    rejected: { ...plus, ...named('rejected.acme.test'), status: 'rejected', date_created: instantIn(-25) },
    other: {
      ...plus,
      ...named('other.acme.test'),
      container: { id: 15 },
      product: { name_id: 'ssl_basic' },
      price: 100.25,
      payment_method: 'card',
      date_created: instantIn(-25),
    },
    lastYear: {
      ...plus,
      ...named('last-year.acme.test'),
      date_created: `${Number(dayIn(0).slice(0, 4)) - 1}-06-15T12:00:00Z`,
    },
  });
});

describe('stuck-orders', () => {
  it('has what waits for more than a day, the oldest first, and not what was ordered 23 hours ago', async () => {
    expect(await rowsOf(product.admin, 'stuck-orders.json', 'order_id', 'status', 'age_days', 'dcv_method')).toEqual([
      { order_id: ids['stuckLong'], status: 'waiting_pickup', age_days: 3, dcv_method: 'dns-txt-token' },
      { order_id: ids['stuck'], status: 'pending', age_days: 1, dcv_method: 'dns-txt-token' },
    ]);
    const rows = await rowsOf(product.admin, 'stuck-orders.json?olderThanHours=22&statuses=pending', 'order_id');
    expect(rows).toEqual([{ order_id: ids['stuck'] }, { order_id: ids['young'] }]);
  });

  it('tells where the checks stand when asked, at a call for each order', async () => {
    const { result, stats } = await callsOf(emulator, () =>
      rowsOf(product.admin, 'stuck-orders.json?withChecks=true', 'order_id', 'validation_status', 'domain_check_names'),
    );
    expect(stats.calls['GET /order/certificate/{id}/validation']).toBe(2);
    expect(result.map(({ order_id }) => order_id)).toEqual([ids['stuckLong'], ids['stuck']]);
    expect(result[1]).toMatchObject({ validation_status: 'pending', domain_check_names: ['stuck.meridian.test'] });
    const without = await rowsOf(product.admin, 'stuck-orders.json', 'validation_status', 'domain_check_names');
    expect(without[1]).toEqual({ validation_status: null, domain_check_names: null });
  });
});

describe('requests-awaiting-approval', () => {
  const columns = [
    'type',
    'status',
    'order_id',
    'common_name',
    'age_hours',
    'requester_id',
    'product_name_id',
  ] as const;

  it('has what somebody still has to decide for four hours or more', async () => {
    const request = (name: string, commonName: string, age: number) => ({
      type: 'new_request',
      status: 'pending',
      order_id: ids[name],
      common_name: commonName,
      age_hours: age,
      requester_id: String(person.id),
      product_name_id: 'ssl_plus',
    });
    expect(await rowsOf(product.admin, 'requests-awaiting-approval.json', ...columns)).toEqual([
      request('asked', 'asked.acme.test', 5),
    ]);
    expect(await rowsOf(product.admin, 'requests-awaiting-approval.json?olderThanHours=0', ...columns)).toEqual([
      request('askedJustNow', 'just-now.acme.test', 3),
      request('asked', 'asked.acme.test', 5),
    ]);
  });

  it('takes divisions, products and a part of the name', async () => {
    const read = (search: string) =>
      rowsOf(product.admin, `requests-awaiting-approval.json?olderThanHours=0&${search}`, 'order_id');
    expect(await read('nameContains=JUST')).toEqual([{ order_id: ids['askedJustNow'] }]);
    expect(await read('containerIds=15')).toEqual([]);
    expect(await read('productNameIds=ssl_basic')).toEqual([]);
    expect(await read('organizationIds=5002')).toEqual([]);
    expect(await read('productNameIds=ssl_plus&organizationIds=5001')).toHaveLength(2);
  });
});

describe('issuance-activity', () => {
  it('counts the orders of the last days by product, check and user, and says which user is a service', async () => {
    const rows = await rowsOf(product.admin, 'issuance-activity.json?period=dateCreatedMonth&nameLike=%25.test');
    const counts = new Map<string, number>();
    for (const { product_name_id: name, user_id: user, by_service_user: service, count } of rows) {
      const key = `${String(name)} ${String(user)} ${String(service)}`;
      counts.set(key, (counts.get(key) ?? 0) + Number(count));
    }
    expect(counts).toEqual(
      new Map([
        ['ssl_basic 3001 false', 1],
        // Stuck ones, the young one, the two that wait for approval, the rejected one.
        ['ssl_plus 3001 false', 6],
        ['ssl_plus 3036 true', 1],
      ]),
    );
    const robots = rows.filter(({ by_service_user: service }) => service === true);
    expect(robots[0]).toMatchObject({ dcv_method: 'dns-txt-token', user: 'Service Robot 35', key_restriction: 'none' });
  });

  it('counts by day, from the day asked for on', async () => {
    const today = await rowsOf(product.admin, 'issuance-activity.json?since=today', 'period', 'count');
    expect(new Set(today.map(({ period }) => period)).size).toBeLessThanOrEqual(1);
    const all = await rowsOf(product.admin, 'issuance-activity.json?since=2000-01-01', 'count');
    expect(all.reduce((sum, { count }) => sum + Number(count), 0)).toBe(9);
  });
});

describe('cost-by-division-product', () => {
  it('sums what orders of a period cost, without those that were rejected or wait for approval', async () => {
    const lastYear = await rowsOf(product.admin, 'cost-by-division-product.json?period=last_year');
    const row = {
      container_id: '14',
      container_name: 'Retail',
      product_name_id: 'ssl_plus',
      pay_type: expect.any(String),
      orders: 1,
      cost: '218.00',
      cost_min: '218.00',
      cost_max: '218.00',
    };
    // In January, what was placed a few days ago is of last year, too.
    if (dayIn(-4).slice(0, 4) === dayIn(0).slice(0, 4)) expect(lastYear).toEqual([row]);
    const days = Array.from({ length: 5 }, (_, back) => dayIn(-back));
    const rows = (
      await Promise.all(days.map((day) => rowsOf(product.admin, `cost-by-division-product.json?period=${day}`)))
    ).flat();
    const sum = (division: string) =>
      rows
        .filter(({ container_id }) => container_id === division)
        .reduce((total, { orders, cost }) => [total[0]! + Number(orders), total[1]! + Number(cost)], [0, 0]);
    expect(sum('14')).toEqual([4, 4 * 218]); // stuck, stuckLong, young, byRobot
    expect(sum('15')).toEqual([1, 100.25]);
  });

  it('is refused to a key that may not read costs', async () => {
    const key = await product.createKey({ name: 'no-costs', level: 'LISTED', fields: ['email'] });
    expect((await key.report('cost-by-division-product.json')).status).toBe(403);
  });
});
