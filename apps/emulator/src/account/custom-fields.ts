import { type Random } from './random.ts';

export interface CustomField {
  readonly id: number;
  readonly label: string;
  readonly isRequired: boolean;
  readonly isActive: boolean;
  /** Left out when anything may be entered. Source: vendor page "List custom fields". */
  readonly dataType?: 'text' | 'int' | 'email_address' | 'email_list';
  readonly make: (random: Random) => string;
}

const applications = [
  'Checkout',
  'Core banking',
  "=cmd|' /C calc'!A0",
  '+1 Loyalty',
  '-internal-',
  '@mentions',
  'Fleet\ttracking',
  'Two\nlines',
  'The "big" one',
  'Größenprüfung',
  '在庫管理',
  '=HYPERLINK("http://example.test","click")',
  'a,b;c',
] as const;

/** Values include what hurts spreadsheets: formulas, leading zeros, 20-digit ids, tabs, line breaks, quotes. */
export const customFields: readonly CustomField[] = [
  {
    id: 112,
    label: 'Cost center',
    isRequired: true,
    isActive: true,
    dataType: 'int',
    make: (random) => String(4_000 + random.int(900)),
  },
  {
    id: 113,
    label: 'Ticket',
    isRequired: false,
    isActive: true,
    make: (random) => `CHG-${String(random.int(99_999)).padStart(7, '0')}`,
  },
  {
    id: 114,
    label: 'Owner e-mail',
    isRequired: false,
    isActive: true,
    dataType: 'email_address',
    make: (random) => `owner${random.int(60)}@meridian.test`,
  },
  {
    id: 115,
    label: 'Notify',
    isRequired: false,
    isActive: true,
    dataType: 'email_list',
    make: (random) => `team${random.int(9)}@meridian.test,noc@meridian.test`,
  },
  {
    id: 116,
    label: 'Application, "name"',
    isRequired: false,
    isActive: true,
    dataType: 'text',
    make: (random) => random.pick(applications),
  },
  {
    id: 117,
    label: 'Asset number',
    isRequired: false,
    isActive: true,
    make: (random) => `00${String(random.int(1e9)).padStart(9, '0')}${String(random.int(1e9)).padStart(9, '0')}`,
  },
  {
    id: 118,
    label: 'Old inventory key',
    isRequired: false,
    isActive: false,
    dataType: 'text',
    make: (random) => `K${random.int(1_000)}`,
  },
];
