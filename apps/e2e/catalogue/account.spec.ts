import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream, callsOf, createFreshProducts, createStage, type ProductProcess } from '../harness/index.ts';
import { dayIn, putOrders, rowsOf } from './known-orders.ts';

const stage = createStage();
const freshProductOn = createFreshProducts(stage);
let emulator: EmulatorProcess;
let product: ProductProcess;
let ids: Readonly<Record<string, string>>;

const dayMs = 86_400_000;
const daysUntil = (end: string) => Math.floor((Date.parse(end) - Date.now()) / dayMs);
/** Instants that say the second have the same meaning in every spelling. */
const instant = (text: string | undefined) => (text === undefined ? null : new Date(text).toISOString().slice(0, 19));
const shown = (value: unknown) => (value === null ? null : instant(String(value)));

interface Domains {
  readonly domains: readonly {
    readonly id: number;
    readonly name: string;
    readonly is_active: boolean;
    readonly dcv_method: string;
    readonly dcv_expiration?: { readonly ov: string };
    readonly organization: { readonly name: string };
  }[];
}
interface Organizations {
  readonly organizations: readonly {
    readonly id: number;
    readonly is_active: boolean;
    readonly validations?: readonly { readonly type: string; readonly validated_until?: string }[];
  }[];
}
interface Users {
  readonly users: readonly {
    readonly id: number;
    readonly first_name: string;
    readonly last_name: string;
    readonly status: string;
    readonly last_login_date?: string;
    readonly access_roles: readonly { readonly id: number; readonly name: string }[];
  }[];
}
interface UnitOrders {
  readonly orders: readonly { readonly id: number; readonly created_date: string }[];
}
interface SubaccountOrders {
  readonly orders: readonly {
    readonly status: string;
    readonly date_created: string;
    readonly subaccount: { readonly account_id: number };
    readonly product: { readonly name_id: string };
  }[];
}
interface Balance {
  readonly balance: string;
}

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 0 });
  product = await freshProductOn(emulator);
  const order = { product: { name_id: 'ssl_plus' }, organization: { id: 5001 }, container: { id: 14 } };
  const on = (name: string) => ({ certificate: { common_name: name, dns_names: [] } });
  ids = await putOrders(emulator, {
    // Five days ago and today: 218 and 100 from the balance of 25,000 that the emulator begins with.
    waiting: {
      ...order,
      ...on('www.int.meridian.test'),
      status: 'pending',
      payment_method: 'balance',
      price: 218,
      date_created: `${dayIn(-5)}T00:00:00Z`,
    },
    approval: {
      ...order,
      ...on('*.meridian.test'),
      status: 'needs_approval',
      payment_method: 'balance',
      price: 100,
      date_created: `${dayIn(0)}T00:00:00Z`,
    },
    issued: { ...order, ...on('www.meridian.test'), payment_method: 'card', price: 50 },
    // Validated by its domain alone: no organization.
    domainOnly: {
      container: { id: 14 },
      product: { name_id: 'ssl_dv_geotrust' },
      ...on('dv.example'),
      status: 'pending',
      payment_method: 'card',
    },
    elsewhere: {
      ...order,
      ...on('meridian.test.example'),
      status: 'pending',
      payment_method: 'card',
      organization: { id: 5002 },
    },
  });
});

describe('orders-by-organization', () => {
  it('has orders by the name of their organization, those without one last', async () => {
    const columns = ['order_id', 'organization_id', 'organization_name', 'organization_city'] as const;
    const group = { organization_id: '5001', organization_name: 'Meridian Group Inc.', organization_city: 'Lehi' };
    const retail = { organization_id: '5002', organization_name: 'Meridian Retail LLC', organization_city: 'Boston' };
    const none = { organization_id: null, organization_name: null, organization_city: null };
    expect(await rowsOf(product.admin, 'orders-by-organization.json?statuses=pending,issued', ...columns)).toEqual([
      { order_id: ids['waiting'], ...group },
      { order_id: ids['issued'], ...group },
      { order_id: ids['elsewhere'], ...retail },
      { order_id: ids['domainOnly'], ...none },
    ]);
  });
});

