import { DAY_MS } from '../dates.ts';
import { randomFor } from './random.ts';

export interface Contact {
  readonly id: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly jobTitle?: string;
  readonly telephone?: string;
  readonly telephoneExtension?: string;
}

export interface OrganizationValidation {
  readonly type: 'ov' | 'ev' | 'cs';
  readonly status: 'active' | 'pending' | 'expired';
  readonly createdMs?: number;
  readonly validUntilMs?: number;
}

/** Optional parts are missing, not empty. Source: vendor pages "List organizations", "Organization info". */
export interface Organization {
  readonly id: number;
  readonly status: 'active' | 'inactive';
  readonly name: string;
  readonly assumedName?: string;
  readonly address?: string;
  readonly address2?: string;
  readonly zip?: string;
  readonly city?: string;
  readonly state?: string;
  readonly country: string;
  readonly telephone?: string;
  readonly divisionId: number;
  readonly assignedDivisionIds: readonly number[];
  readonly contact: Contact;
  readonly validations: readonly OrganizationValidation[];
  readonly domainNames: readonly string[];
}

type Row = Pick<Organization, 'name' | 'country' | 'divisionId' | 'domainNames'> & Partial<Organization>;

const rows: readonly Row[] = [
  {
    name: 'Meridian Group Inc.',
    assumedName: 'Meridian',
    address: '1 Main St',
    address2: 'Floor 2',
    zip: '84043',
    city: 'Lehi',
    state: 'Utah',
    country: 'us',
    telephone: '555-0100',
    divisionId: 10,
    domainNames: ['meridian.test', 'meridian-group.test'],
  },
  {
    name: 'Meridian Retail LLC',
    address: '20 Market Sq',
    zip: '02110',
    city: 'Boston',
    state: 'MA',
    country: 'us',
    telephone: '+1 555 0101',
    divisionId: 14,
    domainNames: ['meridian-shop.test', 'shop-meridian.test'],
  },
  {
    name: 'Meridian Bank N.A.',
    address: '5 Vault Ave',
    address2: 'Suite "B"',
    zip: '10005',
    city: 'New York',
    state: 'New York',
    country: 'us',
    telephone: '555-0102',
    divisionId: 15,
    domainNames: ['meridian-bank.test', 'pay-meridian.test'],
  },
  {
    name: 'Zürich Rückversicherung AG',
    address: 'Bahnhofstraße 7',
    zip: '8001',
    city: 'Zürich',
    state: 'ZH',
    country: 'ch',
    telephone: '+41 44 555 01 03',
    divisionId: 16,
    domainNames: ['rueck.test'],
  },
  {
    name: 'Łódź Software Sp. z o.o.',
    address: 'ul. Piotrkowska 12/4',
    zip: '90-001',
    city: 'Łódź',
    state: 'łódzkie',
    country: 'pl',
    telephone: '+48 42 555 01 04',
    divisionId: 18,
    domainNames: ['lodz-soft.test'],
  },
  {
    name: '株式会社メリディアン',
    assumedName: 'メリディアン',
    address: '丸の内1-1',
    zip: '100-0005',
    city: '千代田区',
    state: '東京都',
    country: 'jp',
    divisionId: 18,
    domainNames: ['meridian-jp.test'],
  },
  {
    name: 'North Ports "Harbour" Ltd',
    address: 'Dock Rd, Gate 4',
    zip: 'L3 0AA',
    city: 'Liverpool',
    state: 'Merseyside',
    country: 'gb',
    telephone: '+44 151 555 0105',
    divisionId: 17,
    domainNames: ['north-ports.test'],
  },
  {
    name: '=Stores & Outlets GmbH',
    address: 'Am Markt 3',
    zip: '01067',
    city: 'Dresden',
    state: 'Sachsen',
    country: 'de',
    telephone: '+49 351 5550106',
    divisionId: 21,
    domainNames: ['stores-outlets.test'],
  },
  {
    name: '+49 Import/Export KG',
    address: 'Speicherstadt 9',
    zip: '20457',
    city: 'Hamburg',
    country: 'de',
    divisionId: 17,
    domainNames: ['importexport.test'],
  },
  {
    name: '-Dash & Söhne',
    address: 'Ring 1',
    city: 'Wien',
    state: 'Wien',
    country: 'at',
    divisionId: 14,
    domainNames: ['dash.test'],
  },
  {
    name: '@Home Deliveries, Inc.',
    address: '77 Sunset Blvd',
    zip: '90028',
    city: 'Los Angeles',
    state: 'California',
    country: 'us',
    telephone: '555-0107',
    divisionId: 20,
    domainNames: ['home-deliveries.test'],
  },
  {
    name: 'Société Générale des Épices S.A.',
    address: '3 rue du Poivre',
    zip: '75002',
    city: 'Paris',
    state: 'Île-de-France',
    country: 'fr',
    telephone: '+33 1 55 50 10 08',
    divisionId: 14,
    domainNames: ['epices.test'],
  },
  {
    name: 'Ñandú Transportes S.A.',
    address: 'Av. de Mayo 100',
    zip: 'C1084',
    city: 'Buenos Aires',
    state: 'CABA',
    country: 'ar',
    divisionId: 17,
    domainNames: ['nandu.test'],
  },
  {
    name: 'Øresund Data ApS',
    address: 'Kystvej 2',
    zip: '2100',
    city: 'København',
    state: 'Hovedstaden',
    country: 'dk',
    telephone: '+45 55 50 10 09',
    divisionId: 18,
    domainNames: ['oresund-data.test'],
  },
  {
    name: 'Αθήνα Logistics A.E.',
    address: 'Ερμού 10',
    zip: '105 63',
    city: 'Αθήνα',
    state: 'Αττική',
    country: 'gr',
    divisionId: 17,
    domainNames: ['athina.test'],
  },
  {
    name: 'Bharat Payments Pvt. Ltd.',
    address: '12 MG Road',
    zip: '560001',
    city: 'Bengaluru',
    state: 'Karnataka',
    country: 'in',
    telephone: '+91 80 5550 110',
    divisionId: 15,
    domainNames: ['bharat-pay.test'],
  },
  {
    name: 'Meridian Cards B.V.',
    city: 'Amsterdam',
    state: 'Noord-Holland',
    country: 'nl',
    divisionId: 15,
    domainNames: ['cards.test'],
  },
  {
    name: 'São Paulo Seguros Ltda',
    address: 'Av. Paulista 900',
    zip: '01310-100',
    city: 'São Paulo',
    state: 'SP',
    country: 'br',
    telephone: '+55 11 5550 0111',
    divisionId: 16,
    domainNames: ['sp-seguros.test'],
  },
  {
    name: 'O’Brien & Daughters',
    address: '1 Quay St',
    city: 'Galway',
    state: 'Co. Galway',
    country: 'ie',
    divisionId: 14,
    domainNames: ['obrien.test'],
  },
  {
    name: 'Legacy Fleet Services',
    address: 'PO Box 9',
    zip: '00501',
    city: 'Holtsville',
    state: 'NY',
    country: 'us',
    telephone: '555-0112',
    divisionId: 22,
    domainNames: ['legacy-fleet.test'],
    status: 'inactive',
  },
  {
    name: 'Meridian Online Pty Ltd',
    address: '8 Harbour St',
    zip: '2000',
    city: 'Sydney',
    state: 'NSW',
    country: 'au',
    telephone: '+61 2 5550 0113',
    divisionId: 20,
    domainNames: ['online-meridian.test', 'mshop.test'],
  },
  {
    name: '00123 Warehouse Co.',
    address: 'Unit 12',
    zip: '60601',
    city: 'Chicago',
    state: 'IL',
    country: 'us',
    divisionId: 17,
    domainNames: ['warehouse-00123.test'],
  },
  {
    name: 'Çelik Sanayi A.Ş.',
    address: 'İstiklal Cd. 5',
    zip: '34433',
    city: 'İstanbul',
    state: 'İstanbul',
    country: 'tr',
    divisionId: 18,
    domainNames: ['celik.test'],
  },
  {
    name: 'Kyiv Cloud ТОВ',
    address: 'вул. Хрещатик 1',
    zip: '01001',
    city: 'Київ',
    state: 'Київ',
    country: 'ua',
    divisionId: 20,
    domainNames: ['kyiv-cloud.test'],
  },
  {
    name: 'Singapore Reinsurance Pte. Ltd.',
    address: '1 Raffles Pl',
    address2: '#40-01',
    zip: '048616',
    city: 'Singapore',
    state: 'Singapore',
    country: 'sg',
    telephone: '+65 5550 0114',
    divisionId: 16,
    domainNames: ['sg-re.test'],
  },
];

