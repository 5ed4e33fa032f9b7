import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { createFreshProducts, createStage, type ProductProcess } from '../harness/index.ts';
import { dayIn, putOrders, rowsOf } from './known-orders.ts';

const stage = createStage();
const freshProductOn = createFreshProducts(stage);
let emulator: EmulatorProcess;
let product: ProductProcess;
let ids: Readonly<Record<string, string>>;

const days = 86_400_000;
/** Monday of the week that a day is in. */
const mondayOf = (day: string) => {
  const date = new Date(`${day}T00:00:00Z`);
  return new Date(date.getTime() - ((date.getUTCDay() + 6) % 7) * days).toISOString().slice(0, 10);
};
const retail = { container: { id: 14 }, product: { name_id: 'ssl_plus' }, disable_renewal_notifications: false };
const cert = (name: string, till: number, more: object = {}) => ({
  certificate: { common_name: name, valid_till: dayIn(till), ...more },
});

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 0 });
  product = await freshProductOn(emulator);
  ids = await putOrders(emulator, {
    today: { ...retail, ...cert('today.acme.test', 0), auto_renew: 1, dcv_method: 'dns-txt-token' },
    month: { ...retail, ...cert('month.acme.test', 30), auto_renew: 0, dcv_method: 'email' },
    monthRenewed: { ...retail, ...cert('renewed.acme.test', 30), is_renewed: true, auto_renew: 1 },
    later: {
      container: { id: 15 },
      product: { name_id: 'ssl_basic' },
      ...cert('later.acme.test', 31, { valid_from: dayIn(-69) }),
      auto_renew: 1,
      dcv_method: 'dns-cname-token',
      disable_renewal_notifications: true,
    },
    // A multi-year plan: the order ends two years after its certificate.
    plan: { ...retail, ...cert('plan.acme.test', 15), order_valid_till: dayIn(745), auto_renew: 0, dcv_method: null },
    yesterday: { ...retail, ...cert('gone.acme.test', -1) },
    fortnight: { ...retail, ...cert('old.acme.test', -14) },
    tooOld: { ...retail, ...cert('older.acme.test', -15) },
    lapsedRenewed: { ...retail, ...cert('taken-over.acme.test', -3), renewed_order_id: 730_000 },
    revoked: { ...retail, ...cert('revoked.acme.test', 5), status: 'revoked' },
    private: {
      product: { name_id: 'private_ssl_plus' },
      ...cert('private.acme.test', 200, { valid_from: dayIn(-165) }),
      auto_renew: 0,
      disable_renewal_notifications: true,
      dcv_method: 'email',
    },
  });
});

describe('expiring-soon', () => {
  it('has what is due from today to the thirtieth day, both included, soonest first, without what is renewed', async () => {
    expect(await rowsOf(product.admin, 'expiring-soon.json', 'order_id', 'valid_till', 'days_left')).toEqual([
      { order_id: ids['today'], valid_till: dayIn(0), days_left: 0 },
      { order_id: ids['plan'], valid_till: dayIn(15), days_left: 15 },
      { order_id: ids['month'], valid_till: dayIn(30), days_left: 30 },
    ]);
  });

  it('takes the variables that all reports of orders have', async () => {
    expect(await rowsOf(product.admin, 'expiring-soon.json?days=31&containerIds=15', 'order_id')).toEqual([
      { order_id: ids['later'] },
    ]);
    expect(await rowsOf(product.admin, 'expiring-soon.json?nameLike=PLAN%25', 'order_id')).toEqual([
      { order_id: ids['plan'] },
    ]);
    expect(await rowsOf(product.admin, 'expiring-soon.json?productNameIds=ssl_basic', 'order_id')).toEqual([]);
  });
});