describe('dcv-expiry', () => {
  it('has active domains whose validation ends in time, has ended or never was, and the orders that wait on each', async () => {
    const days = 60;
    const { domains } = (await askUpstream(emulator, '/domain?include_dcv_expiration_time=true')) as Domains;
    const expected = domains
      .filter(
        ({ is_active: isActive, dcv_expiration: end }) => isActive && (end === undefined || daysUntil(end.ov) <= days),
      )
      .map(({ id, name, dcv_method: method, dcv_expiration: end, organization }) => ({
        domain_id: String(id),
        domain: name,
        dcv_method: method,
        days_left: end === undefined ? null : daysUntil(end.ov),
        pending_orders: name === 'meridian.test' ? 2 : name === 'int.meridian.test' ? 1 : 0,
        organization_name: organization.name,
      }))
      .sort((a, b) => (a.domain < b.domain ? -1 : 1));
    const columns = ['domain_id', 'domain', 'dcv_method', 'days_left', 'pending_orders', 'organization_name'] as const;
    expect(await rowsOf(product.admin, `dcv-expiry.json?days=${days}`, ...columns)).toEqual(expected);
    expect(expected.some(({ days_left: left }) => left === null)).toBe(true);
    expect(expected.some(({ days_left: left }) => left !== null && left < 0)).toBe(true);
  });

  it('counts the orders that wait with a name that is the domain or below it', async () => {
    const rows = await rowsOf(
      product.admin,
      'dcv-expiry.json?days=3650&nameContains=meridian.test',
      'domain',
      'pending_orders',
    );
    expect(rows).toContainEqual({ domain: 'meridian.test', pending_orders: 2 });
    expect(rows).toContainEqual({ domain: 'int.meridian.test', pending_orders: 1 });
  });
});

describe('org-validation-expiry', () => {
  it('has validations that end in time, have ended or were never completed, the most urgent first', async () => {
    const days = 200;
    const { organizations } = (await askUpstream(emulator, '/organization?include_validation=true')) as Organizations;
    const due = organizations
      .filter(({ is_active: isActive }) => isActive)
      .flatMap(({ id, validations = [] }) =>
        validations.map(({ type, validated_until: end }) => ({
          organization_id: String(id),
          validation_type: type,
          end,
        })),
      )
      .filter(({ end }) => end === undefined || daysUntil(end) <= days);
    const rows = await rowsOf(product.admin, `org-validation-expiry.json?days=${days}`);
    const keyOf = (row: object) => JSON.stringify(row);
    expect(
      rows
        .map(({ organization_id, validation_type, validated_until, days_left }) =>
          keyOf([organization_id, validation_type, shown(validated_until), days_left]),
        )
        .sort(),
    ).toEqual(
      due
        .map(({ organization_id, validation_type, end }) =>
          keyOf([organization_id, validation_type, instant(end), end === undefined ? null : daysUntil(end)]),
        )
        .sort(),
    );
    const ends = rows.map(({ validated_until: end }) => (end === null ? '~' : String(end)));
    expect(ends).toEqual(ends.toSorted());
  });

  it('counts the orders of the organization that wait and that are issued', async () => {
    const rows = await rowsOf(
      product.admin,
      'org-validation-expiry.json?days=3650&organizationIds=5001&types=ov',
      'organization_id',
      'orders_waiting',
      'orders_issued',
    );
    expect(rows).toEqual([{ organization_id: '5001', orders_waiting: 2, orders_issued: 1 }]);
  });
});

describe('balance-and-burn', () => {
  it('sums each month and tells when the balance ends at the rate of these months', async () => {
    const rows = await rowsOf(product.admin, 'balance-and-burn.json?months=2');
    const { balance } = (await askUpstream(emulator, '/finance/balance?container_id=10')) as Balance;
    expect(balance).toBe('24682.00');
    const month = `${dayIn(0).slice(0, 7)}-01`;
    expect(rows.map(({ month: name }) => name)).toEqual([expect.any(String), month]);
    const charges = rows.reduce((sum, row) => sum + Number(row['charges']), 0);
    expect(charges).toBe(318);
    // 318.00 in the six days from the first charge through today: 53.00 a day, and 24,682.00 last 465 days and a part.
    expect(rows[1]).toMatchObject({
      is_partial: true,
      currency: 'USD',
      balance_now: '24682.00',
      burn_per_day: '53.00',
      run_out_date: dayIn(465),
      balance_after: '24682.00',
    });
    expect(rows[0]).toMatchObject({ is_partial: false, run_out_date: dayIn(465) });
  });
});

