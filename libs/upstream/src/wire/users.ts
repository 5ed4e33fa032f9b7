import type { ContainerId, Page, User } from '@certfolio/core';
import { z } from 'zod';
import { looseId, looseInteger, looseText, looseTimestamp, parseWith, requiredLooseText } from './loose.ts';
import { parsePage } from './page.ts';

const user = z.object({
  id: looseId,
  username: requiredLooseText,
  first_name: looseText,
  last_name: looseText,
  email: looseText,
  job_title: looseText,
  telephone: looseText,
  status: looseText,
  type: looseText,
  last_login_date: looseTimestamp,
  container: z.object({ id: looseInteger, name: looseText }).nullish(),
  access_roles: z.array(z.object({ id: looseId, name: looseText })).nullish(),
  container_assignments: z.array(z.object({ id: looseId })).nullish(),
});

/** GET /user and GET /service-user; CertCentral leaves out keys without a value. @throws WrongShape */
export function parseUsers(body: unknown, offset: number, isServiceUser = false): Page<User> {
  return parsePage(body, 'users', offset, (item) => parseUser(item, isServiceUser));
}

export function parseUser(item: unknown, isServiceUser = false): User {
  const wire = parseWith(user, item);
  return {
    id: wire.id,
    username: wire.username,
    firstName: wire.first_name,
    lastName: wire.last_name,
    email: wire.email,
    jobTitle: wire.job_title,
    telephone: wire.telephone,
    status: wire.status,
    type: wire.type,
    lastLogin: wire.last_login_date,
    containerId: (wire.container?.id ?? null) as ContainerId | null,
    containerName: wire.container?.name ?? null,
    roles: wire.access_roles ?? [],
    assignedContainerIds: (wire.container_assignments ?? []).map(({ id }) => id as ContainerId),
    isServiceUser,
  };
}
