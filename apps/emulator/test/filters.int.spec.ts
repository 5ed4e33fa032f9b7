import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmulator, type Client } from './client.ts';

interface Item {
  readonly id: number;
  readonly status: string;
  readonly date_created: string;
  readonly certificate: {
    readonly common_name: string;
    readonly dns_names?: readonly string[];
    readonly valid_till?: string;
  };
  readonly container: { readonly id: number };
}

const ORDERS = 1_203;
let client: Client;
let all: readonly Item[];
beforeAll(async () => {
  client = await startEmulator({ orders: ORDERS });
  const pages = await Promise.all([0, 1_000].map((offset) => client.get(`/order/certificate?offset=${offset}`)));
  all = pages.flatMap(({ body }) => body.orders);
});
afterAll(() => client.emulator.close());

async function idsOf(search: string): Promise<number[]> {
  const { body } = await client.get(`/order/certificate?${search}`);
  return body.orders.map(({ id }: Item) => id);
}
const wanted = (passes: (order: Item) => boolean) =>
  all
    .filter(passes)
    .map(({ id }) => id)
    .slice(0, 1_000);

describe('paging', () => {
  it.each([40, 500, 1_000])('gives every order exactly once by pages of %d', async (limit) => {
    const seen: number[] = [];
    for (let total = 1; seen.length < total;) {
      const { body } = await client.get(`/order/certificate?limit=${limit}&offset=${seen.length}`);
      expect(body.page).toEqual({ total: ORDERS, limit, offset: seen.length });
      total = body.page.total;
      seen.push(...body.orders.map(({ id }: Item) => id));
    }
    expect(seen).toEqual(all.map(({ id }) => id));
    expect(new Set(seen).size).toBe(ORDERS);
  });

  it('cuts a limit above 1,000 and gives 1,000 without one', async () => {
    expect((await client.get('/order/certificate?limit=5000')).body.page.limit).toBe(1_000);
    expect((await client.get('/order/certificate')).body.orders).toHaveLength(1_000);
    expect((await client.get('/order/certificate?offset=99999')).body.orders).toEqual([]);
  });

  it('has ascending ids and creation times', () => {
    const sorted = [...all].sort((one, other) => one.id - other.id);
    expect(all).toEqual(sorted);
    expect(all.map((order) => order.date_created)).toEqual(all.map((order) => order.date_created).sort());
  });
});

describe('filters', () => {
  it('finds issued and since expired orders by status issued', async () => {
    expect(await idsOf('filters[status]=issued')).toEqual(
      wanted(({ status }) => status === 'issued' || status === 'expired'),
    );
    expect(await idsOf('filters[status]=pending')).toEqual(wanted(({ status }) => status === 'pending'));
  });

  it.each([
    'filters[container_id]=14',
    'filter[container_id]=14',
    'filters%5Bcontainer_id%5D=14',
    'filter%5bcontainer_id%5d=14',
  ])('understands %s', async (filter) => {
    expect(await idsOf(filter)).toEqual(wanted(({ container }) => container.id === 14));
  });

  it('compares days with >, < and an inclusive range', async () => {
    const day = '2026-12-01';
    const tillOf = (order: Item) => order.certificate.valid_till ?? '';
    expect(await idsOf(`filters[valid_till]=>${day}`)).toEqual(wanted((order) => tillOf(order) > day));
    expect(await idsOf(`filters[valid_till]=<${day}`)).toEqual(
      wanted((order) => tillOf(order) < day && tillOf(order) !== ''),
    );
    const range = await idsOf('filters[valid_till]=2026-11-15...2026-12-15');
    expect(range).toEqual(wanted((order) => tillOf(order) >= '2026-11-15' && tillOf(order) <= '2026-12-15'));
    // A few per cent of all orders run out within a month.
    expect(range.length).toBeGreaterThan(ORDERS * 0.02);
    expect(range.length).toBeLessThan(ORDERS * 0.1);
    expect(await idsOf('filters[date_created]=>2026-10-01')).toEqual(
      wanted((order) => order.date_created > '2026-10-01T00:00:00+00:00'),
    );
  });

  it('takes a day for all its instants', async () => {
    const day = all[20]?.date_created.slice(0, 10) ?? '';
    expect(await idsOf(`filters[date_created]=${day}`)).toEqual(wanted((order) => order.date_created.startsWith(day)));
    const instant = all[20]?.date_created.slice(0, 19).replace('T', '+') ?? '';
    expect(await idsOf(`filters[date_created]=${instant}`)).toEqual([all[20]?.id]);
  });

  it('looks for a domain name in the common name and all names', async () => {
    const name =
      all.find(({ certificate }) => (certificate.dns_names?.length ?? 0) > 3)?.certificate.dns_names?.[2] ?? '';
    expect(await idsOf(`filters[domain_name]=${name}`)).toEqual(
      wanted(({ certificate }) => certificate.dns_names?.includes(name) ?? false),
    );
  });

  it('searches exactly, or for a part with a leading %', async () => {
    const [{ certificate: { common_name: name } = { common_name: '' } } = {}] = all;
    expect(await idsOf(`filters[search]=${name}`)).toEqual(
      wanted(({ certificate }) => certificate.common_name === name),
    );
    expect(await idsOf('filters[search]=shop')).toEqual([]);
    expect(await idsOf('filters[search]=%25shop')).toEqual(
      wanted(({ certificate }) => certificate.common_name.includes('shop')),
    );
  });

  it('joins filters with and, ignores unknown ones and unknown sort names', async () => {
    const both = await idsOf('filters[status]=pending&filters[container_id]=14&filters[colour]=blue&sort=colour');
    expect(both).toEqual(wanted(({ status, container }) => status === 'pending' && container.id === 14));
  });

  it.each(['is_renewed', 'disable_renewal_notifications'])('takes 1 and 0 for %s', async (flag) => {
    const isSet = (order: object) => new Map(Object.entries(order)).get(flag) === true;
    const setIds = wanted(isSet);
    expect(setIds.length).toBeGreaterThan(0);
    expect(await idsOf(`filters[${flag}]=1`)).toEqual(setIds);
    expect(await idsOf(`filters[${flag}]=0`)).toEqual(wanted((order) => !isSet(order)));
  });
});

describe('sort', () => {
  it('takes several names, descending with -', async () => {
    const ids = await idsOf('sort=-container_id,date_created');
    const sorted = [...all].sort((one, other) => other.container.id - one.container.id || one.id - other.id);
    expect(ids).toEqual(sorted.slice(0, 1_000).map(({ id }) => id));
    expect((await idsOf('sort=-order_id&limit=1'))[0]).toBe(all.at(-1)?.id);
  });

  it('puts missing values first when ascending, last when descending', async () => {
    const tillOf = new Map(all.map(({ id, certificate }) => [id, certificate.valid_till ?? '']));
    const ascending = (await idsOf('sort=valid_till')).map((id) => tillOf.get(id));
    const sorted = [...tillOf.values()].sort();
    expect(ascending[0]).toBe('');
    expect(ascending).toEqual(sorted.slice(0, 1_000));
    const descending = (await idsOf('sort=-valid_till')).map((id) => tillOf.get(id));
    expect(descending).toEqual(sorted.reverse().slice(0, 1_000));
  });
});