describe('unused-units', () => {
  it('counts the orders of subaccounts as units, the oldest units first', async () => {
    const columns = ['unit_order_id', 'product_name_id', 'units_bought', 'units_used', 'units_unused'] as const;
    const { result, stats } = await callsOf(emulator, () => rowsOf(product.admin, 'unused-units.json', ...columns));
    expect(stats.calls).toMatchObject({ 'GET /units/order/{id}': 6, 'GET /account/subaccount/order': 1 });
    const units = ((await askUpstream(emulator, '/units/order')) as UnitOrders).orders;
    const { orders } = (await askUpstream(emulator, '/account/subaccount/order')) as SubaccountOrders;
    // The one bundle of its account and product, so that no other takes its orders.
    const { created_date: boughtAt } = units.find(({ id }) => id === 1004)!;
    const placed = orders.filter(
      ({ subaccount, product: { name_id: nameId }, date_created: date, status }) =>
        subaccount.account_id === 900_201 &&
        nameId === 'ssl_basic' &&
        status !== 'rejected' &&
        date >= boughtAt.replace(' ', 'T'),
    ).length;
    expect(result.filter(({ unit_order_id: id }) => id === '1004')).toEqual([
      {
        unit_order_id: '1004',
        product_name_id: 'ssl_basic',
        units_bought: 10,
        units_used: placed,
        units_unused: 10 - placed,
      },
    ]);
    for (const row of result) expect(Number(row['units_used']) + Number(row['units_unused'])).toBe(row['units_bought']);
    // A canceled unit order is not there, each of the others is with what it is made of.
    expect(result.map(({ unit_order_id: id, product_name_id: name }) => [id, name])).toEqual([
      ['1003', 'ssl_securesite_flex'],
      ['1004', 'ssl_basic'],
      ['1006', 'ssl_securesite_flex'],
      ['1006', 'ssl_wildcard'],
      ['1007', 'ssl_securesite_flex'],
      ['1007', 'ssl_wildcard'],
      ['1008', 'ssl_securesite_flex'],
      ['1008', 'ssl_wildcard'],
    ]);
  });
});

describe('users-and-keys-audit', () => {
  it('has by default who has an unrestricted key or is inactive', async () => {
    const people = ((await askUpstream(emulator, '/user')) as Users).users;
    const robots = ((await askUpstream(emulator, '/service-user')) as Users).users;
    const inactive = [...people, ...robots].filter(({ status }) => status !== 'active').map(({ id }) => String(id));
    const unrestricted = robots.filter(({ access_roles: [role] }) => role?.id === 0).map(({ id }) => String(id));
    const rows = await rowsOf(product.admin, 'users-and-keys-audit.json');
    expect(rows.map(({ user_id }) => user_id).toSorted()).toEqual([...new Set([...inactive, ...unrestricted])].sort());
    expect(rows.find(({ user_id }) => user_id === unrestricted[0])).toMatchObject({
      is_service_user: true,
      key_restriction: 'none',
      last_activity: null,
      flags: expect.arrayContaining(['unrestricted_key']),
    });
  });

  it('has who has not signed in for long, and everybody without flags', async () => {
    const people = ((await askUpstream(emulator, '/user')) as Users).users;
    const dormant = people.filter(
      ({ status, last_login_date: login }) =>
        status === 'active' && login !== undefined && Date.now() - Date.parse(login) > 60 * dayMs,
    );
    const rows = await rowsOf(product.admin, 'users-and-keys-audit.json?flags=dormant&dormantDays=60', 'user_id');
    expect(rows.map(({ user_id }) => user_id).toSorted()).toEqual(dormant.map(({ id }) => String(id)).sort());
    const robots = ((await askUpstream(emulator, '/service-user')) as Users).users;
    expect(await rowsOf(product.admin, 'users-and-keys-audit.json?flags=')).toHaveLength(people.length + robots.length);
    const restrictions = new Set(
      (
        await rowsOf(product.admin, 'users-and-keys-audit.json?flags=unrestricted_key,administrator', 'key_restriction')
      ).map(({ key_restriction }) => key_restriction),
    );
    expect(restrictions).toEqual(new Set(['none', null]));
  });
});
