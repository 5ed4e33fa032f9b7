import { type User } from '../account/users.ts';
import { isoInstant } from '../dates.ts';
import { notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/answer.ts';
import { type Call } from '../http/call.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { listTypes, type Route } from '../http/route.ts';
import { type World } from '../world.ts';
import { userContainerPart } from './containers.ts';

const properties: Properties<User> = new Map([
  ['id', { kind: 'number', read: ({ id }) => id }],
  ['status', { kind: 'text', read: ({ status }) => status }],
  ['username', { kind: 'text', read: ({ username }) => username }],
  ['first_name', { kind: 'text', read: ({ firstName }) => firstName }],
  ['last_name', { kind: 'text', read: ({ lastName }) => lastName }],
  ['email', { kind: 'text', read: ({ email }) => email }],
  [
    'search',
    { kind: 'names', read: ({ username, firstName, lastName, email }) => [username, firstName, lastName, email] },
  ],
]);

/** Empty values have no key. Sources: a recorded answer, vendor pages "List users", "List service users". */
export function userRoutes({ account, emptyLists }: World): readonly Route[] {
  const render = (user: User) => {
    const division = account.division(user.divisionId);
    return {
      id: user.id,
      username: user.username,
      account_id: account.id,
      first_name: user.firstName,
      last_name: user.lastName,
      email: user.email,
      ...(user.jobTitle !== undefined && { job_title: user.jobTitle }),
      ...(user.telephone !== undefined && { telephone: user.telephone }),
      status: user.status,
      ...(user.lastLoginMs !== undefined && { last_login_date: isoInstant(user.lastLoginMs) }),
      ...(division && { container: userContainerPart(division) }),
      access_roles: [user.role],
      type: user.isServiceUser ? 'api_only' : 'standard',
      has_container_assignments: user.assignedDivisionIds.length > 0,
      ...(user.assignedDivisionIds.length > 0 && { container_assignments: assignments(user) }),
    };
  };
  const assignments = (user: User) =>
    user.assignedDivisionIds.flatMap((id) => account.division(id) ?? []).map(({ id, name }) => ({ id, name }));

  const people = account.users.filter(({ isServiceUser }) => !isServiceUser);
  const robots = account.users.filter(({ isServiceUser }) => isServiceUser);

  const list = (call: Call): Answer => {
    const divisionId = call.query.value('container_id');
    const roleId = call.query.value('access_role_id');
    const visible = people.filter((user) => {
      const isInDivision = divisionId === undefined || user.divisionId === Number(divisionId);
      return isInDivision && (roleId === undefined || user.role.id === Number(roleId));
    });
    const renderShort = (user: User) => {
      const { container: _left, ...rest } = render(user);
      return rest;
    };
    const selected = selectItems(visible, call.query, properties, call.nowMs);
    return pagedList('users', selected, call.query.flag('without_container') ? renderShort : render, call, emptyLists);
  };
  const listRobots = (call: Call) =>
    pagedList('users', selectItems(robots, call.query, properties, call.nowMs), render, call, emptyLists);
  const info = (id: number | undefined): Answer => {
    const user = id === undefined ? undefined : account.user(id);
    if (user === undefined) throw notFound('user');
    return json(render(user));
  };

  return [
    { method: 'GET', pattern: '/user', types: listTypes, answer: list },
    { method: 'GET', pattern: '/user/me', answer: () => info(account.users[0]?.id) },
    { method: 'GET', pattern: '/user/api-only', types: listTypes, answer: listRobots },
    { method: 'GET', pattern: '/service-user', types: listTypes, answer: listRobots },
    { method: 'GET', pattern: '/user/{id}', answer: ({ param }) => info(Number(param('id'))) },
  ];
}
