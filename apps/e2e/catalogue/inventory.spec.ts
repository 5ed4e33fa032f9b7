import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream, createFreshProducts, createStage, type ProductProcess } from '../harness/index.ts';
import { dayIn, putOrders, rowsOf } from './known-orders.ts';

const stage = createStage();
const freshProductOn = createFreshProducts(stage);
let emulator: EmulatorProcess;
let product: ProductProcess;
let ids: Readonly<Record<string, string>>;

interface OrderInfo {
  readonly certificate: { readonly serial_number: string; readonly thumbprint: string };
}
interface Copies {
  readonly certificates: readonly {
    readonly id: number;
    readonly serial_number?: string;
    readonly thumbprint?: string;
    readonly valid_till?: string;
    readonly status: string;
  }[];
}
interface Users {
  readonly users: readonly { readonly id: number; readonly status: string }[];
}
let users: Users['users'];

const owner = { metadata_id: 114, value: 'shop@acme.test' };
const costCenter = { metadata_id: 112, value: '4711' };
const tlsRsa = { id: '3A5E6F7089BC0D12' };
const tlsEc = { id: '7C11D0E4F2A96B35' };

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 0 });
  product = await freshProductOn(emulator);
  users = ((await askUpstream(emulator, '/user')) as Users).users;
  const active = users.find(({ status }) => status === 'active')!;
  const inactive = users.find(({ status }) => status === 'inactive')!;
  const owned = {
    product: { name_id: 'ssl_multi_domain' },
    container: { id: 14 },
    user: { id: active.id },
    custom_fields: [costCenter, owner],
    additional_emails: ['noc@acme.test'],
  };
  ids = await putOrders(emulator, {
    shop: {
      ...owned,
      certificate: {
        common_name: 'shop.acme.test',
        dns_names: ['shop.acme.test', 'www.shop.acme.test'],
        valid_till: dayIn(100),
        key_size: 2048,
        signature_hash: 'sha256',
        ca_cert: tlsRsa,
      },
    },
    wildcard: {
      ...owned,
      custom_fields: [costCenter],
      container: { id: 15 },
      product: { name_id: 'ssl_wildcard' },
      certificate: {
        common_name: '*.acme.test',
        dns_names: ['acme.test'],
        valid_till: dayIn(200),
        key_size: 256,
        ca_cert: tlsEc,
      },
    },
    deep: {
      ...owned,
      additional_emails: [],
      certificate: {
        common_name: 'deep.acme.co.uk',
        dns_names: ['*.deep.acme.co.uk'],
        valid_till: dayIn(300),
        key_size: 4096,
        ca_cert: tlsRsa,
      },
    },
    sha1: {
      ...owned,
      user: { id: inactive.id },
      certificate: {
        common_name: 'old.other.test',
        dns_names: [],
        valid_till: dayIn(1_500),
        key_size: 3072,
        signature_hash: 'sha1',
        ca_cert: tlsRsa,
      },
    },
    copies: {
      ...owned,
      duplicates_count: 2,
      reissues_count: 2,
      certificate: {
        common_name: 'copies.other.test',
        dns_names: [],
        valid_till: dayIn(50),
        key_size: 2048,
        ca_cert: tlsRsa,
      },
    },
    ended: {
      ...owned,
      duplicates_count: 1,
      certificate: {
        common_name: 'shop.acme.test',
        dns_names: [],
        valid_till: dayIn(-5),
        key_size: 2048,
        ca_cert: tlsRsa,
      },
    },
  });
});

const infoOf = async (name: string) =>
  ((await askUpstream(emulator, `/order/certificate/${ids[name]}`)) as OrderInfo).certificate;

describe('inventory-full', () => {
  it('has every issued order once, by id, with what an auditor asks for', async () => {
    const rows = await rowsOf(product.admin, 'inventory-full.json');
    expect(rows.map(({ order_id }) => order_id)).toEqual(
      ['shop', 'wildcard', 'deep', 'sha1', 'copies'].map((name) => ids[name]),
    );
    const { serial_number, thumbprint } = await infoOf('shop');
    expect(rows[0]).toMatchObject({
      status: 'issued',
      common_name: 'shop.acme.test',
      dns_names: ['www.shop.acme.test'],
      serial_number,
      thumbprint,
      valid_till: dayIn(100),
      signature_hash: 'sha256',
      ca_cert_id: tlsRsa.id,
      issuing_ca: 'Emulated TLS RSA CA G2',
      container_name: 'Retail',
      product_name_id: 'ssl_multi_domain',
      custom_field_labels: ['Cost center', 'Owner e-mail'],
      custom_field_values: ['4711', 'shop@acme.test'],
    });
  });

  it('takes a tag and statuses', async () => {
    const tags = encodeURIComponent('[{"label":"owner E-MAIL","value":{"eq":"shop@acme.test"}}]');
    expect(await rowsOf(product.admin, `inventory-full.json?containerIds=15&tags=${tags}`)).toEqual([]);
    expect(await rowsOf(product.admin, 'inventory-full.json?statuses=expired', 'order_id')).toEqual([
      { order_id: ids['ended'] },
    ]);
  });
});

