import { DAY_MS } from '../dates.ts';
import { divisions, ROOT_DIVISION_ID } from './divisions.ts';
import { randomFor, type Random } from './random.ts';

export interface AccessRole {
  readonly id: number;
  readonly name: string;
}

export interface User {
  readonly id: number;
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly jobTitle?: string;
  readonly telephone?: string;
  readonly status: 'active' | 'inactive';
  readonly lastLoginMs?: number;
  readonly divisionId: number;
  readonly role: AccessRole;
  /** Service users exist for API keys only and cannot sign in. */
  readonly isServiceUser: boolean;
  readonly assignedDivisionIds: readonly number[];
}

/** Source: vendor glossary, "access roles". */
const roles: readonly AccessRole[] = [
  { id: 1, name: 'Administrator' },
  { id: 2, name: 'Limited user' },
  { id: 3, name: 'Finance manager' },
  { id: 4, name: 'Manager' },
  { id: 5, name: 'Standard user' },
];

/** What a service user's API key may do. Source: vendor glossary, "API key roles". */
const apiKeyRoles: readonly AccessRole[] = [
  { id: 0, name: 'None' },
  { id: 100, name: 'Orders' },
  { id: 101, name: 'Orders, Domains, Organizations' },
  { id: 102, name: 'View Only' },
  { id: 103, name: 'User Management' },
];

const firstNames = [
  'Bo',
  'Cy',
  'Ada',
  'Jürgen',
  'Zoë',
  'Łukasz',
  '美咲',
  'Ngọc',
  '=Eve',
  "O'Shea",
  'Åsa',
  'Nadia',
  'Per "Pim"',
] as const;
const lastNames = [
  'Lind',
  'Moss',
  'Müller',
  'García',
  'Çelik',
  '佐藤',
  '+Watt',
  '-Hughes',
  '@Sign',
  'Иванова',
  'Ó Briain',
  'Da, Silva',
] as const;

const USERS = 40;
const SERVICE_USERS = apiKeyRoles.length;

export function makeUsers(seed: number, anchorMs: number): readonly User[] {
  return Array.from({ length: USERS }, (_, position) => {
    const random = randomFor(seed, 'user', position);
    const id = 3001 + position;
    const isServiceUser = position >= USERS - SERVICE_USERS;
    const firstName = isServiceUser ? 'Service' : random.pick(firstNames);
    const lastName = isServiceUser ? `Robot ${position}` : random.pick(lastNames);
    const email = isServiceUser ? `robot${position}@meridian.test` : `user${position}@meridian.test`;
    // The first five people have one role each, so that every small account has all of them.
    const drawn = random.pick(roles);
    const role = (isServiceUser ? apiKeyRoles[position - (USERS - SERVICE_USERS)] : roles[position]) ?? drawn;
    const divisionId = role.id === 1 ? ROOT_DIVISION_ID : random.pick(divisions).id;
    return {
      id,
      username: random.chance(0.7) ? email : `user.${position}`,
      firstName,
      lastName,
      email,
      ...(random.chance(0.6) && { jobTitle: random.pick(['PKI Engineer', 'Head of "Trust"', 'Sysadmin, night']) }),
      ...(random.chance(0.5) && { telephone: `+1 555 ${3000 + position}` }),
      status: position > 0 && (random.chance(0.1) || position % 17 === 5) ? 'inactive' : 'active',
      ...(!isServiceUser &&
        random.chance(0.85) && { lastLoginMs: anchorMs - random.int(90) * DAY_MS - random.int(80_000) * 1_000 }),
      divisionId,
      role,
      isServiceUser,
      assignedDivisionIds: divisionId === ROOT_DIVISION_ID ? [] : assignedDivisions(random, divisionId),
    };
  });
}

/** Most people are limited to nothing, some to their own division, a few to it and another. */
function assignedDivisions(random: Random, divisionId: number): readonly number[] {
  if (!random.chance(0.4)) return [];
  const another = random.pick(divisions.filter(({ id }) => id !== ROOT_DIVISION_ID && id !== divisionId)).id;
  return random.chance(0.3) ? [divisionId, another] : [divisionId];
}
