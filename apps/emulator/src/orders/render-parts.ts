import { type Division } from '../account/divisions.ts';
import { displayName, type Contact, type Organization } from '../account/organizations.ts';
import { type ServerPlatform } from '../account/server-platforms.ts';
import { type User } from '../account/users.ts';

/** Pieces that several JSON answers share. Absent values have no key: the service sends no nulls. */

export const divisionPart = ({ id, name, isActive }: Division) => ({ id, name, is_active: isActive });

export const divisionWithParent = ({ id, parentId, name, isActive }: Division) => ({
  id,
  parent_id: parentId,
  name,
  is_active: isActive,
});

export const userPart = ({ id, firstName, lastName, email }: User) => ({
  id,
  first_name: firstName,
  last_name: lastName,
  email,
});

export const contactPart = ({ firstName, lastName, email, jobTitle, telephone, telephoneExtension }: Contact) => ({
  first_name: firstName,
  last_name: lastName,
  email,
  ...(jobTitle !== undefined && { job_title: jobTitle }),
  ...(telephone !== undefined && { telephone }),
  ...(telephoneExtension !== undefined && { telephone_extension: telephoneExtension }),
});

export const platformPart = ({ id, name }: ServerPlatform) => ({
  id,
  name,
  install_url: `https://example.test/install/${id}`,
  csr_url: `https://example.test/csr/${id}`,
});

/** The organization as domains and divisions embed it, with `is_active` as text. */
export const organizationPart = (organization: Organization) => ({
  id: organization.id,
  status: organization.status,
  name: organization.name,
  ...(organization.assumedName !== undefined && { assumed_name: organization.assumedName }),
  display_name: displayName(organization),
  is_active: organization.status === 'active' ? '1' : '0',
});