describe('keys-and-signatures', () => {
  it('has what is below the default policy, and nothing that is at it', async () => {
    const columns = ['order_id', 'key_algorithm', 'key_size', 'signature_hash', 'weaknesses'] as const;
    expect(await rowsOf(product.admin, 'keys-and-signatures.json', ...columns)).toEqual([
      {
        order_id: ids['sha1'],
        key_algorithm: 'RSA',
        key_size: 3072,
        signature_hash: 'sha1',
        weaknesses: ['weak_hash'],
      },
    ]);
  });

  it('has what is below a policy of the reader', async () => {
    const path = 'keys-and-signatures.json?minRsaBits=3072&minEcBits=384&weakHashes=md5';
    expect(await rowsOf(product.admin, path, 'order_id', 'key_size', 'weaknesses')).toEqual([
      { order_id: ids['wildcard'], key_size: 256, weaknesses: ['short_key'] },
      { order_id: ids['shop'], key_size: 2048, weaknesses: ['short_key'] },
      { order_id: ids['copies'], key_size: 2048, weaknesses: ['short_key'] },
    ]);
  });
});

describe('pqc-readiness', () => {
  it('puts every order into a bucket and says what outlives the deadline, whose own day does not', async () => {
    const read = (deadline: string) =>
      rowsOf(
        product.admin,
        `pqc-readiness.json?deadline=${deadline}&containerIds=14`,
        'order_id',
        'pqc_bucket',
        'outlives_deadline',
      );
    const expected = (outliving: readonly string[]) =>
      ['shop', 'deep', 'sha1', 'copies'].map((name) => ({
        order_id: ids[name],
        pqc_bucket: 'vulnerable',
        outlives_deadline: outliving.includes(name),
      }));
    expect(await read('today%2B99d')).toEqual(expected(['shop', 'deep', 'sha1']));
    expect(await read(dayIn(100))).toEqual(expected(['deep', 'sha1']));
  });
});

describe('wildcards', () => {
  it('has orders with a name that begins with a star, and their registered domain', async () => {
    const columns = ['order_id', 'base_domain', 'wildcard_names'] as const;
    const [wildcard, deep] = [
      { order_id: ids['wildcard'], base_domain: 'acme.test', wildcard_names: ['*.acme.test'] },
      { order_id: ids['deep'], base_domain: 'acme.co.uk', wildcard_names: ['*.deep.acme.co.uk'] },
    ];
    expect(await rowsOf(product.admin, 'wildcards.json', ...columns)).toEqual([wildcard, deep]);
    expect(await rowsOf(product.admin, 'wildcards.json?domain=acme.co.uk', ...columns)).toEqual([deep]);
    expect(await rowsOf(product.admin, 'wildcards.json?domain=cme.test', ...columns)).toEqual([]);
  });
});

describe('where-is-name', () => {
  const columns = ['order_id', 'matched_name', 'match_type', 'kind', 'status'] as const;
  const find = (search: string) => rowsOf(product.admin, `where-is-name.json?${search}`, ...columns);

  it('finds a host by common name, by another name and by the wildcard that covers it, those valid longest first', async () => {
    expect(await find('name=https://SHOP.acme.test:8443/cart')).toEqual([
      {
        order_id: ids['wildcard'],
        matched_name: '*.acme.test',
        match_type: 'wildcard',
        kind: 'primary',
        status: 'issued',
      },
      {
        order_id: ids['shop'],
        matched_name: 'shop.acme.test',
        match_type: 'common_name',
        kind: 'primary',
        status: 'issued',
      },
      {
        order_id: ids['ended'],
        matched_name: 'shop.acme.test',
        match_type: 'common_name',
        kind: 'primary',
        status: 'expired',
      },
    ]);
    expect(await find('name=www.shop.acme.test')).toEqual([
      {
        order_id: ids['shop'],
        matched_name: 'www.shop.acme.test',
        match_type: 'san',
        kind: 'primary',
        status: 'issued',
      },
    ]);
    expect(await find('name=nobody.example')).toEqual([]);
    expect(await find('name=shop.acme.test&statuses=expired')).toHaveLength(1);
  });

  it('finds a certificate by serial number and by thumbprint, however they are written', async () => {
    const { serial_number, thumbprint } = await infoOf('deep');
    const colons = serial_number.toLowerCase().replace(/(..)(?=.)/g, '$1:');
    const found = (matchType: string) => [
      {
        order_id: ids['deep'],
        matched_name: 'deep.acme.co.uk',
        match_type: matchType,
        kind: 'primary',
        status: 'issued',
      },
    ];
    expect(await find(`serial=${encodeURIComponent(colons)}`)).toEqual(found('serial_number'));
    expect(await find(`thumbprint=${thumbprint}`)).toEqual(found('thumbprint'));
  });

  it('needs exactly one of the three, and says so', async () => {
    for (const search of ['', '?name=', '?name=a.test&serial=0A', '?serial=xyz']) {
      const { status, json } = await product.admin.report(`where-is-name.json${search}`);
      expect([search, status, json.errors?.[0]?.extensions?.['code']]).toEqual([search, 400, 'BAD_USER_INPUT']);
    }
    const { json } = await product.admin.report('where-is-name.json');
    expect(json.errors![0]!.message).toContain('exactly one of "name", "serial", "thumbprint"');
  });
});