const contacts: readonly (readonly [string, string, string])[] = [
  ['Ada', 'Ray', 'Buyer'],
  ['=SUM(1,1)', "O'Neil", 'IT Lead'],
  ['Jürgen', 'Groß', 'Leiter "PKI"'],
  ['Zoë', '+Plus', ''],
  ['Николай', 'Иванов', 'Администратор'],
  ['美咲', '佐藤', '課長'],
  ['-Mia', 'Tab\tbed', 'Ops, Sec'],
  ['@Lee', 'Kim', 'Manager'],
];

export function makeOrganizations(seed: number, anchorMs: number): readonly Organization[] {
  return rows.map((row, position) => {
    const random = randomFor(seed, 'organization', position);
    const [firstName, lastName, jobTitle] = random.pick(contacts);
    const id = 5001 + position;
    const contact: Contact = {
      id: 184 + position,
      firstName,
      lastName,
      email: `pki${position}@${row.domainNames[0]}`,
      ...(jobTitle !== '' && { jobTitle }),
      ...(random.chance(0.8) && { telephone: `555-0${200 + position}` }),
      ...(random.chance(0.3) && { telephoneExtension: String(random.int(90)) }),
    };
    const createdMs = anchorMs - (300 + random.int(60)) * DAY_MS;
    const ov: OrganizationValidation =
      row.status === 'inactive'
        ? { type: 'ov', status: 'expired', createdMs: createdMs - 500 * DAY_MS, validUntilMs: createdMs - 105 * DAY_MS }
        : {
            type: 'ov',
            status: 'active',
            createdMs,
            validUntilMs: createdMs + 396 * DAY_MS + random.int(240) * DAY_MS,
          };
    const ev: OrganizationValidation = random.chance(0.6)
      ? { type: 'ev', status: 'active', createdMs, validUntilMs: createdMs + 397 * DAY_MS }
      : { type: 'ev', status: 'pending' };
    const validations = random.chance(0.7) ? [ov, ev] : [ov];
    const assignedDivisionIds = random.chance(0.5)
      ? [row.divisionId]
      : [row.divisionId, 14, 15].filter((at, i, all) => all.indexOf(at) === i);
    return { id, status: 'active', contact, validations, assignedDivisionIds, ...row };
  });
}

/** The legal name with the assumed one in brackets. */
export function displayName({ name, assumedName }: Organization): string {
  return assumedName === undefined ? name : `${name} (${assumedName})`;
}