describe('expirations-by-week', () => {
  it('counts certificates by week, division and product, and gives a row to a week without any', async () => {
    const rows = await rowsOf(product.admin, 'expirations-by-week.json?weeks=6', 'week', 'container_id', 'count');
    const weeks = new Map<string, number>();
    for (const row of rows)
      weeks.set(String(row['week']), (weeks.get(String(row['week'])) ?? 0) + Number(row['count']));
    const first = mondayOf(dayIn(0));
    const expected = new Map(
      Array.from({ length: 6 }, (_, index) => [
        new Date(Date.parse(first) + index * 7 * days).toISOString().slice(0, 10),
        0,
      ]),
    );
    for (const till of [0, 15, 30, 31]) {
      const week = mondayOf(dayIn(till));
      if (expected.has(week)) expected.set(week, expected.get(week)! + 1);
    }
    expect(weeks).toEqual(expected);
    expect(rows.filter(({ count }) => count === 0).map(({ container_id }) => container_id)).toEqual(
      [...expected.values()].filter((count) => count === 0).map(() => null),
    );
  });

  it('adds the renewals of renewals for the validity that is assumed', async () => {
    const totals = async (assumed: number) => {
      const path = `expirations-by-week.json?weeks=26&assumedMaxDays=${assumed}&containerIds=14`;
      const rows = await rowsOf(product.admin, path, 'count', 'assumed_renewals');
      return rows.reduce<[number, number]>(
        ([counts, renewals], row) => [counts + Number(row['count']), renewals + Number(row['assumed_renewals'])],
        [0, 0],
      );
    };
    // Three certificates of the division end today, in 15 and in 30 days; the last of the 26 weeks ends on a Sunday.
    const lastDay = (Date.parse(mondayOf(dayIn(0))) + (26 * 7 - 1) * days - Date.parse(dayIn(0))) / days;
    const renewals = (assumed: number) =>
      [0, 15, 30].reduce((sum, till) => sum + 1 + Math.floor((lastDay - till) / assumed), 0);
    for (const assumed of [199, 99, 46]) expect(await totals(assumed)).toEqual([3, renewals(assumed)]);
    expect(renewals(46)).toBeGreaterThan(renewals(99));
  });
});

describe('lapsed-not-renewed', () => {
  it('has what ended yesterday and up to fourteen days ago, latest first; not what ends today', async () => {
    const columns = ['order_id', 'status', 'valid_till', 'days_past', 'is_renewed'] as const;
    expect(await rowsOf(product.admin, 'lapsed-not-renewed.json', ...columns)).toEqual([
      { order_id: ids['yesterday'], status: 'expired', valid_till: dayIn(-1), days_past: 1, is_renewed: false },
      { order_id: ids['fortnight'], status: 'expired', valid_till: dayIn(-14), days_past: 14, is_renewed: false },
    ]);
    expect(
      await rowsOf(
        product.admin,
        'lapsed-not-renewed.json?days=3&excludeRenewed=false',
        'order_id',
        'renewed_order_id',
      ),
    ).toEqual([
      { order_id: ids['yesterday'], renewed_order_id: null },
      { order_id: ids['lapsedRenewed'], renewed_order_id: '730000' },
    ]);
  });
});

describe('renewal-hygiene', () => {
  it('says of each order what could go wrong, and how quietly', async () => {
    const columns = ['order_id', 'risk', 'risks', 'auto_renew', 'dcv_method'] as const;
    expect(await rowsOf(product.admin, 'renewal-hygiene.json', ...columns)).toEqual([
      { order_id: ids['plan'], risk: 'low', risks: ['no_auto_renew'], auto_renew: false, dcv_method: null },
      {
        order_id: ids['month'],
        risk: 'medium',
        risks: ['no_auto_renew', 'manual_dcv'],
        auto_renew: false,
        dcv_method: 'email',
      },
      {
        order_id: ids['later'],
        risk: 'medium',
        risks: ['notices_off'],
        auto_renew: true,
        dcv_method: 'dns-cname-token',
      },
      {
        order_id: ids['private'],
        risk: 'high',
        risks: ['no_auto_renew', 'notices_off', 'manual_dcv'],
        auto_renew: false,
        dcv_method: 'email',
      },
    ]);
  });
});

describe('short-life-readiness', () => {
  it('counts the renewals of a year and says what depends on a person', async () => {
    const rows = await rowsOf(
      product.admin,
      'short-life-readiness.json?nameLike=%25a%25.acme.test&target=30',
      'order_id',
      'validity_days',
      'renewals_per_year_now',
      'renewals_per_year_at_target',
      'renewals_per_year_at_100',
      'renewals_per_year_at_47',
      'automated',
    );
    const facts = (id: string, validity: number, now: number, at100: number, automated: string) => ({
      order_id: ids[id],
      validity_days: validity,
      renewals_per_year_now: now,
      renewals_per_year_at_target: 12.2, // 365 / 30
      renewals_per_year_at_100: at100,
      renewals_per_year_at_47: 7.8, // 365 / 47 = 7.77
      automated,
    });
    expect(rows).toContainEqual(facts('later', 100, 3.7, 3.7, 'automated'));
    expect(rows).toContainEqual(facts('today', 365, 1, 3.7, 'automated'));
    expect(rows).toContainEqual(facts('plan', 365, 1, 3.7, 'depends_on_person'));
    expect(rows).toContainEqual(facts('private', 365, 1, 3.7, 'depends_on_person'));
    expect(rows.map(({ order_id }) => order_id)).not.toContain(ids['revoked']);
  });
});