describe('by-issuing-ca', () => {
  it('has the certificates of each CA, one CA after the other, and of one alone', async () => {
    const columns = ['issuing_ca', 'ca_cert_id', 'order_id'] as const;
    const ec = { issuing_ca: 'Emulated TLS ECC CA G1', ca_cert_id: tlsEc.id, order_id: ids['wildcard'] };
    const rsa = ['copies', 'shop', 'deep', 'sha1'].map((name) => ({
      issuing_ca: 'Emulated TLS RSA CA G2',
      ca_cert_id: tlsRsa.id,
      order_id: ids[name],
    }));
    expect(await rowsOf(product.admin, 'by-issuing-ca.json', ...columns)).toEqual([ec, ...rsa]);
    expect(await rowsOf(product.admin, `by-issuing-ca.json?caCertIds=${tlsEc.id}`, ...columns)).toEqual([ec]);
  });
});

describe('duplicates-and-reissues', () => {
  it('counts the certificates of an order that are within their days, and lists the copies', async () => {
    const copiesOf = async (part: string) =>
      ((await askUpstream(emulator, `/order/certificate/${ids['copies']}/${part}`)) as Copies).certificates;
    const [duplicates, reissues] = [await copiesOf('duplicate'), await copiesOf('reissue')];
    // The order's present certificate stands among its reissues.
    const present = (await infoOf('copies')).serial_number;
    const former = reissues.filter(({ serial_number: serial }) => serial !== undefined && serial !== present);
    expect([duplicates.length, former.length]).toEqual([expect.any(Number), 1]);
    expect(await rowsOf(product.admin, 'duplicates-and-reissues.json')).toEqual([
      {
        order_id: ids['copies'],
        status: 'issued',
        common_name: 'copies.other.test',
        serial_number: present,
        valid_till: dayIn(50),
        live_certificates: 1 + duplicates.length + former.length,
        has_duplicates: true,
        duplicate_serial_numbers: duplicates.map(({ serial_number: serial }) => serial),
        duplicate_valid_till: duplicates.map(({ valid_till: till }) => till),
        has_reissues: true,
        reissue_serial_numbers: reissues.flatMap(({ serial_number: serial }) => serial ?? []),
        reissue_statuses: reissues.map(({ status }) => status),
        container_name: 'Retail',
      },
    ]);
  });
});

describe('ownership-gaps', () => {
  it('says of each order what is missing to know whose it is; an order without a gap is not there', async () => {
    expect(await rowsOf(product.admin, 'ownership-gaps.json', 'order_id', 'gaps', 'user_status')).toEqual([
      { order_id: ids['wildcard'], gaps: ['no_owner_field'], user_status: 'active' },
      { order_id: ids['deep'], gaps: ['no_additional_emails'], user_status: 'active' },
      { order_id: ids['sha1'], gaps: ['user_inactive'], user_status: 'inactive' },
    ]);
  });

  it('takes another field for the owner', async () => {
    const rows = await rowsOf(product.admin, 'ownership-gaps.json?ownerField=COST%20center', 'order_id', 'gaps');
    expect(rows.map(({ order_id }) => order_id)).toEqual([ids['deep'], ids['sha1']]);
  });

  it('is refused to a key that may not read what it looks at', async () => {
    const key = await product.createKey({ name: 'no-custom-fields', level: 'OPEN', fields: ['email'] });
    expect((await key.report('ownership-gaps.json')).status).toBe(403);
    const asked = await key.graphql('{ orders(first: 1) { nodes { ownershipGaps(ownerField: "Owner") } } }');
    expect(asked.json.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  });
});
