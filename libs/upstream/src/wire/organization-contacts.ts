import type { OrganizationContacts } from '@certfolio/core';
import { z } from 'zod';
import { parseWith } from './loose.ts';
import { contact, person } from './people.ts';

const people = z.object({
  organization_contact: contact.nullish(),
  verified_contacts: z.array(person).nullish(),
  contacts: z.array(contact).nullish(),
});

/** The people in GET /organization/{id}. @throws WrongShape */
export function parseOrganizationContacts(body: unknown): OrganizationContacts {
  const wire = parseWith(people, body);
  return {
    organizationContact: wire.organization_contact ?? null,
    verifiedContacts: wire.verified_contacts ?? [],
    contacts: wire.contacts ?? [],
  };
}
