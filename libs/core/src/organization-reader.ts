import type { DomainId, OrganizationId } from './ids.ts';
import type { Domain, Organization, OrganizationContacts } from './organization.ts';
import type { Read } from './read.ts';

/** Reads within `read.scope`: an organization is visible where its own or an assigned division is. Errors as `OrderReader`. */
export interface OrganizationReader {
  findByIds(ids: readonly OrganizationId[], read: Read): Promise<readonly Organization[]>;
  findAll(read: Read): Promise<readonly Organization[]>;
}

export interface DomainReader {
  findByIds(ids: readonly DomainId[], read: Read): Promise<readonly Domain[]>;
  /** All domains, or those of the organizations given. */
  findAll(read: Read, organizationIds?: readonly OrganizationId[]): Promise<readonly Domain[]>;
}

export interface OrganizationContactReader {
  /**
   * The people of organizations, by id; a call each. Callers ask only for organizations that they were given within the
   * scope; an unknown one is left out. Errors as `OrderReader`.
   */
  find(ids: readonly OrganizationId[], read: Read): Promise<ReadonlyMap<OrganizationId, OrganizationContacts>>;
}
