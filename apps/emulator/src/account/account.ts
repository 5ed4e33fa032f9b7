import { divisions, type Division } from './divisions.ts';
import { makeDomains, type Domain } from './domains.ts';
import { makeOrganizations, type Organization } from './organizations.ts';
import { makeUsers, type User } from './users.ts';

/** All that an account has apart from its orders; it does not change while the emulator runs. */
export interface Account {
  readonly id: number;
  readonly seed: number;
  /** First instant of the month the data is anchored to: nothing in it is younger. */
  readonly anchorMs: number;
  readonly organizations: readonly Organization[];
  readonly users: readonly User[];
  readonly domains: readonly Domain[];
  readonly division: (id: number) => Division | undefined;
  readonly organization: (id: number) => Organization | undefined;
  readonly user: (id: number) => User | undefined;
}

export function createAccount(seed: number, anchorMs: number): Account {
  const organizations = makeOrganizations(seed, anchorMs);
  const users = makeUsers(seed, anchorMs);
  const divisionsById = new Map(divisions.map((division) => [division.id, division]));
  const organizationsById = new Map(organizations.map((organization) => [organization.id, organization]));
  const usersById = new Map(users.map((user) => [user.id, user]));
  return {
    id: 900_100,
    seed,
    anchorMs,
    organizations,
    users,
    domains: makeDomains(seed, anchorMs, organizations),
    division: (id) => divisionsById.get(id),
    organization: (id) => organizationsById.get(id),
    user: (id) => usersById.get(id),
  };
}
