import type { OrganizationContact, Person } from '@certfolio/core';
import { z } from 'zod';
import { looseInteger, looseText } from './loose.ts';

/** A person inside another record, by whatever of it is given. */
export const person = z
  .object({ id: looseInteger, first_name: looseText, last_name: looseText, email: looseText })
  .transform((wire): Person => ({
    id: wire.id,
    firstName: wire.first_name,
    lastName: wire.last_name,
    email: wire.email,
  }));

export const contact = z
  .object({
    id: looseInteger,
    first_name: looseText,
    last_name: looseText,
    email: looseText,
    job_title: looseText,
    telephone: looseText,
    telephone_extension: looseText,
    contact_type: looseText,
  })
  .transform((wire): OrganizationContact => ({
    id: wire.id,
    firstName: wire.first_name,
    lastName: wire.last_name,
    email: wire.email,
    jobTitle: wire.job_title,
    telephone: wire.telephone,
    telephoneExtension: wire.telephone_extension,
    contactType: wire.contact_type,
  }));
